/** The mean of values that were measured in repeats, with an interval by resampling. Pure. */
import { percentile } from "openvino-llm/internal";
import type { RepeatedSample, ValuePart } from "./mean-ratio.js";
import { seededRandom, type Random } from "./random.js";
import { estimateOf, meanOf, type Estimate } from "./statistics.js";
import { studentQuantile } from "./student.js";

/** From so many repeats on there is an interval: what two of them say of a third is next to nothing. */
export const MIN_REPEATS = 3;

/** How an interval is made. */
export interface RepeatedMeanOptions {
  /** The least value that the mean can have, where the interval ends at the latest. Default: there is none. */
  readonly least?: number;
  /** How often the sample is drawn anew. Default 2,000. */
  readonly resamples?: number;
  /** The same seed gives the same interval. Default 0. */
  readonly seed?: number;
}

/**
 * The mean of the repeats' means with its 95 % interval, which needs three repeats.
 *
 * The interval is a bootstrap in two stages: repeats are drawn, one fewer than there are (Rao and Wu, 1988), then parts
 * within each. Of few repeats that differ by more than their parts explain, the percentiles are too near to each other: three
 * repeats have no resample beyond the furthest of them, and it would hold the true mean in three of four cases. So it is
 * widened by Student's t over the normal quantile, as far as the difference of the repeats is not that of their parts. It
 * then holds the true mean in 91 % of cases or more, from two parts to many, alike or not. Where each repeat is a single
 * part there is nothing to draw in it, and the interval is Student's.
 *
 * @param sample - at least one repeat; each has a part at least
 */
export function repeatedMean(sample: RepeatedSample, options: RepeatedMeanOptions = {}): Estimate {
  const values = sample.map(meanOfRepeat);
  const mean = meanOf(values);
  if (values.length < MIN_REPEATS) return { mean, low: null, high: null, values };
  const { least = -Infinity, resamples = 2000, seed = 0 } = options;
  if (sample.every((parts) => parts.length === 1)) {
    const { low, high } = estimateOf(values);
    return { mean, low: low === null ? null : Math.max(least, low), high, values };
  }
  const random = seededRandom(seed, "repeated mean");
  const drawn = Float64Array.from({ length: resamples }, () => resampledMean(sample, random)).sort();
  const degrees = values.length - 1;
  const widened = studentQuantile(0.975, degrees) / NORMAL_QUANTILE - 1;
  const factor = 1 + widened * shareBetween(sample, values);
  const end = (percent: number) => Math.max(least, mean + factor * (percentile(drawn, percent) - mean));
  return { mean, low: end(2.5), high: end(97.5), values };
}

/** That of 0.975. */
const NORMAL_QUANTILE = 1.959964;

function meanOfRepeat(parts: readonly ValuePart[]): number {
  return totalOf(parts, ({ sum }) => sum) / totalOf(parts, ({ count }) => count);
}

function resampledMean(sample: RepeatedSample, random: Random): number {
  const draws = sample.length - 1;
  let means = 0;
  for (let draw = 0; draw < draws; draw++) {
    const parts = sample[random.integer(0, sample.length - 1)] ?? [];
    let sum = 0;
    let count = 0;
    for (let i = 0; i < parts.length; i++) {
      const part = parts[random.integer(0, parts.length - 1)];
      sum += part?.sum ?? 0;
      count += part?.count ?? 0;
    }
    means += sum / count;
  }
  return means / draws;
}

/** Part of the variance of the repeats' means that their parts do not explain: 0 to 1. */
function shareBetween(sample: RepeatedSample, values: readonly number[]): number {
  const mean = meanOf(values);
  const between = totalOf(values, (value) => (value - mean) ** 2) / (values.length - 1);
  const within = meanOf(sample.map((parts, index) => varianceOfMean(parts, values[index] ?? mean)));
  return between > 0 ? Math.max(0, 1 - within / between) : 0;
}

/** Of a ratio of sums (Cochran); a single part shows no spread, and explains nothing. */
function varianceOfMean(parts: readonly ValuePart[], mean: number): number {
  const n = parts.length;
  if (n < 2) return 0;
  const squares = totalOf(parts, ({ sum, count }) => (sum - mean * count) ** 2);
  return (squares * n) / ((n - 1) * totalOf(parts, ({ count }) => count) ** 2);
}

function totalOf<Value>(values: readonly Value[], pick: (value: Value) => number): number {
  return values.reduce((sum, value) => sum + pick(value), 0);
}
