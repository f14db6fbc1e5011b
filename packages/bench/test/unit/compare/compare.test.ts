import { describe, expect, it } from "vitest";
import { compareBenchmarks } from "../../../lib/compare/compare.js";
import type { BenchComparison, ComparedMetric, MetricComparison } from "../../../lib/compare/comparison.js";
import type { BenchData } from "../../../lib/results/bench-data.js";
import type { BenchOptions } from "../../../lib/plan/bench-options.js";
import type { PlannedRun } from "../../../lib/plan/plan.js";
import type { RunRecord } from "../../../lib/measure/records.js";
import { dataOf, ENVIRONMENT, factsOf, QUIET_HOST, requestOf, runOf } from "../sample-data.js";

/** A benchmark with three repeats in which every token comes after the same time. */
function benchmark(tpotMs: number | ((run: PlannedRun) => number), options: BenchOptions = {}): BenchData {
  const of = typeof tpotMs === "number" ? () => tpotMs : tpotMs;
  return dataOf(
    { repeats: 3, ...options },
    { runs: ({ runs }) => runs.map((run) => runOf(run, { tpotMs: of(run) })) },
  );
}

function withRequests(
  data: BenchData,
  change: (request: RunRecord["requests"][number]) => object,
): BenchData {
  const runs = data.runs.map((run) => ({
    ...run,
    requests: run.requests.map((request) => ({ ...request, ...change(request) })),
  }));
  return { ...data, runs };
}

function metricOf(comparison: BenchComparison, metric: ComparedMetric, concurrency = 2): MetricComparison {
  const level = comparison.levels.find((one) => one.concurrency === concurrency);
  const found = level?.metrics.find((one) => one.metric === metric);
  if (found === undefined) throw new Error(`No ${metric} at ${concurrency}.`);
  return found;
}

const FEW = { resamples: 200 };

