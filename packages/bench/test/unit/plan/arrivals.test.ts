import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arrivalTimesMs } from "../../../lib/plan/arrivals.js";
import { seededRandom } from "../../../lib/stats/random.js";

function gapsOf(times: readonly number[]): number[] {
  return times.map((time, index) => time - (times[index - 1] ?? 0));
}

function variation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return Math.sqrt(variance) / mean;
}

describe("arrivalTimesMs", () => {
  it("of an infinite rate is the start for all", () => {
    const times = arrivalTimesMs({ count: 3, requestRate: Infinity, burstiness: 1 }, seededRandom(0));
    expect(times).toEqual([0, 0, 0]);
  });

  it("ascends, and the last request arrives at exactly count / rate", () => {
    const settings = fc.record({
      count: fc.integer({ min: 1, max: 200 }),
      requestRate: fc.double({ min: 0.1, max: 1000, noNaN: true }),
      burstiness: fc.double({ min: 0.1, max: 50, noNaN: true }),
    });
    fc.assert(
      fc.property(settings, fc.integer(), (given, seed) => {
        const times = arrivalTimesMs(given, seededRandom(seed));
        expect(times).toHaveLength(given.count);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
        const expected = (given.count * 1000) / given.requestRate;
        expect(Math.abs((times.at(-1) ?? 0) - expected)).toBeLessThan(expected * 1e-9);
      }),
    );
  });

  it("has gaps that vary as 1 / sqrt(burstiness): like a Poisson process at 1, in bursts below, evenly above", () => {
    for (const burstiness of [0.25, 1, 16]) {
      const options = { count: 20_000, requestRate: 10, burstiness };
      const times = arrivalTimesMs(options, seededRandom(3, burstiness));
      expect(variation(gapsOf(times)) * Math.sqrt(burstiness)).toBeGreaterThan(0.95);
      expect(variation(gapsOf(times)) * Math.sqrt(burstiness)).toBeLessThan(1.05);
    }
  });

  it("has equal gaps where burstiness is infinite", () => {
    const times = arrivalTimesMs({ count: 4, requestRate: 2, burstiness: Infinity }, seededRandom(0));
    expect(times).toEqual([500, 1000, 1500, 2000]);
  });
});
