import { describe, expect, it } from "vitest";
import { isaPairs } from "../../lib/summary/isa-pairs.js";
import type { InferenceFacts } from "../../../../lib/host/kernels/inference-facts.js";
import { planBench, type BenchPlan } from "../../lib/plan/plan.js";
import { selfChecks } from "../../lib/summary/self-checks.js";
import { summarize } from "../../lib/summary/summary.js";
import type { OneDnnIsa } from "../../../../lib/host/kernels/instruction-sets.js";
import { dataOf, factsOf, runOf } from "./sample-data.js";

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
    [["AVX2", "AVX2"], /different values/],
    ["AVX2", /isaCompare/],
  ])("refuses %j", (isaCompare, message) => {
    expect(() => planBench(["a"], { isaCompare: isaCompare as never })).toThrow(message);
  });

  it("does not go with a server, another device, or properties that the limit rules out", () => {
    const http = { url: "http://127.0.0.1:1" };
    expect(() => planBench(["a"], { isaCompare: ["AVX2"], http })).toThrow(/with http for .*isaCompare/);
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
