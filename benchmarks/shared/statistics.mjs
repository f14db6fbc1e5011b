// Pure statistics of trials that are compared.
import { percentile, sortedCopy } from "../../dist/generation/percentile.js";
import { estimateOf } from "../../packages/bench/dist/stats/statistics.js";

/**
 * The geometric mean of paired ratios with its 95 % interval: Student's t on the logarithms, so that ours/theirs and
 * theirs/ours say the same.
 * @param {readonly number[]} ratios positive
 * @returns {{ n: number, mean: number, low: number, high: number }} low and high are NaN for fewer than two
 */
export function ratioInterval(ratios) {
  const { mean, low, high } = estimateOf(ratios.map(Math.log));
  return { n: ratios.length, mean: Math.exp(mean), low: Math.exp(low ?? NaN), high: Math.exp(high ?? NaN) };
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
  return percentile(sortedCopy(values), 50);
}
