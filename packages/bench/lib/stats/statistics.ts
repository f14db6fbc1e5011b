/** How sure a figure is: intervals over repeats, and by resampling. Pure; random numbers come from a seed. */
import { percentile } from "openvino-llm/internal";
import { seededRandom } from "./random.js";
import { studentQuantile } from "./student.js";

/** A figure with the interval that holds its true value with 95 % confidence, where that is known. */
export interface Estimate {
  /** The arithmetic mean of `values`. */
  readonly mean: number;
  /** Lower end of the interval; null where the values are too few for one. */
  readonly low: number | null;
  /** Upper end of the interval; null where the values are too few for one. */
  readonly high: number | null;
  /** What it is the mean of, one value for each repeat. */
  readonly values: readonly number[];
}

/** How an interval is made by resampling. */
export interface BootstrapOptions {
  /** Part of such intervals that hold the true value, between 0 and 1. Default 0.95. */
  readonly confidence?: number;
  /** How often the sample is drawn anew. Default 10,000. */
  readonly resamples?: number;
  /** The same seed gives the same interval. Default 0. */
  readonly seed?: number;
}

/** An interval and the figure in it. */
export interface Interval {
  /** The figure of the sample itself. */
  readonly value: number;
  /** Lower end. */
  readonly low: number;
  /** Upper end. */
  readonly high: number;
}

/**
 * The mean of repeats with its interval by Student's t. Repeats are few and each is a mean of many requests already, so
 * they are nearly normal, and a bootstrap of three values would be too narrow. Where each repeat's own values are known,
 * {@link repeatedMean} says more.
 *
 * @param values - at least one; two have an interval already, though a wide one
 */
export function estimateOf(values: readonly number[], confidence = 0.95): Estimate {
  const n = values.length;
  const mean = meanOf(values);
  if (n < 2) return { mean, low: null, high: null, values };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const half = studentQuantile((1 + confidence) / 2, n - 1) * Math.sqrt(variance / n);
  return { mean, low: mean - half, high: mean + half, values };
}

/**
 * A statistic of a sample with its bootstrap percentile interval.
 *
 * @param values - at least one
 * @param statistic - of an array in any order, which it must not keep or change
 */
export function bootstrapInterval(
  values: readonly number[],
  statistic: (sample: Float64Array) => number,
  options: BootstrapOptions = {},
): Interval {
  const sample = Float64Array.from(values);
  const { draw, intervalOf } = resampling(options);
  return { value: statistic(sample), ...intervalOf(() => statistic(draw(sample))) };
}

/**
 * The ratio of a statistic of two independent samples, `a` over `b`, with its bootstrap percentile interval.
 *
 * @param a - at least one value
 * @param b - at least one value
 */
export function bootstrapRatio(
  a: readonly number[],
  b: readonly number[],
  statistic: (sample: Float64Array) => number,
  options: BootstrapOptions = {},
): Interval {
  const [over, under] = [Float64Array.from(a), Float64Array.from(b)];
  const { draw, intervalOf } = resampling(options);
  return {
    value: statistic(over) / statistic(under),
    ...intervalOf(() => statistic(draw(over)) / statistic(draw(under))),
  };
}

/** The arithmetic mean; NaN of nothing. */
export function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ?? 0;
  return sum / values.length;
}

function resampling({ confidence = 0.95, resamples = 10_000, seed = 0 }: BootstrapOptions) {
  const random = seededRandom(seed, "bootstrap");
  return {
    draw: (sample: Float64Array): Float64Array =>
      sample.map(() => sample[random.integer(0, sample.length - 1)] ?? 0),
    intervalOf: (again: () => number): { low: number; high: number } => {
      const drawn = Float64Array.from({ length: resamples }, again).sort();
      const outside = (100 * (1 - confidence)) / 2;
      return { low: percentile(drawn, outside), high: percentile(drawn, 100 - outside) };
    },
  };
}
