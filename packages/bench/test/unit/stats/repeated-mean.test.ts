import { describe, expect, it } from "vitest";
import type { RepeatedSample } from "../../../lib/stats/mean-ratio.js";
import { seededRandom } from "../../../lib/stats/random.js";
import { repeatedMean } from "../../../lib/stats/repeated-mean.js";

const partOf = (value: number) => ({ sum: value, count: 1 });
const repeats = (...values: ReadonlyArray<readonly number[]>): RepeatedSample =>
  values.map((own) => own.map(partOf));
/** Two values of 1 around a mean. */
const around = (mean: number, count = 20) =>
  Array.from({ length: count }, (_, index) => mean + (index % 2 === 0 ? 1 : -1));

describe("repeatedMean", () => {
  it("is the mean of the repeats' means, and has no interval of fewer than three", () => {
    expect(repeatedMean(repeats([1, 3], [8]))).toEqual({ mean: 5, low: null, high: null, values: [2, 8] });
    expect(repeatedMean(repeats(around(5, 500)))).toMatchObject({ low: null, high: null });
    expect(repeatedMean([[{ sum: 30, count: 3 }, partOf(2)]]).mean).toBe(8);
  });

  it("of repeats that differ no more than their requests is as wide as the requests make it", () => {
    const { low, high } = repeatedMean(repeats(around(10), around(10), around(10)));
    // The standard error of 60 requests is 0.13; a repeat fewer is drawn than there are.
    expect(low).toBeGreaterThan(10 - 3 * 0.13 * Math.sqrt(3 / 2));
    expect(low).toBeLessThan(10 - 2 * 0.13);
    expect((high ?? 0) - 10).toBeCloseTo(10 - (low ?? 0), 1);
  });

  it("of repeats that differ by far more reaches beyond the furthest of them", () => {
    const { low, high } = repeatedMean(repeats(around(90), around(100), around(110)));
    // Student's would end at 75.2 and 124.8.
    expect(low).toBeGreaterThan(75);
    expect(low).toBeLessThan(82);
    expect(high).toBeGreaterThan(118);
    expect(high).toBeLessThan(125);
  });

  it("of single values is Student's", () => {
    const { low, high } = repeatedMean(repeats([30], [40], [50]));
    expect(low).toBeCloseTo(40 - (4.302653 * 10) / Math.sqrt(3), 5);
    expect(high).toBeCloseTo(40 + (4.302653 * 10) / Math.sqrt(3), 5);
  });

  it("ends at the least that the mean can be, and is a point where nothing differs", () => {
    const values = repeats([0.1], [0.2], [9]);
    expect(repeatedMean(values).low).toBeLessThan(0);
    expect(repeatedMean(values, { least: 0 }).low).toBe(0);
    expect(repeatedMean(repeats([3], [3], [3]))).toEqual({ mean: 3, low: 3, high: 3, values: [3, 3, 3] });
  });

  it("keeps the values of a part together", () => {
    const together = () => [
      { sum: 10, count: 10 },
      { sum: 20, count: 10 },
    ];
    const { low, high } = repeatedMean([together(), together(), together()]);
    expect([low, high]).toEqual([1, 2]);
  });

  it("is fixed by its seed", () => {
    const sample = repeats([1, 2, 4], [2, 3, 7], [1, 5, 6]);
    expect(repeatedMean(sample, { seed: 1 })).toEqual(repeatedMean(sample, { seed: 1 }));
    expect(repeatedMean(sample, { seed: 1 })).not.toEqual(repeatedMean(sample, { seed: 2 }));
  });

  it.each([
    { count: 1, drift: 1 },
    { count: 8, drift: 0 },
    { count: 8, drift: 0.5 },
    { count: 8, drift: 10 },
  ])("of three repeats of $count with drift $drift holds the true mean in 9 of 10 cases", (given) => {
    const random = seededRandom(1, "coverage", given.count, given.drift);
    // A sum of uniform numbers, with mean 0.
    const noise = () => [1, 2, 3, 4].reduce((sum) => sum + random.float() - 0.5, 0);
    const repeat = () => {
      const own = 100 + given.drift * noise();
      return Array.from({ length: given.count }, () => own + noise());
    };
    const held = Array.from({ length: 300 }, () =>
      repeatedMean(repeats(repeat(), repeat(), repeat()), { resamples: 200 }),
    ).filter(({ low, high }) => (low ?? 0) <= 100 && 100 <= (high ?? 0)).length;
    expect(held / 300).toBeGreaterThan(0.87);
  });
});
