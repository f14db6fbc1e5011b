import { describe, expect, it } from "vitest";
import { seededRandom, shuffledIndexes } from "../../../lib/stats/random.js";
import { fixture } from "../sample-data.js";

interface Gammas {
  readonly gamma: ReadonlyArray<{ shape: number; quantiles: ReadonlyArray<[part: number, value: number]> }>;
}

function take(count: number, next: () => number): number[] {
  return Array.from({ length: count }, next);
}

describe("seededRandom", () => {
  it("gives the same numbers for the same seed and purpose, and others for any other", () => {
    const numbers = (seed: number, ...purpose: Array<string | number>) =>
      take(8, seededRandom(seed, ...purpose).float).join(" ");
    expect(numbers(3, "lengths", 1)).toBe(numbers(3, "lengths", 1));
    const all = [
      numbers(3, "lengths", 1),
      numbers(4, "lengths", 1),
      numbers(3, "lengths", 2),
      numbers(3, "arrivals"),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  it("gives integers of which both ends come, each as often as the others", () => {
    const random = seededRandom(1);
    const counts = new Map<number, number>();
    for (let i = 0; i < 6000; i++) {
      const value = random.integer(-2, 3);
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2, 3]);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it.each((fixture("statistics.json") as Gammas).gamma)(
    "gives gamma variates of shape $shape that lie as SciPy's distribution does",
    ({ shape, quantiles }) => {
      const random = seededRandom(5, "gamma", shape);
      const values = take(20_000, () => random.gamma(shape));
      for (const [part, value] of quantiles) {
        const below = values.filter((one) => one <= value).length / values.length;
        expect(Math.abs(below - part)).toBeLessThan(0.015);
      }
    },
  );
});

describe("shuffledIndexes", () => {
  it("has each index once, in an order that the seed fixes", () => {
    const order = (seed: number) => Array.from(shuffledIndexes(100, seededRandom(seed)));
    expect(order(1).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, index) => index));
    expect(order(1)).toEqual(order(1));
    expect(order(1)).not.toEqual(order(2));
    expect(order(1)).not.toEqual(order(1).toSorted((a, b) => a - b));
    expect(shuffledIndexes(0, seededRandom(1))).toHaveLength(0);
  });
});
