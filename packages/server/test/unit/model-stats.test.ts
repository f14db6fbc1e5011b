import { expect, it } from "vitest";
import type { GenerationResult } from "openvino-llm";
import { Histogram } from "../../lib/models/histogram.js";
import { ModelStats } from "../../lib/models/model-stats.js";

it("counts values at or below each bound, and all of them in the end", () => {
  const histogram = new Histogram([1, 2]);
  for (const value of [0.5, 1, 1.5, 2, 9]) histogram.observe(value);
  expect(histogram.cumulative).toEqual([2, 4, 5]);
  expect(histogram.sum).toBe(14);
});

/** A result as far as it is measured. */
function result(timing: object, finishReason = "stop"): GenerationResult {
  return { finishReason, timing } as unknown as GenerationResult;
}

it("takes times in seconds, gaps between steps only, and no end-to-end latency of what was aborted", () => {
  const stats = new ModelStats();
  const timing = {
    queueMs: 400,
    ttftMs: 500,
    e2eMs: 700,
    tpotMs: 100,
    perToken: { producedMs: [500, 600, 600, 700] },
  };
  stats.record(result(timing));
  stats.record(result(timing, "abort"));
  stats.record(result({ queueMs: null, ttftMs: null }, "abort"));
  expect(stats.timeToFirstToken.sum).toBe(1);
  expect(stats.queueTime.sum).toBe(0.8);
  expect(stats.endToEndLatency.sum).toBe(0.7);
  expect(stats.interTokenLatency.cumulative.at(-1)).toBe(4);
  expect(stats.interTokenLatency.sum).toBeCloseTo(0.4);
  expect([...stats.ended]).toEqual([
    ["stop", 1],
    ["abort", 2],
  ]);
});

it("knows the tokens per second of the last seconds", () => {
  const stats = new ModelStats();
  expect(stats.tokensPerSecond).toBe(0);
  for (const tokens of [0, 100, 200]) stats.sample(tokens);
  expect(stats.tokensPerSecond).toBe(100);
  for (let second = 0; second < 9; second++) stats.sample(200);
  expect(stats.tokensPerSecond).toBe(0);
});
