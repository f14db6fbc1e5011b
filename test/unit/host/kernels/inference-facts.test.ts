import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { NativePhase, NativeProfile } from "../../../../lib/native/native-profile.js";
import { inferenceFactsOf, type InferenceFacts } from "../../../../lib/host/kernels/inference-facts.js";
import { kernelLines } from "../../../../lib/host/kernels/kernel-text.js";
import { profileModel } from "../../../../lib/host/kernels/profile-model.js";

const LOG = readFileSync(new URL("fixtures/onednn-smollm2-avx512-vnni.log", import.meta.url), "utf8");

function phase(tokens: number, inferences: number): NativePhase {
  return {
    tokens,
    inferences,
    kernels: [
      { nodeType: "RMS", kernel: "jit_avx512_f32", count: 61, ms: 1 },
      { nodeType: "FullyConnectedCompressed", kernel: "brgemm_avx512_f32", count: 211, ms: 7 },
      { nodeType: "PagedAttentionExtension", kernel: "ref_any_f32", count: 30, ms: 2 },
    ],
  };
}

const PROFILE: NativeProfile = {
  paged: true,
  properties: {
    INFERENCE_PRECISION_HINT: "f32",
    KV_CACHE_PRECISION: "u8",
    DYNAMIC_QUANTIZATION_GROUP_SIZE: "32",
    INFERENCE_NUM_THREADS: "2",
  },
  phases: [phase(128, 2), phase(1, 12), phase(8, 8)],
};

function facts(profile: Partial<NativeProfile> = {}, isaLimit: string | null = null): InferenceFacts {
  return inferenceFactsOf({ ...PROFILE, ...profile }, LOG, isaLimit);
}

describe("inferenceFactsOf", () => {
  it("gives shares of the time that add up to 1, the largest first", () => {
    const { prefill, decode, batchDecode } = facts().phases;
    expect(prefill).toMatchObject({ tokens: 128, inferences: 2, totalMs: 10 });
    expect(prefill.kernels.map(({ nodeType, timeShare }) => [nodeType, timeShare])).toEqual([
      ["FullyConnectedCompressed", 0.7],
      ["PagedAttentionExtension", 0.2],
      ["RMS", 0.1],
    ]);
    expect([decode.tokens, batchDecode?.tokens]).toEqual([1, 8]);
  });

  it("takes types and instruction set from oneDNN's log, and what is in force from the compiled model", () => {
    expect(facts()).toMatchObject({
      ok: true,
      instructionSet: "avx512_core_vnni",
      graph: "paged",
      inForce: {
        inferencePrecision: "f32",
        kvCachePrecision: "u8",
        dynamicQuantizationGroupSize: 32,
        inferenceThreads: 2,
      },
    });
    expect(facts().oneDnnKernels.every(({ operation }) => /inner_product|matmul/.test(operation))).toBe(true);
    expect(facts({}, "AVX2").isaLimit).toBe("AVX2");
  });

  it("knows nothing in force where the compiled model reports nothing", () => {
    const { inForce, graph } = facts({ properties: {}, paged: false });
    expect(Object.values(inForce)).toEqual([null, null, null, null]);
    expect(graph).toBe("stateful");
  });

  it("has no decoding of many where there was one sequence, and shares of 0 where no time was seen", () => {
    const idle = {
      ...phase(1, 1),
      kernels: [{ nodeType: "FullyConnected", kernel: "jit", count: 1, ms: 0 }],
    };
    const { decode, batchDecode } = facts({ phases: [phase(8, 2), idle] }).phases;
    expect(batchDecode).toBeNull();
    expect(decode.kernels[0]?.timeShare).toBe(0);
  });

  it("leaves out what took no time, except weight layers", () => {
    const short = {
      ...phase(1, 1),
      kernels: [
        { nodeType: "Reshape", kernel: "unknown_bf16", count: 2, ms: 0 },
        { nodeType: "FullyConnected", kernel: "brgemm_avx512_bf16", count: 4, ms: 0 },
        { nodeType: "RMS", kernel: "jit_avx512_bf16", count: 2, ms: 1 },
      ],
    };
    const { decode } = facts({ phases: [phase(8, 2), short] }).phases;
    expect(decode.kernels.map(({ nodeType, timeShare }) => [nodeType, timeShare])).toEqual([
      ["RMS", 1],
      ["FullyConnected", 0],
    ]);
  });

  it("refuses a profile that lacks a phase", () => {
    expect(() => facts({ phases: [phase(8, 2)] })).toThrow(/phase is missing/);
  });
});

describe("kernelLines", () => {
  it("names what is in force and the kernels that took most of the time", () => {
    const lines = kernelLines(facts({}, "AVX512_CORE_VNNI"));
    expect(lines[0]).toMatch(
      /AVX-512 VNNI \(brgemm:avx512_core_vnni.*limited to AVX512_CORE_VNNI, inference in f32, KV cache in u8/,
    );
    expect(lines[1]).toBe(
      "AMX: prefill of 128 tokens no (brgemm_avx512_f32 70 %), 1 token no (brgemm_avx512_f32 70 %), " +
        "8 tokens no (brgemm_avx512_f32 70 %)",
    );
    expect(lines[2]).toBe(
      "prefill (128 tokens, 10.0 ms): FullyConnectedCompressed brgemm_avx512_f32 70.0 %, " +
        "PagedAttentionExtension ref_any_f32 20.0 %, RMS jit_avx512_f32 10.0 %",
    );
    expect(lines[3]).toContain("decode (1 token, ");
    expect(lines).toHaveLength(5);
  });

  it("says why nothing is known, and nothing where nobody looked", () => {
    expect(kernelLines({ ok: false, message: "Not profiled: no memory." })).toEqual([
      "Not profiled: no memory.",
    ]);
    expect(kernelLines(null)).toEqual([]);
    expect(kernelLines(undefined)).toEqual([]);
  });
});

describe("profileModel", () => {
  const model = {
    path: "/nowhere",
    device: "CPU",
    properties: {},
    promptTokens: 8,
    sequences: 1,
    vocabSize: 100,
    modelBytes: 8e9,
  };

  it("does not load a model that would not fit into memory", async () => {
    const inference = await profileModel({ ...model, availableBytes: 9e9 });
    expect(inference).toEqual({
      ok: false,
      message: "Not profiled: that takes about 10.3 GB and 9.0 GB are free.",
    });
  });

  it("knows only kernels of the CPU", async () => {
    const inference = await profileModel({ ...model, device: "GPU" });
    expect(inference).toMatchObject({ ok: false, message: expect.stringContaining("GPU") as string });
  });
});
