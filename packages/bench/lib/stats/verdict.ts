/** What two measurements of one figure come to: the rule, and nothing else. Pure. */
import { holmAdjusted, mannWhitney, smallestPValue } from "./mann-whitney.js";

/** The level of the tests, and of the intervals: 1 minus this. */
export const SIGNIFICANCE = 0.05;

/** Fewer values than this on a side have no interval that means anything, and show no order, whatever they are. */
export const MIN_VALUES = 3;

/** What B is, compared with A. "unclear": neither a difference beyond the threshold nor its absence is shown. */
export type Verdict = "faster" | "slower" | "same" | "unclear";

/** The two-sided Mann-Whitney test of B against A. */
export interface OrderTest {
  /** Of B: pairs in which its value is the larger one; equal ones count one half. */
  readonly u: number;
  /** Two-sided, 0 to 1, as if it were the only test. */
  readonly pValue: number;
  /** By Holm's method over all tests of the comparison; null where it has too few values to be one of them. */
  readonly adjustedPValue: number | null;
  /** B's values tend to be larger, or smaller, than A's, by more than chance explains; null where that is not shown. */
  readonly order: "larger" | "smaller" | null;
}

/** Values of both sides. */
export interface TestedValues {
  /** Of benchmark A. */
  readonly a: readonly number[];
  /** Of benchmark B. */
  readonly b: readonly number[];
}

/**
 * Tests several pairs of samples that are judged together. The order of two samples is shown where the p-value, adjusted
 * by Holm's method, is below 0.05. Of independent values this keeps the chance that any pair is called different though
 * none is below 0.05. Requests of one run are not independent, so that a verdict takes an interval over repeats as well.
 *
 * Few values, such as three repeats, cannot have such a p-value. They are left out of the adjustment, which they would
 * only make harder for the others, and their order is shown where they do not overlap at all and there are at least three
 * on each side: three and three that do not differ lie so in one of ten comparisons.
 */
export function orderTests(pairs: readonly TestedValues[]): OrderTest[] {
  const tests = pairs.map(({ a, b }) => ({
    ...mannWhitney(b, a),
    largestU: a.length * b.length,
    fewest: Math.min(a.length, b.length),
    isTestable: smallestPValue(a.length, b.length) < SIGNIFICANCE,
  }));
  const adjusted = holmAdjusted(tests.flatMap(({ pValue, isTestable }) => (isTestable ? pValue : [])));
  let next = 0;
  return tests.map(({ u, pValue, largestU, fewest, isTestable }) => {
    const adjustedPValue = isTestable ? (adjusted[next++] ?? 1) : null;
    const isShown =
      adjustedPValue === null
        ? fewest >= MIN_VALUES && (u === 0 || u === largestU)
        : adjustedPValue < SIGNIFICANCE;
    return { u, pValue, adjustedPValue, order: isShown ? (u > largestU / 2 ? "larger" : "smaller") : null };
  });
}

/** B's mean over A's, with its 95 % interval. */
export interface RatioInterval {
  /** Above 1: B's mean is the larger one. */
  readonly value: number;
  /** Lower end; null for fewer than three values on a side. */
  readonly low: number | null;
  /** Upper end; null for fewer than three values on a side. */
  readonly high: number | null;
}

/** What a verdict is made of. */
export interface Evidence {
  /** B / A. */
  readonly ratio: RatioInterval;
  /** What the test of B against A shows; null where it shows nothing. */
  readonly order: OrderTest["order"];
  /** True for latencies, false for throughputs. */
  readonly isLowerBetter: boolean;
  /** In percent: 5 leaves times of 1 / 1.05 to 1.05 of A's as they are. */
  readonly thresholdPercent: number;
}

/**
 * The rule. Throughputs are turned over first, so that a ratio above 1 is always slower.
 *
 * - "slower", "faster": the ratio is beyond the threshold, its interval leaves out 1, and the test shows the same order.
 * - "same": else, where the whole interval lies within the threshold.
 * - "unclear": else. More repeats make it narrower.
 */
export function verdictOf({ ratio, order, isLowerBetter, thresholdPercent }: Evidence): Verdict {
  if (ratio.low === null || ratio.high === null) return "unclear";
  const [value, low, high] = isLowerBetter
    ? [ratio.value, ratio.low, ratio.high]
    : [1 / ratio.value, 1 / ratio.high, 1 / ratio.low];
  const limit = 1 + thresholdPercent / 100;
  const [slower, faster] = isLowerBetter ? ["larger", "smaller"] : ["smaller", "larger"];
  if (order === slower && low > 1 && value > limit) return "slower";
  if (order === faster && high < 1 && value < 1 / limit) return "faster";
  return low >= 1 / limit && high <= limit ? "same" : "unclear";
}

/** One verdict of many: "slower" where anything is, else "faster", else "unclear", else "same". */
export function overallVerdict(verdicts: readonly Verdict[]): Verdict {
  const order: readonly Verdict[] = ["slower", "faster", "unclear"];
  return order.find((verdict) => verdicts.includes(verdict)) ?? "same";
}
