import { describe, expect, it } from "vitest";
import { MIN_BLOCKS, plannedLooks, ratioOf } from "../../../lib/tune/search/sequential.js";

describe("plannedLooks", () => {
  it("looks after a quarter, half and all of the blocks, with shares of the error that add up to it", () => {
    const looks = plannedLooks(16, 0.05);
    expect(looks.map(({ blocks }) => blocks)).toEqual([4, 8, 16]);
    expect(looks.reduce((sum, { error }) => sum + error, 0)).toBeCloseTo(0.05, 12);
    expect(looks[2]?.error).toBeCloseTo(0.025, 12);
  });

  it.each([1, 3, 4, 5, 7, 10])("spends all of the error where %d blocks make fewer looks", (blocks) => {
    const looks = plannedLooks(blocks, 0.05);
    expect(looks.at(-1)?.blocks).toBe(Math.max(MIN_BLOCKS, blocks));
    expect(looks.reduce((sum, { error }) => sum + error, 0)).toBeCloseTo(0.05, 12);
    for (const look of looks) expect(look.blocks).toBeGreaterThanOrEqual(MIN_BLOCKS);
  });
});

describe("ratioOf", () => {
  it("is the geometric mean with Student's interval on the logarithms", () => {
    const { ratio, low, high } = ratioOf([Math.log(1.1), Math.log(1.2), Math.log(1.3)]);
    expect(ratio).toBeCloseTo(1.197216, 5);
    // t = 4.302653 for two degrees of freedom.
    const [spread, mean] = [0.0835914, Math.log(1.197216)];
    expect(low).toBeCloseTo(Math.exp(mean - (4.302653 * spread) / Math.sqrt(3)), 3);
    expect(high).toBeCloseTo(Math.exp(mean + (4.302653 * spread) / Math.sqrt(3)), 3);
  });

  it("has no interval of a single value", () => {
    expect(ratioOf([0])).toEqual({ ratio: 1, low: 0, high: null });
  });
});
