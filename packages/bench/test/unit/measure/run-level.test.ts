import { describe, expect, it } from "vitest";
import { AbortError } from "../../../../../lib/errors/errors.js";
import { runMetrics } from "../../../lib/measure/metrics.js";
import { randomPrompts } from "../../../lib/prompts/prompts.js";
import { runLevel, type LevelEvent, type LevelMeasurement } from "../../../lib/measure/run-level.js";
import type { BenchRequest } from "../../../lib/measure/target.js";
import { ScriptedTarget } from "../scripted-target.js";

const prompts = randomPrompts({ size: 100, specialIds: [] }, 1);

function requestsOf(count: number, from = 0): BenchRequest[] {
  return Array.from({ length: count }, (_, index) => ({
    prompt: prompts.prompt(from + index, 4),
    outputLength: 5,
  }));
}

async function collect(events: AsyncIterable<LevelEvent>): Promise<LevelEvent[]> {
  const all: LevelEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

function measurementOf(events: readonly LevelEvent[]): LevelMeasurement {
  const last = events.at(-1);
  if (last?.type !== "finished") throw new Error("The level was not finished.");
  return last.measurement;
}

const settled = () => new Promise(setImmediate);

describe("runLevel", () => {
  it("gives the latencies of the stamps, whatever its own clock says", async () => {
    const events = await collect(runLevel(new ScriptedTarget(), { concurrency: 2, requests: requestsOf(6) }));
    const measurement = measurementOf(events);
    const metrics = runMetrics(measurement, { serviceLevels: { ttftMs: 50, tpotMs: 10 } });
    expect(metrics.ttftMs).toMatchObject({ mean: 50, std: 0, n: 6 });
    expect(metrics.tpotMs).toMatchObject({ mean: 10, std: 0, n: 6 });
    expect(metrics.itlMs).toMatchObject({ mean: 10, std: 0, n: 24 });
    expect(metrics.e2elMs).toMatchObject({ mean: 90, n: 6 });
    expect(metrics.goodShare).toBe(1);
    expect(metrics.requestGoodput).toBe(metrics.requestThroughput);
  });

  it("reports its warm-up, its start, each request and its end, in this order", async () => {
    const workload = { concurrency: 2, requests: requestsOf(3, 2), warmup: requestsOf(2) };
    const events = await collect(runLevel(new ScriptedTarget(), workload, { progressEveryMs: 1e6 }));
    expect(events.map(({ type }) => type)).toEqual([
      "warmup",
      "started",
      "request",
      "request",
      "request",
      "finished",
    ]);
    const { requests, warmupKeys, concurrency } = measurementOf(events);
    expect(concurrency).toBe(2);
    expect(requests.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(new Set([...warmupKeys, ...requests.map(({ prefixKey }) => prefixKey)]).size).toBe(5);
    expect(requests[0]).toMatchObject({
      promptTokens: 4,
      expectedPromptTokens: 4,
      expectedTokens: 5,
      queueMs: 1,
      text: "xxxxx",
      error: null,
    });
  });

  it("keeps as many requests in flight as it may, and sends the next one when one has ended", async () => {
    const target = new ScriptedTarget({ answersAtOnce: false });
    const done = collect(runLevel(target, { concurrency: 3, requests: requestsOf(5) }));
    await target.untilSent(3);
    await settled();
    expect(target.sent).toHaveLength(3);
    target.sent[1]!.finish();
    await target.untilSent(4);
    await settled();
    expect(target.sent).toHaveLength(4);
    for (const index of [0, 2, 3]) target.sent[index]!.finish();
    await target.untilSent(5);
    target.sent[4]!.finish();
    const { requests } = measurementOf(await done);
    expect(target.mostInFlight).toBe(3);
    // The wait for a place is apart: each clock starts when its request is sent, after its wait.
    expect(requests.map(({ waitMs, sentMs }) => waitMs <= sentMs)).toEqual([true, true, true, true, true]);
    expect(requests[4]!.waitMs).toBeGreaterThan(requests[3]!.waitMs);
    for (const { sentMs, endedMs } of requests) expect(endedMs).toBeGreaterThanOrEqual(sentMs);
  });

  it("sends nothing of the run before the warm-up has ended", async () => {
    const target = new ScriptedTarget({ answersAtOnce: false });
    const done = collect(
      runLevel(target, { concurrency: 2, requests: requestsOf(2, 2), warmup: requestsOf(2) }),
    );
    await target.untilSent(2);
    target.sent[0]!.finish();
    await settled();
    expect(target.sent).toHaveLength(2);
    target.sent[1]!.finish({ error: "A warm-up may fail." });
    await target.untilSent(4);
    for (const index of [2, 3]) target.sent[index]!.finish();
    expect(measurementOf(await done).requests).toHaveLength(2);
  });

  it("sends requests when they arrive", async () => {
    const target = new ScriptedTarget();
    const arrivalsMs = [0, 5, 5, 12];
    const events = await collect(runLevel(target, { concurrency: 9, requests: requestsOf(4), arrivalsMs }));
    const { requests, durationMs } = measurementOf(events);
    for (const [index, { sentMs }] of requests.entries()) {
      // Node's timers may fire up to a millisecond early.
      expect(sentMs).toBeGreaterThan(arrivalsMs[index]! - 1.5);
    }
    expect(durationMs).toBeGreaterThanOrEqual(requests[3]!.endedMs);
  });

  it("keeps a request that failed, with its error", async () => {
    const target = new ScriptedTarget({ answersAtOnce: false });
    const done = collect(runLevel(target, { concurrency: 1, requests: requestsOf(1) }));
    await target.untilSent(1);
    target.sent[0]!.finish({ error: "Out of cache.", producedMs: [], deliveredMs: [] });
    const { requests } = measurementOf(await done);
    expect(requests[0]).toMatchObject({ error: "Out of cache.", producedMs: [] });
    expect(runMetrics({ durationMs: 1, requests })).toMatchObject({ completed: 0, failed: 1 });
  });

  it("reports its progress while it runs", async () => {
    const target = new ScriptedTarget({ answersAtOnce: false });
    const seen: LevelEvent[] = [];
    for await (const event of runLevel(
      target,
      { concurrency: 1, requests: requestsOf(2) },
      { progressEveryMs: 1 },
    )) {
      seen.push(event);
      const isFirstProgress =
        event.type === "progress" && seen.filter(({ type }) => type === "progress").length === 1;
      if (isFirstProgress) target.sent[0]!.finish();
      if (event.type === "progress" && event.ended === 1 && target.sent.length === 2)
        target.sent[1]!.finish();
    }
    const progress = seen.filter((event) => event.type === "progress");
    expect(progress.at(0)).toMatchObject({ ended: 0, tokens: 0 });
    expect(progress.some(({ ended, tokens }) => ended === 1 && tokens === 5)).toBe(true);
  });

  it("asks the engine for its metrics while it runs, where it has them", async () => {
    const target = new ScriptedTarget({ answersAtOnce: false });
    const figures = {
      running: 1,
      waiting: 2,
      cacheUsagePercent: 3,
      cacheSizeBytes: 4,
      stepSequences: 5,
      stepMs: 6,
    };
    const asked = Object.assign(target, { sample: () => figures });
    const seen: LevelEvent[] = [];
    for await (const event of runLevel(
      asked,
      { concurrency: 1, requests: requestsOf(1) },
      { progressEveryMs: 1 },
    )) {
      seen.push(event);
      if (event.type === "progress" && target.inFlight === 1) target.sent[0]!.finish();
    }
    const { samples } = measurementOf(seen);
    expect(samples.length).toBeGreaterThan(0);
    expect(samples[0]).toMatchObject(figures);
    expect(samples.map(({ atMs }) => atMs)).toEqual(
      samples.map(({ atMs }) => atMs).toSorted((a, b) => a - b),
    );
    const silent = await collect(runLevel(new ScriptedTarget(), { concurrency: 1, requests: requestsOf(1) }));
    expect(measurementOf(silent).samples).toEqual([]);
  });

  it("ends at an abort with an AbortError, when nothing is in flight any more", async () => {
    const target = new ScriptedTarget({ answersAtOnce: false });
    const controller = new AbortController();
    const done = collect(
      runLevel(target, { concurrency: 2, requests: requestsOf(6) }, { signal: controller.signal }),
    );
    await target.untilSent(2);
    controller.abort("enough");
    await expect(done).rejects.toMatchObject({ name: "AbortError", cause: "enough" });
    await expect(done).rejects.toBeInstanceOf(AbortError);
    expect(target.inFlight).toBe(0);
    expect(target.sent).toHaveLength(2);
  });

  it("ends at an abort while it waits for an arrival, and at one that came before it began", async () => {
    const controller = new AbortController();
    const workload = { concurrency: 1, requests: requestsOf(2), arrivalsMs: [0, 1e6] };
    const level = runLevel(new ScriptedTarget(), workload, {
      signal: controller.signal,
      progressEveryMs: 1e6,
    });
    await expect(async () => {
      for await (const event of level) if (event.type === "request") controller.abort();
    }).rejects.toBeInstanceOf(AbortError);
    const target = new ScriptedTarget();
    await expect(collect(runLevel(target, workload, { signal: controller.signal }))).rejects.toBeInstanceOf(
      AbortError,
    );
    expect(target.sent).toHaveLength(0);
  });

  it("cancels what is in flight when its consumer leaves", async () => {
    const target = new ScriptedTarget({ answersAtOnce: false });
    for await (const event of runLevel(target, { concurrency: 2, requests: requestsOf(4) })) {
      if (event.type !== "started") continue;
      await target.untilSent(2);
      break;
    }
    expect(target.inFlight).toBe(0);
    expect(target.sent).toHaveLength(2);
  });

  it("records the client's and the machine's share of the time", async () => {
    const events = await collect(runLevel(new ScriptedTarget(), { concurrency: 1, requests: requestsOf(3) }));
    const { host, startedAt } = measurementOf(events);
    expect(Date.parse(startedAt)).not.toBeNaN();
    expect(host.rssBytes).toBeGreaterThan(1e6);
    expect(host.processCpuShare).toBeGreaterThanOrEqual(0);
    expect(host.eventLoopDelayMs.max).toBeGreaterThanOrEqual(host.eventLoopDelayMs.p50);
    for (const share of [host.clientCpuShare, host.othersCpuShare, host.stealShare]) {
      expect(share === null || share >= 0).toBe(true);
    }
  });
});
