import { describe, expect, it } from "vitest";
import {
  highestUnder,
  ISA_LIMITS,
  isaLimitIn,
  isaPairs,
  isaSteps,
  isUnder,
  propertiesUnder,
} from "../../../lib/bench/isa.js";
import type { InferenceFacts } from "../../../lib/bench/inference-facts.js";
import { planBench, type BenchPlan } from "../../../lib/bench/plan.js";
import { selfChecks } from "../../../lib/bench/self-checks.js";
import { summarize } from "../../../lib/bench/summary.js";
import { flagsFromKernel, type OneDnnIsa } from "../../../lib/doctor/instruction-sets.js";
import { dataOf, factsOf, runOf } from "./sample-data.js";

function flags(text: string, amxPermitted: boolean | null = null) {
  return { ...flagsFromKernel(new Set(text.split(" "))), amxPermitted };
}

const SERVER = "avx2 avx512f avx512bw avx512_vnni avx512_bf16";

describe("isaSteps", () => {
  it("gives the limits below the best that a processor has which change kernels", () => {
    expect(isaSteps(flags(SERVER))).toEqual(["AVX2", "AVX512_CORE", "AVX512_CORE_VNNI"]);
    const amx = `${SERVER} avx_vnni avx512_fp16 amx_tile amx_int8 amx_bf16`;
    expect(isaSteps(flags(amx, true))).toEqual([
      "AVX2",
      "AVX512_CORE",
      "AVX512_CORE_VNNI",
      "AVX512_CORE_BF16",
    ]);
    expect(isaSteps(flags("avx2 avx_vnni"))).toEqual(["AVX2"]);
    expect(isaSteps(flags("avx2"))).toEqual([]);
  });

  it("counts AMX as absent where the kernel does not permit it", () => {
    expect(isaSteps(flags(`${SERVER} amx_tile amx_int8`, false))).toEqual(isaSteps(flags(SERVER)));
  });
});

describe("limits", () => {
  it("rule out what is above them", () => {
    for (const limit of ISA_LIMITS) expect(isUnder(highestUnder(limit), limit)).toBe(true);
    expect(isUnder("avx512_core_vnni", "AVX2")).toBe(false);
    expect(isUnder("sse41", "AVX2")).toBe(true);
  });

  it("are read from an environment by either name", () => {
    expect(isaLimitIn({ ONEDNN_MAX_CPU_ISA: "AVX2" })).toBe("AVX2");
    expect(isaLimitIn({ DNNL_MAX_CPU_ISA: "AVX2" })).toBe("AVX2");
    expect(isaLimitIn({})).toBeNull();
  });

  it("ask for what a processor of that kind gets by itself", () => {
    expect(propertiesUnder(null, { NUM_STREAMS: 1 })).toEqual({ NUM_STREAMS: 1 });
    expect(propertiesUnder("AVX512_CORE_VNNI", { NUM_STREAMS: 1 })).toEqual({
      NUM_STREAMS: 1,
      INFERENCE_PRECISION_HINT: "f32",
    });
    expect(propertiesUnder("AVX2", {})).toMatchObject({ DYNAMIC_QUANTIZATION_GROUP_SIZE: 0 });
    expect(propertiesUnder("AVX512_CORE_BF16", {})).toEqual({});
  });

  it("refuse a property that asks for what they rule out", () => {
    expect(() => propertiesUnder("AVX2", { INFERENCE_PRECISION_HINT: "bf16" })).toThrow(
      /f32 or nothing under the limit AVX2 for options.properties.INFERENCE_PRECISION_HINT.*bf16/,
    );
    expect(propertiesUnder("AVX2", { INFERENCE_PRECISION_HINT: "F32" })).toMatchObject({
      INFERENCE_PRECISION_HINT: "f32",
    });
  });
});

