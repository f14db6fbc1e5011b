import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { median, ordersOf, ratioInterval, verdict } from "../../../../benchmarks/shared/statistics.mjs";
import { randomNumbers } from "../../../../scripts/random-numbers.mjs";

describe("ratioInterval", () => {
  it("of equal ratios is that ratio and has no width", () => {
    const interval = ratioInterval([0.8, 0.8, 0.8]);
    expect(interval.n).toBe(3);
    for (const value of [interval.mean, interval.low, interval.high]) expect(value).toBeCloseTo(0.8, 12);
  });

  it("of two ratios is what Student's t says by hand", () => {
    // Logarithms 0 and 2: mean 1, standard deviation sqrt(2), its error 1, and t with one degree is 12.7062.
    const { mean, low, high } = ratioInterval([1, Math.exp(2)]);
    expect(mean).toBeCloseTo(Math.E, 9);
    expect(Math.log(low)).toBeCloseTo(1 - 12.7062, 4);
    expect(Math.log(high)).toBeCloseTo(1 + 12.7062, 4);
  });

  it("says the same of ours/theirs and of theirs/ours", () => {
    const ratios = fc.array(fc.double({ min: 0.01, max: 100, noNaN: true }), { minLength: 2, maxLength: 30 });
    fc.assert(
      fc.property(ratios, (given) => {
        const forth = ratioInterval(given);
        const back = ratioInterval(given.map((ratio) => 1 / ratio));
        expect(Math.log(forth.mean)).toBeCloseTo(-Math.log(back.mean), 6);
        expect(Math.log(forth.low)).toBeCloseTo(-Math.log(back.high), 6);
        expect(forth.low).toBeLessThanOrEqual(forth.mean);
        expect(forth.mean).toBeLessThanOrEqual(forth.high);
      }),
    );
  });

  it("holds the truth in 95 of 100 samples of 20", () => {
    const random = randomNumbers(7);
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    let held = 0;
    for (let sample = 0; sample < 4000; sample++) {
      const { low, high } = ratioInterval(Array.from({ length: 20 }, () => 1.1 * Math.exp(0.2 * normal())));
      if (low <= 1.1 && 1.1 <= high) held++;
    }
    expect(held / 4000).toBeGreaterThan(0.94);
    expect(held / 4000).toBeLessThan(0.96);
  });
});

describe("verdict", () => {
  it("claims a difference only where the interval leaves out 1", () => {
    expect(verdict({ low: 0.8, high: 0.99 })).toBe("lower");
    expect(verdict({ low: 1.01, high: 1.2 })).toBe("higher");
    expect(verdict({ low: 0.99, high: 1.2 })).toBe("no difference shown");
    expect(verdict({ low: 0.9, high: 1 })).toBe("no difference shown");
    expect(verdict(ratioInterval([0.5]))).toBe("too few pairs");
  });
});

describe("ordersOf", () => {
  it("gives blocks of an order and the same backwards, with each name once", () => {
    const anyNames = fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.integer(), anyNames, fc.integer({ min: 1, max: 50 }), (seed, names, rounds) => {
        const orders = ordersOf(names, rounds, randomNumbers(seed));
        expect(orders).toHaveLength(rounds);
        for (const order of orders) expect([...order].sort()).toEqual([...names].sort());
        for (let i = 1; i < rounds; i += 2) expect(orders[i]).toEqual(orders[i - 1]?.toReversed());
      }),
    );
  });

  it("draws each order as often as the others", () => {
    const counts = new Map<string, number>();
    for (const [order] of Array.from({ length: 6000 }, (_, seed) =>
      ordersOf(["A", "B", "C"], 1, randomNumbers(seed)),
    )) {
      const key = order!.join("");
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it("draws lots, by the seed alone", () => {
    const drawn = (seed: number) => ordersOf(["A", "B"], 20, randomNumbers(seed)).join(" ");
    expect(new Set(Array.from({ length: 20 }, (_, seed) => drawn(seed))).size).toBeGreaterThan(15);
    expect(drawn(3)).toBe(drawn(3));
  });
});

describe("median", () => {
  it("is the middle value, or the mean of the two in the middle, in any order", () => {
    expect(median([3])).toBe(3);
    expect(median([9, 1, 5])).toBe(5);
    expect(median([10, 1, 2, 9])).toBe(5.5);
  });
});

describe("randomNumbers", () => {
  it("spreads evenly over [0, 1)", () => {
    const random = randomNumbers(1);
    const counts = Array.from({ length: 10 }, () => 0);
    for (let i = 0; i < 100_000; i++) counts[Math.floor(random() * 10)]! += 1;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(400);
  });
});
