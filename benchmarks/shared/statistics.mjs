// Pure statistics of trials that are compared.

/** Two-sided 95 % quantiles of Student's t for 1 to 30 degrees of freedom, then for what follows. */
const STUDENT_975 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];
const STUDENT_975_ABOVE_30 = [
  [120, 1.98],
  [60, 2],
  [40, 2.021],
  [30, 2.042],
];

/**
 * The 97.5 % quantile of Student's t. Between tabulated degrees of freedom the next lower ones count, which makes an
 * interval wider, never narrower.
 * @param {number} degrees degrees of freedom, at least 1
 * @returns {number}
 */
export function studentQuantile(degrees) {
  const tabulated = STUDENT_975[degrees - 1];
  if (tabulated !== undefined) return tabulated;
  return STUDENT_975_ABOVE_30.find(([from = 0]) => degrees >= from)?.[1] ?? NaN;
}

/**
 * The geometric mean of paired ratios with its 95 % interval: Student's t on the logarithms, so that ours/theirs and
 * theirs/ours say the same.
 * @param {readonly number[]} ratios positive
 * @returns {{ n: number, mean: number, low: number, high: number }} low and high are NaN for fewer than two
 */
export function ratioInterval(ratios) {
  const n = ratios.length;
  const logs = ratios.map(Math.log);
  const mean = logs.reduce((sum, log) => sum + log, 0) / n;
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / (n - 1);
  const half = n > 1 ? studentQuantile(n - 1) * Math.sqrt(variance / n) : NaN;
  return { n, mean: Math.exp(mean), low: Math.exp(mean - half), high: Math.exp(mean + half) };
}

/**
 * What an interval of ours/theirs supports, and no more.
 * @param {{ low: number, high: number }} interval
 * @returns {"lower" | "higher" | "no difference shown" | "too few pairs"}
 */
export function verdict({ low, high }) {
  if (Number.isNaN(low)) return "too few pairs";
  if (high < 1) return "lower";
  return low > 1 ? "higher" : "no difference shown";
}

/**
 * Who goes when in each round: blocks of two rounds, an order by lot and then the same backwards (A B C, C B A), so that a
 * drift of the machine falls on all alike.
 * @template Name
 * @param {readonly Name[]} names
 * @param {number} rounds
 * @param {() => number} random in [0, 1)
 * @returns {Name[][]} the order of each round
 */
export function ordersOf(names, rounds, random) {
  /** @type {Name[][]} */
  const orders = [];
  while (orders.length < rounds) {
    const order = shuffled(names, random);
    orders.push(order, order.toReversed());
  }
  return orders.slice(0, rounds);
}

/**
 * Fisher and Yates.
 * @template Item
 * @param {readonly Item[]} items
 * @param {() => number} random
 * @returns {Item[]}
 */
function shuffled(items, random) {
  const left = [...items];
  return items.map(() => left.splice(Math.floor(random() * left.length), 1)[0]);
}

/**
 * Median of at least one value.
 * @param {readonly number[]} values
 * @returns {number}
 */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
}

/**
 * Random numbers in [0, 1) that a seed fixes (mulberry32).
 * @param {number} seed
 * @returns {() => number}
 */
export function seededRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