describe("compareBenchmarks", () => {
  it("calls a benchmark and itself the same in everything", () => {
    const data = benchmark(10);
    const comparison = compareBenchmarks(data, data, FEW);
    expect(comparison.verdict).toBe("same");
    expect(comparison.levels.map(({ concurrency }) => concurrency)).toEqual([1, 2]);
    const metrics = comparison.levels.flatMap((level) => level.metrics);
    expect(metrics).toHaveLength(10);
    for (const { ratio, verdict, test } of metrics) {
      expect(ratio).toEqual({ value: 1, low: 1, high: 1 });
      expect([verdict, test.pValue]).toEqual(["same", 1]);
    }
    expect(comparison.differences).toEqual([]);
    expect(comparison.notices).toEqual([]);
  });

  it("reports which figures are slower, by how much, and which are as they were", () => {
    const comparison = compareBenchmarks(benchmark(10), benchmark(12), FEW);
    expect(comparison.verdict).toBe("slower");
    const tpot = metricOf(comparison, "tpotMs");
    expect(tpot.a).toEqual({ mean: 10, n: 96 });
    expect(tpot.b).toEqual({ mean: 12, n: 96 });
    expect(tpot.ratio.value).toBeCloseTo(1.2, 12);
    expect(tpot.verdict).toBe("slower");
    expect(tpot.test).toMatchObject({ u: 96 * 96, order: "larger" });
    expect(metricOf(comparison, "itlMs")).toMatchObject({ a: { mean: 10, n: 96 }, verdict: "slower" });
    expect(metricOf(comparison, "ttftMs").verdict).toBe("same");
    // 60 + 70 ms and 60 + 84 ms.
    expect(metricOf(comparison, "e2elMs").ratio.value).toBeCloseTo(144 / 130, 12);
    const throughput = metricOf(comparison, "outputThroughput");
    expect(throughput.ratio.value).toBeCloseTo(130 / 144, 12);
    expect(throughput).toMatchObject({ a: { n: 3 }, verdict: "slower", test: { adjustedPValue: null } });
  });

  it("gives the opposite where A and B are exchanged", () => {
    const comparison = compareBenchmarks(benchmark(12), benchmark(10), FEW);
    expect(comparison.verdict).toBe("faster");
    expect(metricOf(comparison, "tpotMs").verdict).toBe("faster");
    expect(metricOf(comparison, "outputThroughput").verdict).toBe("faster");
  });

  it("is not misled by many requests of repeats that disagree", () => {
    // Every request of two repeats is slower, by far; those of the third are faster.
    const drifting = benchmark(({ repeat }) => [7, 13, 14][repeat - 1] ?? 0);
    const comparison = compareBenchmarks(benchmark(10), drifting, { resamples: 1000 });
    const tpot = metricOf(comparison, "tpotMs");
    expect(tpot.ratio.value).toBeCloseTo(34 / 30, 12);
    expect(tpot.test.adjustedPValue).toBeLessThan(0.001);
    expect(tpot.test.order).toBe("larger");
    expect(tpot.ratio.low).toBeLessThan(1);
    expect(tpot.verdict).toBe("unclear");
    expect(comparison.verdict).toBe("unclear");
  });

  it("judges what it is asked for, and that alone", () => {
    const judge = (metrics: ComparedMetric[]) =>
      compareBenchmarks(benchmark(10), benchmark(12), { ...FEW, metrics });
    expect(judge(["ttftMs"]).verdict).toBe("same");
    const both = judge(["outputThroughput", "tpotMs"]);
    expect(both.levels[0]?.metrics.map(({ metric }) => metric)).toEqual(["tpotMs", "outputThroughput"]);
    // Of two levels, one figure each: the smaller of two equal p-values is doubled.
    const { pValue, adjustedPValue } = metricOf(judge(["tpotMs"]), "tpotMs").test;
    expect(adjustedPValue).toBeCloseTo(2 * pValue, 12);
  });

  it("counts no difference within the threshold", () => {
    const at = (thresholdPercent: number) =>
      compareBenchmarks(benchmark(10), benchmark(10.4), { ...FEW, metrics: ["tpotMs"], thresholdPercent });
    expect(at(5).verdict).toBe("same");
    expect(at(3).verdict).toBe("slower");
    expect(compareBenchmarks(benchmark(10), benchmark(10.4), FEW).thresholdPercent).toBe(5);
  });

  it("shows nothing by throughput with two repeats, and by nothing with two requests", () => {
    const two = { repeats: 2 };
    const throughput = compareBenchmarks(benchmark(10, two), benchmark(20, two), {
      ...FEW,
      metrics: ["outputThroughput"],
    });
    expect(throughput.verdict).toBe("unclear");
    const one = { levels: [1], repeats: 1, numPrompts: 2 };
    const comparison = compareBenchmarks(benchmark(10, one), benchmark(20, one), FEW);
    for (const { ratio, verdict } of comparison.levels.flatMap(({ metrics }) => metrics)) {
      expect(ratio).toMatchObject({ low: null, high: null });
      expect(verdict).toBe("unclear");
    }
    expect(comparison.notices).toContainEqual(expect.stringMatching(/^Measured once: /));
  });

  it("is plain JSON, fixed by its seed", () => {
    const [a, b] = [benchmark(10), benchmark(({ repeat }) => 9 + repeat)];
    const at = (seed: number) => compareBenchmarks(a, b, { ...FEW, seed });
    expect(JSON.parse(JSON.stringify(at(1)))).toEqual(at(1));
    expect(at(2)).not.toEqual(at(1));
  });

  it("compares by the stamps of arrival where one side is a server", () => {
    const b: BenchData = {
      ...benchmark(10),
      targets: [factsOf("model", { engine: "http", stamps: "client" })],
    };
    const comparison = compareBenchmarks(benchmark(10), b, FEW);
    expect(comparison.levels[0]?.stamps).toBe("delivered");
    // Each token of the sample arrives 0.25 ms after it was produced.
    expect(metricOf(comparison, "ttftMs")).toMatchObject({ a: { mean: 60.25 }, b: { mean: 60.25 } });
    expect(metricOf(compareBenchmarks(benchmark(10), benchmark(10), FEW), "ttftMs").a.mean).toBe(60);
    expect(comparison.notices).toContainEqual(expect.stringMatching(/^Against a server: /));
  });

  it("weighs the gaps between tokens alike, however many a request has", () => {
    const uneven = withRequests(benchmark(10, { repeats: 1, levels: [1], numPrompts: 2 }), ({ index }) =>
      index === 0 ? requestOf({ index, tpotMs: 10, expectedTokens: 2 }) : requestOf({ index, tpotMs: 20 }),
    );
    const { metrics } = compareBenchmarks(uneven, uneven, FEW).levels[0] ?? {};
    // One gap of 10 ms and seven of 20 ms; two requests of 10 ms and 20 ms a token.
    expect(metrics?.find(({ metric }) => metric === "itlMs")?.a).toEqual({ mean: 150 / 8, n: 2 });
    expect(metrics?.find(({ metric }) => metric === "tpotMs")?.a).toEqual({ mean: 15, n: 2 });
  });

  it("leaves out figures that one token does not have", () => {
    const single = withRequests(benchmark(10, { outputLength: 1 }), ({ index }) =>
      requestOf({ index, expectedTokens: 1 }),
    );
    const { levels } = compareBenchmarks(single, single, FEW);
    expect(levels[0]?.metrics.map(({ metric }) => metric)).toEqual(["ttftMs", "e2elMs", "outputThroughput"]);
    expect(() => compareBenchmarks(single, single, { metrics: ["tpotMs"] })).toThrow("no values of tpotMs");
  });
});

