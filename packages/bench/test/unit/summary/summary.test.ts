import { describe, expect, it } from "vitest";
import { summarize, type LevelSummary } from "../../../lib/summary/summary.js";
import type { ModelFacts } from "../../../lib/targets/model-facts.js";
import { dataOf, factsOf, QUIET_HOST, requestOf, runOf } from "../sample-data.js";

function filesOf(precision: string, isMoe: boolean): ModelFacts {
  return { path: "/m", precision, weightBytes: {}, isMoe, runtimeOptions: {}, manifest: null };
}

function levelOf(levels: readonly LevelSummary[], target: string, concurrency: number): LevelSummary {
  const level = levels.find((one) => one.target === target && one.concurrency === concurrency);
  if (level === undefined) throw new Error(`No level ${concurrency} of ${target}.`);
  return level;
}

describe("summarize", () => {
  it("has the means over the repeats with their interval, and the requests of all repeats together", () => {
    const data = dataOf(
      { levels: [2], repeats: 3 },
      { runs: ({ runs }) => runs.map((run) => runOf(run, { tpotMs: 8 + 2 * run.repeat })) },
    );
    const { levels } = summarize(data);
    expect(levels).toHaveLength(1);
    const { meanTpotMs, meanTtftMs, latencies, completed, repeats, outputThroughput } = levels[0]!;
    expect(meanTpotMs).toMatchObject({ mean: 12, values: [10, 12, 14] });
    // The requests of a repeat are alike: the furthest resamples are 10 and 14, widened by Student's t of 4.303 over 1.96.
    expect(meanTpotMs.low).toBeCloseTo(12 - (2 * 4.302653) / 1.959964, 5);
    expect(meanTpotMs.high).toBeCloseTo(12 + (2 * 4.302653) / 1.959964, 5);
    expect(meanTtftMs).toMatchObject({ mean: 60, low: 60, high: 60 });
    expect(latencies.tpotMs).toMatchObject({ mean: 12, n: 96 });
    expect([completed, repeats]).toEqual([96, 3]);
    expect(outputThroughput.values).toHaveLength(3);
  });

  it("has no interval of two repeats, and none below zero", () => {
    const at = (repeats: number, durationsMs: readonly number[]) =>
      summarize(
        dataOf(
          { levels: [2], repeats },
          {
            runs: ({ runs }) =>
              runs.map((run) => runOf(run, { durationMs: durationsMs[run.repeat - 1] ?? 0 })),
          },
        ),
      ).levels[0]!;
    expect(at(2, [100, 200]).outputThroughput).toMatchObject({ low: null, high: null });
    expect(at(2, [100, 200]).meanTtftMs).toMatchObject({ low: null, high: null });
    expect(at(3, [100, 1000, 10_000]).outputThroughput.low).toBe(0);
  });

  it("relates each level's throughput to that of a single request", () => {
    const { levels } = summarize(dataOf({ levels: [1, 2] }));
    const [one, two] = [1, 2].map((concurrency) => levelOf(levels, "model", concurrency));
    expect(one!.scalingEfficiency).toBe(1);
    // 8 tokens take 50 + 70 ms alone and 60 + 70 ms in pairs.
    expect(one!.outputThroughput.mean).toBeCloseTo(8 / 0.12, 9);
    expect(two!.scalingEfficiency).toBeCloseTo(120 / 130, 9);
    expect(summarize(dataOf({ levels: [2] })).levels[0]!.scalingEfficiency).toBeNull();
  });

  it("judges the service levels by the means and by each request", () => {
    const at = (serviceLevels: object) =>
      summarize(dataOf({ levels: [2], serviceLevels })).levels[0]!.serviceLevels;
    expect(at({ ttftMs: 60, tpotMs: 10 })).toMatchObject({ met: true, missed: [], share: 1 });
    expect(at({ ttftMs: 59, tpotMs: 9 })).toMatchObject({
      met: false,
      missed: ["ttftMs", "tpotMs"],
      share: 0,
    });
    expect(at({ e2elMs: 129 })).toMatchObject({ met: false, missed: ["e2elMs"] });
  });

  it("shares the requests within the service levels among all that completed", () => {
    const runs = ({ runs: planned }: { runs: readonly Parameters<typeof runOf>[0][] }) =>
      planned.map((run) =>
        runOf(run, {
          requests: [
            requestOf({ ttftMs: 10 }),
            requestOf({ ttftMs: 20 }),
            requestOf({ ttftMs: 90 }),
            requestOf({ error: "It failed." }),
          ],
        }),
      );
    const data = dataOf({ levels: [1], repeats: 1, serviceLevels: { ttftMs: 20 } }, { runs });
    const { serviceLevels, failed, completed } = summarize(data).levels[0]!;
    expect(serviceLevels).toMatchObject({ met: false, share: 2 / 3 });
    expect([completed, failed]).toEqual([3, 1]);
  });

  it("compares INT4 with INT8, and dense models with mixtures of experts, at each level that both have", () => {
    const targets = [
      factsOf("phi-int4", { files: filesOf("INT4", false) }),
      factsOf("phi-int8", { files: filesOf("INT8", false) }),
      factsOf("oss-int4", { files: filesOf("INT4", true) }),
    ];
    const data = dataOf(
      { levels: [1, 2], repeats: 1 },
      {
        models: ["phi-int4", "phi-int8", "oss-int4"],
        targets,
        runs: ({ runs }) =>
          runs
            .filter(({ target, concurrency }) => target !== "oss-int4" || concurrency === 2)
            .map((run) => runOf(run, { tpotMs: run.target === "phi-int8" ? 15 : 10 })),
      },
    );
    const { precisionRatios, densityRatios } = summarize(data);
    expect(precisionRatios.map(({ concurrency, byTpot }) => [concurrency, byTpot])).toEqual([
      [1, 1.5],
      [2, 1.5],
    ]);
    expect(densityRatios).toEqual([
      { first: "phi-int4", second: "oss-int4", concurrency: 2, byThroughput: 1, byTpot: 1 },
    ]);
  });

  it("has the worst of the repeats of what happened beside the inference", () => {
    const hosts = [
      { ...QUIET_HOST, stealShare: 0.3, rssBytes: 5e8, clientCpuShare: null },
      {
        ...QUIET_HOST,
        othersCpuShare: 0.2,
        eventLoopDelayMs: { mean: 1, p50: 1, p99: 9, max: 20 },
        clientCpuShare: null,
      },
    ];
    const runs = ({ runs: planned }: { runs: readonly Parameters<typeof runOf>[0][] }) =>
      planned.map((run, index) => runOf(run, { host: hosts[index]! }));
    expect(summarize(dataOf({ levels: [1], repeats: 2 }, { runs })).levels[0]!.host).toEqual({
      eventLoopDelayP99Ms: 9,
      eventLoopDelayMaxMs: 20,
      clientCpuShare: null,
      processCpuShare: 0.9,
      othersCpuShare: 0.2,
      stealShare: 0.3,
      rssBytes: 5e8,
    });
  });

  it("of a benchmark that was cut short has what is there, and says how much is missing", () => {
    const data = dataOf(
      { levels: [1, 2], repeats: 2 },
      { runs: ({ runs }) => runs.slice(0, 1).map((run) => runOf(run)) },
    );
    const summary = summarize(data);
    expect(summary.runsLeft).toBe(3);
    expect(summary.levels.map(({ concurrency, repeats }) => [concurrency, repeats])).toEqual([[1, 1]]);
    expect(summary.levels[0]!.outputThroughput.low).toBeNull();
    expect(summary.results).toHaveLength(1);
  });

  it("of nothing has no levels", () => {
    const summary = summarize(dataOf({}, { runs: () => [], targets: [] }));
    expect(summary).toMatchObject({ levels: [], results: [], precisionRatios: [], runsLeft: 4 });
  });

  it("is what JSON can hold", () => {
    const summary = summarize(dataOf({ requestRate: 5 }));
    expect(JSON.parse(JSON.stringify(summary))).toEqual(summary);
  });
});