describe("a plan with isaCompare", () => {
  const TINY = { levels: [1], repeats: 2, numPrompts: 1 };

  it("has each model again for each limit, the highest first, and lets them take turns", () => {
    const plan = planBench(["a", "b"], { ...TINY, isaCompare: ["AVX2", "AVX512_CORE_VNNI"] });
    expect(plan.options.isaCompare).toEqual(["AVX512_CORE_VNNI", "AVX2"]);
    expect(plan.targets.map(({ label, model, isa }) => [label, model, isa])).toEqual([
      ["a", "a", null],
      ["a · AVX-512 VNNI", "a", "AVX512_CORE_VNNI"],
      ["a · AVX2", "a", "AVX2"],
      ["b", "b", null],
      ["b · AVX-512 VNNI", "b", "AVX512_CORE_VNNI"],
      ["b · AVX2", "b", "AVX2"],
    ]);
    expect(plan.runs.slice(0, 6).map(({ target, repeat }) => [target, repeat])).toEqual([
      ["a", 1],
      ["a · AVX-512 VNNI", 1],
      ["a · AVX2", 1],
      ["a · AVX2", 2],
      ["a · AVX-512 VNNI", 2],
      ["a", 2],
    ]);
  });

  it("gives every variant the same load", () => {
    const { runs } = planBench(["a"], { ...TINY, isaCompare: ["AVX2"] });
    const prompts = (target: string) =>
      runs.filter((run) => run.target === target).map((run) => run.firstPrompt);
    expect(prompts("a · AVX2")).toEqual(prompts("a"));
  });

  it("keeps different numbers of batched tokens apart", () => {
    const { targets } = planBench(["a"], { ...TINY, isaCompare: ["AVX2"], maxNumBatchedTokens: [32, 64] });
    expect(isaPairs(targets)).toEqual([
      { first: "a (32 batched tokens)", second: "a (32 batched tokens) · AVX2" },
      { first: "a (64 batched tokens)", second: "a (64 batched tokens) · AVX2" },
    ]);
  });

  it.each([
    [["AVX9"], /"AVX2", .* for options.isaCompare\[0\] but received "AVX9"/],
    [[], /isaCompare/],
    [["AVX2", "AVX2"], /without repetition/],
    ["AVX2", /isaCompare/],
  ])("refuses %j", (isaCompare, message) => {
    expect(() => planBench(["a"], { isaCompare: isaCompare as never })).toThrow(message);
  });

  it("does not go with a server, another device, or properties that the limit rules out", () => {
    const http = { url: "http://127.0.0.1:1" };
    expect(() => planBench(["a"], { isaCompare: ["AVX2"], http })).toThrow(/http.*isaCompare/);
    expect(() => planBench(["a"], { isaCompare: ["AVX2"], device: "GPU" })).toThrow(/GPU.*isaCompare/);
    const properties = { INFERENCE_PRECISION_HINT: "bf16" };
    expect(() => planBench(["a"], { isaCompare: ["AVX2"], properties })).toThrow(/INFERENCE_PRECISION_HINT/);
  });
});

describe("a summary with isaCompare", () => {
  /** The limited variant takes twice as long for a token. */
  const runs = ({ runs: planned }: BenchPlan) =>
    planned.map((run) => runOf(run, { tpotMs: run.target.endsWith("AVX2") ? 20 : 10 }));
  const inference = (instructionSet: OneDnnIsa) => ({ ok: true, instructionSet }) as InferenceFacts;

  it("says how many times as fast the model is without the limit", () => {
    const { isaRatios, precisionRatios, densityRatios } = summarize(
      dataOf({ isaCompare: ["AVX2"] }, { runs }),
    );
    expect(
      isaRatios.map(({ first, second, concurrency, byTpot }) => [first, second, concurrency, byTpot]),
    ).toEqual([
      ["model", "model · AVX2", 1, 2],
      ["model", "model · AVX2", 2, 2],
    ]);
    expect([precisionRatios, densityRatios]).toEqual([[], []]);
  });

  it("compares precisions of models without limits only", () => {
    const precisionOf = (label: string) => (label.includes("int4") ? "INT4" : "INT8");
    const { plan } = dataOf({ isaCompare: ["AVX2"] }, { models: ["m-int4", "m-int8"] });
    const targets = plan.targets.map(({ label }) =>
      factsOf(label, { files: { precision: precisionOf(label), isMoe: false } as never }),
    );
    const data = dataOf({ isaCompare: ["AVX2"] }, { models: ["m-int4", "m-int8"], targets });
    const { precisionRatios } = summarize(data);
    expect(new Set(precisionRatios.map(({ first, second }) => `${first}/${second}`))).toEqual(
      new Set(["m-int4/m-int8"]),
    );
  });

  it("checks that the limit is seen in the kernels", () => {
    const checkOf = (found: OneDnnIsa | null) => {
      const targets = [
        factsOf("model", { inference: inference("avx512_core_vnni") }),
        factsOf("model · AVX2", { inference: found === null ? null : inference(found) }),
      ];
      const data = dataOf({ isaCompare: ["AVX2"] }, { targets });
      return selfChecks(data).find(({ name }) => name === "isa-limit");
    };
    expect(checkOf("avx2")).toMatchObject({
      status: "ok",
      message: expect.stringContaining("avx2") as string,
    });
    expect(checkOf("avx512_core")).toMatchObject({ status: "fail" });
    expect(checkOf(null)).toMatchObject({ status: "warn" });
    expect(selfChecks(dataOf()).map(({ name }) => name)).not.toContain("isa-limit");
  });

  it("reads a plan of an earlier version, which has no limits", () => {
    const data = dataOf();
    const older = data.plan.targets.map((target) => ({ ...target, isa: undefined }));
    const read = { ...data, plan: { ...data.plan, targets: older } } as unknown as typeof data;
    expect(summarize(read).isaRatios).toEqual([]);
  });
});