describe("what is compared with what", () => {
  const models = (names: string[], options: BenchOptions = {}) => dataOf(options, { models: names });

  it("are models of one name, at the levels that both have", () => {
    const a = models(["phi", "gemma", "qwen"]);
    const b = models(["qwen", "llama", "phi"], { levels: [2, 4] });
    const { levels, notices } = compareBenchmarks(a, b, FEW);
    expect(levels.map(({ target, concurrency }) => [target.a, target.b, concurrency])).toEqual([
      ["phi", "phi", 2],
      ["qwen", "qwen", 2],
    ]);
    expect(notices).toEqual([
      "Not compared, for only A has it: phi at 1.",
      "Not compared, for only A has it: gemma at 1, 2.",
      "Not compared, for only A has it: qwen at 1.",
      "Not compared, for only B has it: qwen at 4.",
      "Not compared, for only B has it: llama at 2, 4.",
      "Not compared, for only B has it: phi at 4.",
    ]);
  });

  it("are two models of other names where each benchmark has but one", () => {
    const { levels, notices } = compareBenchmarks(models(["phi-int8"]), models(["phi-int4"]), FEW);
    expect(levels[0]?.target).toEqual({ a: "phi-int8", b: "phi-int4" });
    expect(notices).toEqual(["The models do not have one name: phi-int8 → phi-int4."]);
  });

  it("is an error where nothing is in both", () => {
    expect(() => compareBenchmarks(models(["phi", "gemma"]), models(["llama"]))).toThrow(
      "A has phi at 1, 2; gemma at 1, 2; B has llama at 1, 2.",
    );
    expect(() => compareBenchmarks(models(["phi"]), models(["phi"], { levels: [4] }))).toThrow(
      "A has phi at 1, 2; B has phi at 4.",
    );
    const nothing = dataOf({}, { runs: () => [] });
    expect(() => compareBenchmarks(nothing, nothing)).toThrow(
      "A has no finished run; B has no finished run.",
    );
  });
});

