/** The ratio of two means of values that were measured in repeats, with an interval by resampling. Pure. */
import { percentile } from "openvino-llm/internal";
import { seededRandom, type Random } from "./random.js";
import type { BootstrapOptions, Interval } from "./statistics.js";

/** Values that belong together, as the gaps between a request's tokens do: their sum, and how many they are. */
export interface ValuePart {
  /** In the unit of the values. */
  readonly sum: number;
  /** How many they are: 1 or more. */
  readonly count: number;
}

/** For each repeat its parts. */
export type RepeatedSample = ReadonlyArray<readonly ValuePart[]>;

/** The mean of all values; NaN of none. */
export function meanOfParts(sample: RepeatedSample): number {
  const parts = sample.flat();
  const total = (pick: (part: ValuePart) => number) => parts.reduce((sum, part) => sum + pick(part), 0);
  return total(({ sum }) => sum) / total(({ count }) => count);
}

/**
 * The ratio of two means, `over` divided by `under`, with its bootstrap percentile interval in two stages: repeats are
 * drawn, then parts within each of them. Requests of one run share its waves and the state of the machine; drawn as if
 * they were independent, they would make the interval far too narrow. Parts of a single repeat are drawn as they are.
 *
 * One repeat fewer is drawn than there are, which gives the spread between few repeats its true size (Rao and Wu, 1988).
 * With three repeats that differ by far more than their requests do, it is still too narrow: a 95 % interval then holds
 * the true ratio in about nine of ten cases.
 *
 * @param over - at least one repeat, each with at least one part
 * @param under - at least one repeat, each with at least one part
 */
export function bootstrapMeanRatio(
  over: RepeatedSample,
  under: RepeatedSample,
  { confidence = 0.95, resamples = 10_000, seed = 0 }: BootstrapOptions = {},
): Interval {
  const random = seededRandom(seed, "bootstrap");
  const drawn = Float64Array.from(
    { length: resamples },
    () => resampledMean(over, random) / resampledMean(under, random),
  ).sort();
  const outside = (100 * (1 - confidence)) / 2;
  return {
    value: meanOfParts(over) / meanOfParts(under),
    low: percentile(drawn, outside),
    high: percentile(drawn, 100 - outside),
  };
}

function resampledMean(sample: RepeatedSample, random: Random): number {
  let sum = 0;
  let count = 0;
  const draws = Math.max(1, sample.length - 1);
  for (let draw = 0; draw < draws; draw++) {
    const parts = sample[random.integer(0, sample.length - 1)] ?? [];
    for (let i = 0; i < parts.length; i++) {
      const part = parts[random.integer(0, parts.length - 1)];
      sum += part?.sum ?? 0;
      count += part?.count ?? 0;
    }
  }
  return sum / count;
}
