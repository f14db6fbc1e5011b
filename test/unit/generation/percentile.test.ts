import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { percentile, sortedCopy } from "../../../lib/generation/percentile.js";

const PERCENTS = [0, 25, 50, 90, 95, 99, 100];

describe("percentile", () => {
  // Printed by numpy.percentile(values, PERCENTS).
  it.each([
    [[5], [5, 5, 5, 5, 5, 5, 5]],
    [
      [1, 2],
      [1, 1.25, 1.5, 1.9, 1.95, 1.99, 2],
    ],
    [
      [10, 20, 30, 40],
      [10, 17.5, 25, 37, 38.5, 39.699999999999996, 40],
    ],
    [
      [0.1, 0.7, 0.2, 3.3, 1.9, 12.5, 0.05],
      [0.05, 0.15000000000000002, 0.7, 6.980000000000002, 9.739999999999993, 11.947999999999995, 12.5],
    ],
  ])("of %j is what numpy computes", (values, expected) => {
    const sorted = sortedCopy(values);
    PERCENTS.forEach((percent, index) => {
      expect(percentile(sorted, percent)).toBeCloseTo(expected[index] ?? NaN, 12);
    });
  });

  it("of nothing is NaN", () => {
    expect(percentile([], 50)).toBeNaN();
  });

  it("lies between its neighbours, grows with the percentage, and does not depend on the order", () => {
    const values = fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1, maxLength: 40 });
    const percent = fc.double({ noNaN: true, min: 0, max: 100 });
    fc.assert(
      fc.property(values, percent, percent, (given, a, b) => {
        const sorted = sortedCopy(given);
        const [low, high] = [percentile(sorted, Math.min(a, b)), percentile(sorted, Math.max(a, b))];
        const rounding = 1e-6;
        expect(low).toBeLessThanOrEqual(high + rounding);
        expect(low).toBeGreaterThanOrEqual(Math.min(...given) - rounding);
        expect(high).toBeLessThanOrEqual(Math.max(...given) + rounding);
        expect(percentile(sortedCopy(given.toReversed()), a)).toBe(percentile(sorted, a));
      }),
    );
  });
});
