import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  distributionOf,
  latencyMetrics,
  percentileName,
  requestLatencies,
  runMetrics,
  type Distribution,
  type ServiceLevels,
} from "../../../lib/measure/metrics.js";
import type { RequestRecord } from "../../../lib/measure/records.js";
import { fixture, requestOf } from "../sample-data.js";

type Expected = Record<string, number | Omit<Distribution, "n">>;

const numpy = fixture("metrics.json") as {
  durationMs: number;
  serviceLevels: ServiceLevels;
  requests: RequestRecord[];
  produced: Expected;
  delivered: Expected;
};

function expectClose(actual: unknown, expected: unknown, path: string): void {
  if (typeof expected === "number") return expect(actual, path).toBeCloseTo(expected, 8);
  for (const [key, value] of Object.entries(expected as object)) {
    expectClose((actual as Record<string, unknown>)[key], value, `${path}.${key}`);
  }
}

describe("runMetrics", () => {
  it.each(["produced", "delivered"] as const)("of %s stamps are what numpy computes", (stamps) => {
    const { durationMs, requests, serviceLevels } = numpy;
    const metrics = runMetrics({ durationMs, requests }, { serviceLevels, stamps });
    expect(metrics.completed).toBe(41);
    expect(metrics.goodShare).toBeGreaterThan(0.1);
    expect(metrics.goodShare).toBeLessThan(0.9);
    expectClose(metrics, numpy[stamps], stamps);
  });

  it("of requests with known gaps are those gaps", () => {
    // First token after 50 ms, then one every 10 ms; two requests at once, twice.
    const requests = [0, 0, 120, 120].map((sentMs, index) => requestOf({ index, sentMs, waitMs: sentMs }));
    const metrics = runMetrics({ durationMs: 240, requests }, { serviceLevels: { ttftMs: 50, tpotMs: 10 } });
    expect(metrics.ttftMs).toMatchObject({ mean: 50, median: 50, std: 0, min: 50, max: 50, n: 4 });
    expect(metrics.tpotMs).toMatchObject({ mean: 10, std: 0, n: 4 });
    expect(metrics.itlMs).toMatchObject({ mean: 10, n: 28 });
    expect(metrics.e2elMs).toMatchObject({ mean: 120, n: 4 });
    expect(metrics.waitMs).toMatchObject({ mean: 60, max: 120 });
    expect(metrics.deliveryMs).toMatchObject({ mean: 0.25, n: 32 });
    expect(metrics).toMatchObject({
      completed: 4,
      failed: 0,
      totalInputTokens: 64,
      totalOutputTokens: 32,
      requestGoodput: 4 / 0.24,
      goodShare: 1,
      maxConcurrentRequests: 2,
    });
    expect(metrics.outputThroughput).toBeCloseTo(32 / 0.24, 9);
    expect(metrics.requestThroughput).toBeCloseTo(4 / 0.24, 9);
    expect(metrics.totalTokenThroughput).toBeCloseTo(96 / 0.24, 9);
  });

  it("count a limit as kept when it is met exactly, and a request as good when it keeps all limits", () => {
    const requests = [
      requestOf({ ttftMs: 50, tpotMs: 10 }),
      requestOf({ ttftMs: 50.001, tpotMs: 10 }),
      requestOf({ ttftMs: 50, tpotMs: 10.001 }),
      requestOf({ ttftMs: 50, expectedTokens: 1 }),
    ];
    const good = (serviceLevels: ServiceLevels) =>
      runMetrics({ durationMs: 1000, requests }, { serviceLevels });
    expect(good({ ttftMs: 50, tpotMs: 10 }).requestGoodput).toBe(2);
    expect(good({ ttftMs: 50 }).requestGoodput).toBe(3);
    expect(good({ e2elMs: 60 }).requestGoodput).toBe(1);
    expect(good({}).requestGoodput).toBeNull();
    expect(good({}).goodShare).toBeNull();
  });

  it("leave failed requests out of everything but their number", () => {
    const failed = requestOf({ error: "It failed.", ttftMs: 9999 });
    const silent = requestOf({ producedMs: [], deliveredMs: [] });
    const metrics = runMetrics({ durationMs: 1000, requests: [requestOf(), failed, silent] });
    expect(metrics).toMatchObject({ completed: 1, failed: 2, totalOutputTokens: 8, totalInputTokens: 16 });
    expect(metrics.ttftMs.max).toBe(50);
  });

  it("of nothing are 0, as vLLM has it, and say that there were no samples", () => {
    const metrics = runMetrics({ durationMs: 0, requests: [] }, { serviceLevels: { ttftMs: 1 } });
    expect(metrics.ttftMs).toMatchObject({ mean: 0, std: 0, n: 0, percentiles: { p50: 0, p99: 0 } });
    expect(metrics).toMatchObject({ outputThroughput: 0, requestGoodput: 0, goodShare: null });
  });

  it("find the most requests in flight, where one that ends when another begins does not overlap it", () => {
    const at = (sentMs: number) => requestOf({ sentMs });
    const peak = (...sent: number[]) =>
      runMetrics({ durationMs: 1000, requests: sent.map(at) }).maxConcurrentRequests;
    expect(peak(0, 120, 240)).toBe(1);
    expect(peak(0, 119, 120, 500)).toBe(2);
    expect(peak(0, 0, 0)).toBe(3);
  });
});

describe("requestLatencies", () => {
  it("has no time per token for a single token, and a gap for each step and not for each token", () => {
    expect(requestLatencies({ producedMs: [30], deliveredMs: [31] })).toEqual({
      ttftMs: 30,
      tpotMs: null,
      itlsMs: [],
      e2elMs: 30,
    });
    const two = requestLatencies({ producedMs: [30, 40, 40, 40, 60], deliveredMs: [] });
    expect(two.itlsMs).toEqual([10, 20]);
    expect(two.tpotMs).toBe(7.5);
  });
});

describe("distributionOf", () => {
  it("names its percentiles as vLLM does", () => {
    expect([50, 99, 99.9].map(percentileName)).toEqual(["p50", "p99", "p99.9"]);
    expect(Object.keys(distributionOf([1, 2], [25, 99.9]).percentiles)).toEqual(["p25", "p99.9"]);
  });

  it("does not depend on the order, and its mean lies between the ends", () => {
    const values = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(values, (given) => {
        const spread = distributionOf(given);
        expect(distributionOf(given.toReversed())).toEqual(spread);
        expect(spread.mean).toBeGreaterThanOrEqual(spread.min - 1e-6);
        expect(spread.mean).toBeLessThanOrEqual(spread.max + 1e-6);
        expect(spread.percentiles["p50"]).toBe(spread.median);
      }),
    );
  });
});

describe("latencyMetrics", () => {
  it("puts the requests of several runs together", () => {
    const { ttftMs } = latencyMetrics([requestOf({ ttftMs: 10 }), requestOf({ ttftMs: 30 })]);
    expect(ttftMs).toMatchObject({ mean: 20, n: 2 });
  });
});
