/** The types of statistics.mjs, for its test. */
export interface Interval {
  n: number;
  mean: number;
  low: number;
  high: number;
}
export function ratioInterval(ratios: readonly number[]): Interval;
export function verdict(
  interval: Pick<Interval, "low" | "high">,
): "lower" | "higher" | "no difference shown" | "too few pairs";
export function ordersOf<Name>(names: readonly Name[], rounds: number, random: () => number): Name[][];
export function median(values: readonly number[]): number;
