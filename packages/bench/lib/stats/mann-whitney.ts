/** The Mann-Whitney U test: whether values of one sample tend to be larger than those of another. Pure. */

/** What the test found. */
export interface MannWhitney {
  /** Pairs of a value of `a` and a smaller one of `b`; equal ones count one half. */
  readonly u: number;
  /** The chance of an order at least as uneven, on either side, where both samples come from one distribution: 0 to 1. */
  readonly pValue: number;
}

/**
 * The two-sided test by the normal approximation, with corrections for ties and continuity: what
 * `scipy.stats.mannwhitneyu(a, b, method="asymptotic")` gives.
 *
 * @param a - at least one value
 * @param b - at least one value
 */
export function mannWhitney(a: readonly number[], b: readonly number[]): MannWhitney {
  const { rankSum, tieSum } = ranksOf(a, b);
  const u = rankSum - (a.length * (a.length + 1)) / 2;
  return { u, pValue: pValueOf(u, a.length, b.length, tieSum) };
}

/** The smallest p-value that samples of these sizes can have: that of samples which do not overlap. */
export function smallestPValue(sizeA: number, sizeB: number): number {
  return pValueOf(0, sizeA, sizeB, 0);
}

/** Holm's adjustment of p-values that are judged together, in their order: 0 to 1. */
export function holmAdjusted(pValues: readonly number[]): number[] {
  const order = pValues.map((pValue, index) => ({ pValue, index })).sort((x, y) => x.pValue - y.pValue);
  const adjusted = pValues.map(() => 1);
  let largest = 0;
  for (const [rank, { pValue, index }] of order.entries()) {
    largest = Math.max(largest, Math.min(1, pValue * (order.length - rank)));
    adjusted[index] = largest;
  }
  return adjusted;
}

/** The sum of the ranks of `a` among all values, ties sharing their mean rank; and t³ − t summed over groups of t ties. */
function ranksOf(a: readonly number[], b: readonly number[]): { rankSum: number; tieSum: number } {
  const all = [
    ...a.map((value) => ({ value, isA: true })),
    ...b.map((value) => ({ value, isA: false })),
  ].sort((x, y) => x.value - y.value);
  let rankSum = 0;
  let tieSum = 0;
  for (let start = 0; start < all.length;) {
    let end = start + 1;
    while (end < all.length && all[end]?.value === all[start]?.value) end++;
    const ties = end - start;
    tieSum += ties ** 3 - ties;
    // Ranks start + 1 to end.
    rankSum += ((start + 1 + end) / 2) * all.slice(start, end).filter(({ isA }) => isA).length;
    start = end;
  }
  return { rankSum, tieSum };
}

function pValueOf(u: number, sizeA: number, sizeB: number, tieSum: number): number {
  const all = sizeA + sizeB;
  const variance = ((sizeA * sizeB) / 12) * (all + 1 - tieSum / (all * (all - 1)));
  // Nothing but equal values.
  if (variance <= 0) return 1;
  const away = Math.abs(u - (sizeA * sizeB) / 2) - 0.5;
  return away <= 0 ? 1 : erfc(away / Math.sqrt(2 * variance));
}

/** The complementary error function for x above 0. */
function erfc(x: number): number {
  if (x < 3) {
    // All terms are positive, so nothing cancels out.
    let term = x;
    let sum = x;
    for (let n = 1; term > sum * 1e-17; n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
  }
  // Laplace's continued fraction, from its end.
  let fraction = x;
  for (let k = 80; k >= 1; k--) fraction = x + k / 2 / fraction;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction;
}
