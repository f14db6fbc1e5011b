import { describe, expect, it } from "vitest";
import { estimateRunMs, Forecast, type ProbeResult } from "../../../lib/run/forecast.js";
import { planBench } from "../../../lib/plan/plan.js";

function probeOf(target: string, slower = 1): ProbeResult {
  return {
    target,
    loadMs: 10,
    single: { ttftMs: 100 * slower, tpotMs: 10 * slower },
    full: { ttftMs: 400 * slower, tpotMs: 40 * slower, concurrency: 4 },
  };
}

const plan = planBench(["a", "b"], {
  levels: [1, 2, 4],
  outputLength: 11,
  warmupOutputLength: 1,
  repeats: 1,
});
const at = (concurrency: number) => plan.runs.find((run) => run.concurrency === concurrency)!;

describe("estimateRunMs", () => {
  it("is the waves of requests and the warm-up, with latencies between those of the probe", () => {
    // One request: 100 + 10 * 10 ms, 32 times; the warm-up is a first token.
    expect(estimateRunMs(at(1), plan, probeOf("a"))).toBe(32 * 200 + 100 + 50);
    expect(estimateRunMs(at(4), plan, probeOf("a"))).toBe(8 * 800 + 400 + 50);
    expect(estimateRunMs(at(2), plan, probeOf("a"))).toBe(16 * 400 + 200 + 50);
  });

  it("is no less than the arrivals take", () => {
    const slow = planBench(["a"], { levels: [1], outputLength: 11, warmupOutputLength: 1, requestRate: 2 });
    expect(estimateRunMs(slow.runs[0]!, slow, probeOf("a"))).toBe(16_000 + 100 + 50);
  });

  it("of an engine that answers one after the other is each request's time alone", () => {
    const serial = planBench(["a"], {
      levels: [4],
      outputLength: 11,
      warmupOutputLength: 1,
      engine: "pipeline",
    });
    expect(estimateRunMs(serial.runs[0]!, serial, probeOf("a"))).toBe(32 * 200 + 4 * 100 + 50);
  });

  it("takes the single request's latencies where no more are at once", () => {
    const single = planBench(["a"], { levels: [1], outputLength: 2, numPrompts: 1, warmupOutputLength: 1 });
    const probe = { ...probeOf("a"), full: { ...probeOf("a").single, concurrency: 1 } };
    expect(estimateRunMs(single.runs[0]!, single, probe)).toBe(110 + 100 + 50);
  });
});

describe("Forecast", () => {
  const total = (probe: ProbeResult) =>
    [1, 2, 4].reduce((sum, concurrency) => sum + estimateRunMs(at(concurrency), plan, probe), 0);

  it("knows nothing before a probe, and takes targets to be alike before theirs", () => {
    const forecast = new Forecast(plan);
    expect(forecast.remainingMs()).toBeNull();
    forecast.probed(probeOf("a"));
    expect(forecast.remainingMs()).toBeCloseTo(2 * total(probeOf("a")), 6);
    forecast.probed(probeOf("b", 3));
    expect(forecast.remainingMs()).toBeCloseTo(total(probeOf("a")) + total(probeOf("b", 3)), 6);
  });

  it("corrects itself by what the runs took, and counts down while one runs", () => {
    const forecast = new Forecast(plan);
    forecast.probed(probeOf("a"));
    forecast.probed(probeOf("b"));
    const before = forecast.remainingMs() ?? NaN;
    const first = estimateRunMs(at(1), plan, probeOf("a"));
    expect(forecast.remainingMs(500)).toBeCloseTo(before - 500, 6);
    forecast.ended(at(1), 2 * first);
    expect(forecast.remainingMs()).toBeCloseTo(2 * (before - first), 6);
    expect(forecast.remainingMs(1e9)).toBe(0);
  });

  it("has nothing left when all is done, and leaves out what was done before", () => {
    const forecast = new Forecast(
      plan,
      plan.runs.filter(({ target }) => target === "a"),
    );
    forecast.probed(probeOf("b"));
    expect(forecast.remainingMs()).toBeCloseTo(total(probeOf("b")), 6);
    for (const run of plan.runs) forecast.ended(run, 1000);
    expect(forecast.remainingMs()).toBe(0);
  });
});
