import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../lib/stats/random.js";
import {
  orderTests,
  overallVerdict,
  verdictOf,
  type Evidence,
  type Verdict,
} from "../../../lib/stats/verdict.js";

const upTo = (count: number, from = 0) => Array.from({ length: count }, (_, index) => from + index);

describe("orderTests", () => {
  it("shows the order of many values that hardly overlap, on its side", () => {
    const [larger, smaller] = orderTests([
      { a: upTo(20), b: upTo(20, 15) },
      { a: upTo(20, 15), b: upTo(20) },
    ]);
    expect(larger).toMatchObject({ order: "larger" });
    expect(smaller).toMatchObject({ order: "smaller", pValue: larger?.pValue });
  });

  it("asks more of each test the more there are", () => {
    const some = { a: upTo(10), b: upTo(10, 5) };
    const same = { a: upTo(10), b: upTo(10) };
    const [alone] = orderTests([some]);
    const [among] = orderTests([some, ...upTo(30).map(() => same)]);
    expect(alone).toMatchObject({ order: "larger", adjustedPValue: alone?.pValue });
    expect(among).toMatchObject({ order: null, pValue: alone?.pValue });
    expect(among?.adjustedPValue).toBeCloseTo(31 * (alone?.pValue ?? 0), 12);
  });

  it("shows the order of three and three that do not overlap, and of nothing less", () => {
    const orders = orderTests([
      { a: [1, 2, 3], b: [4, 5, 6] },
      { a: [4, 5, 6], b: [1, 2, 3] },
      { a: [1, 2, 4], b: [3, 5, 6] },
      { a: [1, 2, 3], b: [3, 5, 6] },
      { a: [1, 2], b: [4, 5] },
      { a: [1], b: [4] },
    ]);
    expect(orders.map(({ order }) => order)).toEqual(["larger", "smaller", null, null, null, null]);
    expect(orders.map(({ adjustedPValue }) => adjustedPValue)).toEqual(orders.map(() => null));
  });

  it("does not count tests of too few values against the others", () => {
    const some = { a: upTo(10), b: upTo(10, 5) };
    const few = { a: [1, 2, 3], b: [1, 2, 3] };
    const [alone] = orderTests([some]);
    const [, among] = orderTests([few, some, few]);
    expect(among).toEqual(alone);
  });

  it("calls something different by chance in less than one of twenty comparisons", () => {
    const random = seededRandom(3, "verdict");
    const draw = () => Array.from({ length: 12 }, () => random.gamma(4));
    const comparisons = upTo(400).map(() => orderTests(upTo(10).map(() => ({ a: draw(), b: draw() }))));
    const wrong = comparisons.filter((tests) => tests.some(({ order }) => order !== null)).length;
    expect(wrong).toBeGreaterThan(0);
    // Four standard errors above 5 % of 400.
    expect(wrong).toBeLessThan(20 + 4 * Math.sqrt(400 * 0.05 * 0.95));
  });
});

describe("verdictOf", () => {
  const of = (value: number, low: number | null, high: number | null, fields: Partial<Evidence> = {}) =>
    verdictOf({
      ratio: { value, low, high },
      order: value > 1 ? "larger" : "smaller",
      isLowerBetter: true,
      thresholdPercent: 5,
      ...fields,
    });

  it.each([
    [1.2, 1.1, 1.3, "slower"],
    [0.8, 0.7, 0.9, "faster"],
    [1.01, 0.98, 1.04, "same"],
    // Certainly slower, and by less than counts.
    [1.03, 1.02, 1.04, "same"],
    [1.03, 1.01, 1.06, "unclear"],
    [1.2, 0.9, 1.5, "unclear"],
    [0.8, 0.6, 1.1, "unclear"],
  ] as const)("calls a time of %d (%d to %d) %s", (value, low, high, verdict) => {
    expect(of(value, low, high)).toBe(verdict);
  });

  it.each([
    [1.2, 1.1, 1.3, "faster"],
    [0.8, 0.7, 0.9, "slower"],
    [1.01, 0.98, 1.04, "same"],
  ] as const)("calls a throughput of %d (%d to %d) %s", (value, low, high, verdict) => {
    expect(of(value, low, high, { isLowerBetter: false })).toBe(verdict);
  });

  it("counts faster and slower alike: A and B exchanged give the opposite", () => {
    const opposite: Record<Verdict, Verdict> = {
      slower: "faster",
      faster: "slower",
      same: "same",
      unclear: "unclear",
    };
    for (const value of [0.8, 0.94, 0.951, 0.953, 0.99, 1.01, 1.049, 1.051, 1.3]) {
      for (const spread of [1.001, 1.01, 1.05]) {
        const [low, high] = [value / spread, value * spread];
        expect(of(1 / value, 1 / high, 1 / low)).toBe(opposite[of(value, low, high)]);
      }
    }
  });

  it("needs an order that is shown, on the side of the mean", () => {
    expect(of(1.2, 1.1, 1.3, { order: null })).toBe("unclear");
    expect(of(1.2, 1.1, 1.3, { order: "smaller" })).toBe("unclear");
  });

  it("goes by the threshold", () => {
    expect(of(1.2, 1.1, 1.3, { thresholdPercent: 20 })).toBe("unclear");
    expect(of(1.2, 1.1, 1.3, { thresholdPercent: 30 })).toBe("same");
    expect(of(1.001, 1.0005, 1.002, { thresholdPercent: 0 })).toBe("slower");
  });

  it("is unclear without an interval", () => {
    expect(of(2, null, null)).toBe("unclear");
  });
});

describe("overallVerdict", () => {
  it.each([
    [["same", "faster", "slower", "unclear"], "slower"],
    [["same", "unclear", "faster"], "faster"],
    [["same", "unclear"], "unclear"],
    [["same", "same"], "same"],
  ] as const)("of %j is %s", (verdicts, verdict) => {
    expect(overallVerdict(verdicts)).toBe(verdict);
  });
});
