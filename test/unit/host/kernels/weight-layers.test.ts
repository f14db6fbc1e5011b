import { describe, expect, it } from "vitest";
import type { InferenceFacts, PhaseProfile } from "../../../../lib/host/kernels/inference-facts.js";
import { amxSentence, layerTypesText, weightLayerLines } from "../../../../lib/host/kernels/kernel-text.js";
import { weightLayersOf } from "../../../../lib/host/kernels/weight-layers.js";

type Row = readonly [nodeType: string, kernel: string, count: number, timeShare: number];

function phase(tokens: number, rows: readonly Row[]): PhaseProfile {
  const kernels = rows.map(([nodeType, kernel, count, timeShare]) => ({
    nodeType,
    kernel,
    count,
    timeShare,
  }));
  return { tokens, inferences: 2, totalMs: 10, kernels };
}

// As profiled on a Xeon with AMX: SmolLM2-135M in 4 bits, and a model of one layer with 16-bit weights.
const PREFILL_4_BITS = phase(128, [
  ["FullyConnectedCompressed", "brgemm_avx512_amx_bf16", 210, 0.79],
  ["PagedAttentionExtension", "ref_any_bf16", 30, 0.093],
  ["FullyConnectedCompressed", "brgemm_avx512_bf16", 1, 0.057],
  ["MatMul", "brgemm_avx2_f32", 1, 0.001],
]);
const DECODE_4_BITS = phase(1, [
  ["FullyConnectedCompressed", "brgemm_avx512_bf16", 211, 0.868],
  ["PagedAttentionExtension", "ref_any_bf16", 30, 0.103],
]);
const BATCH_4_BITS = phase(8, [["FullyConnectedCompressed", "brgemm_avx512_amx_bf16", 211, 0.785]]);
const DECODE_16_BITS = phase(1, [
  ["FullyConnected", "brgemm_avx512_amx_bf16", 3, 0.337],
  ["PagedAttentionExtension", "ref_any_bf16", 1, 0.303],
  ["LLMMLP", "ref_any_bf16", 1, 0.225],
]);
const EXPERTS = phase(128, [
  ["GatherMatmulCompressed", "brgemm_avx512_bf16", 6, 0.84],
  ["FullyConnectedCompressed", "brgemm_avx512_amx_bf16", 12, 0.1],
]);

function facts(phases: InferenceFacts["phases"], changes: Partial<InferenceFacts> = {}): InferenceFacts {
  return {
    ok: true,
    instructionSet: "avx10_1_512_amx",
    isaLimit: null,
    activationTypes: ["bf16"],
    weightTypes: ["u4", "u8"],
    isDynamicallyQuantized: false,
    inForce: {
      inferencePrecision: "bf16",
      kvCachePrecision: "u8",
      dynamicQuantizationGroupSize: 32,
      inferenceThreads: 2,
    },
    graph: "paged",
    phases,
    oneDnnKernels: [],
    oneDnnVersion: "3.13.0",
    detected: null,
    ...changes,
  };
}

describe("weightLayersOf", () => {
  it("sums up the kernels of layers with weights, and leaves the others out", () => {
    expect(weightLayersOf(PREFILL_4_BITS)).toEqual({
      tokens: 128,
      kernels: [
        { name: "brgemm_avx512_amx_bf16", usesAmx: true, timeShare: 0.79 },
        { name: "brgemm_avx512_bf16", usesAmx: false, timeShare: 0.057 },
      ],
      amx: "yes",
    });
    expect(weightLayersOf(DECODE_4_BITS).amx).toBe("no");
  });

  it("counts what OpenVINO runs as one layer as AMX, whose kernel has no name of its own", () => {
    expect(weightLayersOf(DECODE_16_BITS)).toMatchObject({
      kernels: [
        { name: "brgemm_avx512_amx_bf16", usesAmx: true },
        { name: "LLMMLP", usesAmx: true },
      ],
      amx: "yes",
    });
    const fused = phase(8, [
      ["QKVProjection", "ref_any_bf16", 16, 0.3],
      ["FullyConnected", "brgemm_avx512_bf16", 16, 0.2],
    ]);
    expect(weightLayersOf(fused).amx).toBe("yes");
  });

  it("says partly where AMX takes less than half of the time, as in a mixture of experts", () => {
    expect(weightLayersOf(EXPERTS).amx).toBe("partly");
  });

  it("goes by the number of layers where they are too short to be timed", () => {
    const untimed = phase(1, [
      ["FullyConnected", "brgemm_avx512_amx_bf16", 1, 0],
      ["FullyConnected", "brgemm_avx512_bf16", 3, 0],
    ]);
    expect(weightLayersOf(untimed)).toMatchObject({
      amx: "partly",
      kernels: [{ name: "brgemm_avx512_bf16" }, { name: "brgemm_avx512_amx_bf16" }],
    });
  });

  it("knows nothing where no layer with weights was seen", () => {
    expect(weightLayersOf(phase(1, [["Add", "jit_avx512_f32", 1, 1]]))).toEqual({
      tokens: 1,
      kernels: [],
      amx: null,
    });
  });
});

describe("what is said of AMX", () => {
  const dense = facts({ prefill: PREFILL_4_BITS, decode: DECODE_4_BITS, batchDecode: BATCH_4_BITS });
  const experts = facts({ prefill: EXPERTS, decode: phase(1, []), batchDecode: null });

  it("is a sentence over the phases", () => {
    expect(amxSentence(dense)).toBe(
      "AMX: prefill of 128 tokens yes (brgemm_avx512_amx_bf16 79 %), 1 token no (brgemm_avx512_bf16 87 %), " +
        "8 tokens yes (brgemm_avx512_amx_bf16 79 %)",
    );
    expect(amxSentence(experts)).toBe(
      "AMX: prefill of 128 tokens partly (brgemm_avx512_bf16 84 %, brgemm_avx512_amx_bf16 10 %), 1 token unknown",
    );
  });

  it("is a line for each phase", () => {
    expect(weightLayerLines(dense)).toEqual([
      "prefill of 128 tokens: AMX (brgemm_avx512_amx_bf16 79 %)",
      "1 token: no AMX (brgemm_avx512_bf16 87 %)",
      "8 tokens: AMX (brgemm_avx512_amx_bf16 79 %)",
    ]);
    expect(weightLayerLines(experts)).toEqual([
      "prefill of 128 tokens: AMX in part (brgemm_avx512_bf16 84 %, brgemm_avx512_amx_bf16 10 %)",
      "1 token: no weight layer was seen",
    ]);
  });

  it("goes with what the weight layers take: quantised on arrival, beforehand, or not", () => {
    const text = (changes: Partial<InferenceFacts>) => layerTypesText(facts(dense.phases, changes));
    expect(text({})).toBe("u4 and u8 weights, bf16 activations, not quantised");
    expect(text({ activationTypes: ["f32"], isDynamicallyQuantized: true })).toBe(
      "u4 and u8 weights, f32 activations, quantised to 8 bits in groups of 32",
    );
    expect(text({ activationTypes: ["s8"], weightTypes: ["s8"] })).toBe("s8 weights, s8 activations");
    expect(text({ activationTypes: [], weightTypes: [] })).toBe("bf16 activations, not quantised");
  });
});