describe("what differs between two benchmarks", () => {
  it("is listed: options, machine, software, and how the model was loaded", () => {
    const a = benchmark(10);
    const { cpu, versions } = ENVIRONMENT;
    const b: BenchData = {
      ...benchmark(10, { seed: 7, numPrompts: 40, levels: [1, 2, 4], percentiles: [50] }),
      environments: [
        ENVIRONMENT,
        {
          ...ENVIRONMENT,
          date: "2026-02-01T12:00:00.000Z",
          loadAverage: [3, 3, 3],
          cpu: { ...cpu, model: "Other CPU", flags: ["avx2", "amx_tile"] },
          memory: { ...ENVIRONMENT.memory, availableBytes: 1 },
          versions: { ...versions, openvino: "2" },
          variables: { ONEDNN_MAX_CPU_ISA: "AVX2" },
        },
      ],
      targets: [factsOf("model", { loadMs: 5, rssBytes: null, properties: { KV_CACHE_PRECISION: "u8" } })],
    };
    expect(compareBenchmarks(a, b, FEW).differences).toEqual([
      { scope: "options", target: null, name: "levels", a: [1, 2], b: [1, 2, 4] },
      { scope: "options", target: null, name: "numPrompts", a: null, b: 40 },
      { scope: "options", target: null, name: "seed", a: 0, b: 7 },
      { scope: "environment", target: null, name: "cpu.model", a: "Some CPU", b: "Other CPU" },
      { scope: "environment", target: null, name: "cpu.flags", a: ["avx2"], b: ["avx2", "amx_tile"] },
      { scope: "environment", target: null, name: "versions.openvino", a: "1", b: "2" },
      { scope: "environment", target: null, name: "variables.ONEDNN_MAX_CPU_ISA", a: null, b: "AVX2" },
      { scope: "target", target: "model", name: "properties.KV_CACHE_PRECISION", a: null, b: "u8" },
    ]);
  });

  it("is nothing where one of them does not know a setting that the other has not set", () => {
    const b = benchmark(10);
    const older = JSON.parse(
      JSON.stringify(b).replace('"maxNumBatchedTokens":null', '"other":null'),
    ) as BenchData;
    expect(older.plan.options).not.toEqual(b.plan.options);
    expect(compareBenchmarks(benchmark(10), older, FEW).differences).toEqual([]);
  });

  it.each<[string, BenchOptions, BenchOptions]>([
    ["inputLength is 16 in A and 32 in B", {}, { inputLength: 32 }],
    ["outputLength is 8 in A and 9 in B", {}, { outputLength: 9 }],
    ["rangeRatio is 0 in A and 0.5 in B", {}, { rangeRatio: 0.5 }],
    ["dataset is random in A and prompts.jsonl in B", {}, { dataset: "prompts.jsonl" }],
    ["requestRate is inf in A and 4 in B", {}, { requestRate: 4 }],
    ["burstiness is 1 in A and 2 in B", { requestRate: 4 }, { requestRate: 4, burstiness: 2 }],
    [
      "inputLength is 16 in A and 32 in B; outputLength is 8 in A and 4 in B",
      {},
      { inputLength: 32, outputLength: 4 },
    ],
  ])("is an error where it is the load: %s", (reason, a, b) => {
    const compare = () => compareBenchmarks(benchmark(10, a), benchmark(10, b));
    expect(compare).toThrow(RangeError);
    expect(compare).toThrow(`cannot be compared: ${reason}. Measure both with the same load.`);
  });

  it.each<[string, BenchOptions, BenchOptions]>([
    ["burstiness without a rate", {}, { burstiness: 2 }],
    ["the path of the prompts", { dataset: "a/prompts.jsonl" }, { dataset: "b/prompts.jsonl" }],
    [
      "the length of random prompts that are none",
      { dataset: "p.jsonl" },
      { dataset: "p.jsonl", inputLength: 4 },
    ],
  ])("is listed and no more where it leaves the load as it is: %s", (_name, a, b) => {
    const { differences } = compareBenchmarks(benchmark(10, a), benchmark(10, b), FEW);
    expect(differences).toHaveLength(1);
  });
});

describe("the notices", () => {
  it("name failed requests, runs that are missing, noise and self-checks, by their side", () => {
    const a = dataOf(
      { repeats: 3 },
      {
        runs: ({ runs }) =>
          runs.slice(1).map((run) => runOf(run, { host: { ...QUIET_HOST, stealShare: 0.1 } })),
      },
    );
    const b = withRequests(benchmark(10), ({ index }) => (index === 5 ? { error: "It failed." } : {}));
    const { notices, levels } = compareBenchmarks(a, b, FEW);
    expect(levels[1]).toMatchObject({ repeats: { a: 3, b: 3 }, failed: { a: 0, b: 3 } });
    expect(notices).toContain(
      "Failed requests, which count in no figure: 0 of A and 3 of B at model, concurrency 2.",
    );
    expect(notices).toContain("A is not finished: 1 run of its plan left.");
    expect(notices).toContainEqual(expect.stringMatching(/^A: Noisy: the host/));
    expect(notices).toContainEqual(expect.stringMatching(/^B, self-check failed-requests \((warn|fail)\): /));
  });

  it("are not enough where no request of a level completed", () => {
    const failed = withRequests(benchmark(10), () => ({ error: "It failed." }));
    expect(() => compareBenchmarks(benchmark(10), failed)).toThrow(
      "no request completed in B at model, concurrency 1.",
    );
  });
});

describe("bad options", () => {
  it.each([
    [{ metrics: [] }, "options.metrics"],
    [{ metrics: ["tpot"] }, "options.metrics"],
    [{ thresholdPercent: -1 }, "options.thresholdPercent"],
    [{ thresholdPercent: Number.NaN }, "options.thresholdPercent"],
    [{ thresholdPercent: "5" }, "options.thresholdPercent"],
    [{ seed: 0.5 }, "options.seed"],
    [{ resamples: 0 }, "options.resamples"],
  ])("are named: %j", (options, name) => {
    const data = benchmark(10);
    expect(() => compareBenchmarks(data, data, options as object)).toThrow(name);
  });
});
