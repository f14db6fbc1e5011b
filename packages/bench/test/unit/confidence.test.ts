import { describe, expect, it } from "vitest";
import { bootstrapInterval, bootstrapRatio, estimateOf, meanOf } from "../../lib/stats/statistics.js";
import { incompleteBeta, studentCdf, studentQuantile } from "../../lib/stats/student.js";
import { percentile, sortedCopy } from "../../../../lib/generation/percentile.js";
import { fixture } from "./sample-data.js";

interface Bounds {
  readonly low: number;
  readonly high: number;
}

const scipy = fixture("statistics.json") as {
  studentQuantiles: Array<{ probability: number; degrees: number; value: number }>;
  incompleteBetas: Array<{ x: number; a: number; b: number; value: number }>;
  intervals: Array<Bounds & { values: number[]; mean: number }>;
  resampledMeans: { values: number[]; means: number[] };
  bootstrap: { sample: number[]; other: number[]; mean: Bounds; median: Bounds; ratioOfMeans: Bounds };
};

describe("studentQuantile", () => {
  it.each(scipy.studentQuantiles)("of $probability with $degrees degrees is SciPy's", (given) => {
    const quantile = studentQuantile(given.probability, given.degrees);
    expect(Math.abs(quantile / given.value - 1)).toBeLessThan(1e-9);
  });

  it("is the inverse of studentCdf, and symmetric", () => {
    for (const degrees of [1, 4, 30]) {
      expect(studentCdf(studentQuantile(0.975, degrees), degrees)).toBeCloseTo(0.975, 12);
      expect(studentQuantile(0.2, degrees)).toBe(-studentQuantile(0.8, degrees));
      expect(studentQuantile(0.5, degrees)).toBe(0);
    }
  });
});

describe("incompleteBeta", () => {
  it.each(scipy.incompleteBetas)("of $x, $a, $b is SciPy's", ({ x, a, b, value }) => {
    expect(Math.abs(incompleteBeta(x, a, b) - value)).toBeLessThan(1e-12 + 1e-11 * value);
  });

  it("is 0 and 1 at its ends", () => {
    expect([incompleteBeta(0, 2, 3), incompleteBeta(1, 2, 3)]).toEqual([0, 1]);
  });
});

describe("estimateOf", () => {
  it.each(scipy.intervals)("of $values has SciPy's interval", ({ values, mean, low, high }) => {
    const estimate = estimateOf(values);
    expect(estimate.mean).toBeCloseTo(mean, 9);
    expect(estimate.low).toBeCloseTo(low, 8);
    expect(estimate.high).toBeCloseTo(high, 8);
    expect(estimate.values).toEqual(values);
  });

  it("of one value has none", () => {
    expect(estimateOf([5])).toEqual({ mean: 5, low: null, high: null, values: [5] });
  });
});

describe("bootstrapInterval", () => {
  const median = (sample: Float64Array) => percentile(sortedCopy(Array.from(sample)), 50);

  it("of a mean and a median is SciPy's, but for the lots that were drawn", () => {
    const { sample, mean, median: medianBounds } = scipy.bootstrap;
    for (const [statistic, bounds] of [
      [meanOf, mean],
      [median, medianBounds],
    ] as const) {
      const interval = bootstrapInterval(sample, statistic);
      expect(interval.value).toBe(statistic(Float64Array.from(sample)));
      const width = bounds.high - bounds.low;
      expect(Math.abs(interval.low - bounds.low)).toBeLessThan(0.05 * width);
      expect(Math.abs(interval.high - bounds.high)).toBeLessThan(0.05 * width);
    }
  });

  it("of three values has the ends of all their 27 equally likely resamples", () => {
    const { values, means } = scipy.resampledMeans;
    const interval = bootstrapInterval(values, meanOf, { confidence: 0.8 });
    expect(means).toHaveLength(27);
    // 3 of 27 resamples lie at or below the 10th percentile's place.
    expect(interval.low).toBeCloseTo(means[2] ?? NaN, 9);
    expect(interval.high).toBeCloseTo(means[24] ?? NaN, 9);
  });

  it("is fixed by its seed, and has no width for equal values", () => {
    const { sample } = scipy.bootstrap;
    const at = (seed: number) => bootstrapInterval(sample, meanOf, { seed, resamples: 200 });
    expect(at(1)).toEqual(at(1));
    expect(at(1)).not.toEqual(at(2));
    expect(bootstrapInterval([3, 3, 3], meanOf, { resamples: 50 })).toEqual({ value: 3, low: 3, high: 3 });
  });
});

describe("bootstrapRatio", () => {
  it("of two means is SciPy's, but for the lots that were drawn", () => {
    const { sample, other, ratioOfMeans } = scipy.bootstrap;
    const interval = bootstrapRatio(sample, other, meanOf);
    const width = ratioOfMeans.high - ratioOfMeans.low;
    expect(interval.value).toBeCloseTo(meanOf(sample) / meanOf(other), 12);
    expect(Math.abs(interval.low - ratioOfMeans.low)).toBeLessThan(0.05 * width);
    expect(Math.abs(interval.high - ratioOfMeans.high)).toBeLessThan(0.05 * width);
  });
});
