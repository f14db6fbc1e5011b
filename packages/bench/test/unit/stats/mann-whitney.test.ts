import { describe, expect, it } from "vitest";
import { holmAdjusted, mannWhitney, smallestPValue } from "../../../lib/stats/mann-whitney.js";
import { fixture } from "../sample-data.js";

const scipy = fixture("mann-whitney.json") as {
  tests: Array<{ name: string; a: number[]; b: number[]; u: number; pValue: number }>;
};

describe("mannWhitney", () => {
  it.each(scipy.tests)("of $name is SciPy's", ({ a, b, u, pValue }) => {
    const found = mannWhitney(a, b);
    expect(found.u).toBe(u);
    expect(Math.abs(found.pValue / pValue - 1)).toBeLessThan(1e-10);
  });

  it.each(scipy.tests)("of $name is the same the other way round", ({ a, b, u, pValue }) => {
    const found = mannWhitney(b, a);
    expect(found.u).toBe(a.length * b.length - u);
    expect(Math.abs(found.pValue / pValue - 1)).toBeLessThan(1e-10);
  });

  it("keeps its p-values in step where one formula takes over from the other", () => {
    const alike = Array.from({ length: 100 }, (_, index) => index);
    const pValues = Array.from(
      { length: 100 },
      (_, shift) =>
        mannWhitney(
          alike,
          alike.map((value) => value + shift + 0.5),
        ).pValue,
    );
    for (let i = 1; i < pValues.length; i++) {
      expect(pValues[i]).toBeLessThan(pValues[i - 1] ?? 0);
      expect(pValues[i]).toBeGreaterThan(0);
    }
  });
});

describe("smallestPValue", () => {
  it("is that of samples which do not overlap", () => {
    const apart = scipy.tests.filter(({ name }) => /^(three and three|four and four|one and one)/.test(name));
    expect(apart).toHaveLength(3);
    for (const { a, b, pValue } of apart) {
      expect(smallestPValue(a.length, b.length)).toBeCloseTo(pValue, 12);
    }
  });
});

describe("holmAdjusted", () => {
  it("multiplies the smallest by their number, the next by one less, and never goes down", () => {
    // 0.01 * 4; 0.02 * 3; 0.03 * 2 is no more than that; 0.5 * 1.
    const adjusted = holmAdjusted([0.5, 0.01, 0.03, 0.02]);
    for (const [index, value] of [0.5, 0.04, 0.06, 0.06].entries()) {
      expect(adjusted[index]).toBeCloseTo(value, 12);
    }
  });

  it("leaves one alone and ends at 1", () => {
    expect(holmAdjusted([0.04])).toEqual([0.04]);
    expect(holmAdjusted([0.9, 0.8])).toEqual([1, 1]);
    expect(holmAdjusted([])).toEqual([]);
  });
});
