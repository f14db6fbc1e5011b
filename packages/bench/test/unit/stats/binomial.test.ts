import { describe, expect, it } from "vitest";
import { atLeast, atMost, clopperPearson } from "../../../lib/stats/binomial.js";

describe("binomial probabilities", () => {
  it.each([
    [0, 5, 0.3],
    [3, 10, 0.2],
    [9, 10, 0.99],
    [10, 10, 0.99],
  ])("are sums of their terms: %d of %d at %d", (good, n, p) => {
    const choose = (k: number) =>
      Array.from({ length: k }, (_, i) => (n - i) / (i + 1)).reduce((product, factor) => product * factor, 1);
    const terms = Array.from({ length: n + 1 }, (_, k) => choose(k) * p ** k * (1 - p) ** (n - k));
    const sum = (from: number, to: number) =>
      terms.slice(from, to + 1).reduce((total, term) => total + term, 0);
    expect(atLeast(good, n, p)).toBeCloseTo(sum(good, n), 12);
    expect(atMost(good, n, p)).toBeCloseTo(sum(0, good), 12);
  });
});

describe("Clopper and Pearson's interval", () => {
  it.each([
    // Of none and of all it has a closed form; the others are in the tables.
    [0, 20, 0, 1 - 0.025 ** (1 / 20)],
    [41, 41, 0.025 ** (1 / 41), 1],
    [5, 10, 0.1871, 0.8129],
    [81, 263, 0.2527, 0.3676],
    [0, 0, 0, 1],
  ])("of %d of %d goes from %d to %d", (good, n, low, high) => {
    const found = clopperPearson(good, n);
    expect(found.low).toBeCloseTo(low, 4);
    expect(found.high).toBeCloseTo(high, 4);
  });
});
