/** How sure a share of successes is. Pure. */
import { incompleteBeta } from "./student.js";

/** The probability of `good` or more successes in `n` independent trials of a probability. */
export function atLeast(good: number, n: number, probability: number): number {
  return good <= 0 ? 1 : incompleteBeta(probability, good, n - good + 1);
}

/** The probability of `good` or fewer successes in `n` independent trials of a probability. */
export function atMost(good: number, n: number, probability: number): number {
  return good >= n ? 1 : 1 - incompleteBeta(probability, good + 1, n - good);
}

/** Clopper and Pearson's exact interval of the probability, two-sided; 0 to 1 of no trial. */
export function clopperPearson(good: number, n: number, confidence = 0.95): { low: number; high: number } {
  const tail = (1 - confidence) / 2;
  return {
    low: good === 0 ? 0 : crossing((probability) => atLeast(good, n, probability) > tail),
    high: good === n ? 1 : crossing((probability) => atMost(good, n, probability) <= tail),
  };
}

/** From where on between 0 and 1 it is so. */
function crossing(isSo: (probability: number) => boolean): number {
  let [low, high] = [0, 1];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (isSo(middle)) high = middle;
    else low = middle;
  }
  return (low + high) / 2;
}
