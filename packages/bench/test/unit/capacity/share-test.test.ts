import { describe, expect, it } from "vitest";
import { ShareTest } from "../../../lib/capacity/share-test.js";
import { seededRandom } from "../../../lib/stats/random.js";

/** How often a state is reached where requests are good with a probability. */
function partOf(state: "holds" | "fails", share: number, probability: number, requests: number): number {
  const runs = 500;
  const random = seededRandom(7, "share", share, probability);
  let count = 0;
  for (let run = 0; run < runs; run++) {
    const test = new ShareTest(share, 0.05);
    while (test.n < requests && test.state === "open") test.add(random.float() < probability);
    if (test.state === state) count += 1;
  }
  return count / runs;
}

describe("the test of a share", () => {
  it("shows 99 % at the earliest after 368 good requests in a row, and a failure after one or two", () => {
    const holding = new ShareTest(0.99, 0.05);
    for (let i = 1; i < 368; i++) expect(holding.add(true)).toBe("open");
    expect(holding.add(true)).toBe("holds");
    // What is decided stays so.
    for (let i = 0; i < 50; i++) holding.add(false);
    expect(holding.state).toBe("holds");
    expect(new ShareTest(0.99, 0.05).add(false)).toBe("fails");
    const half = new ShareTest(0.5, 0.05);
    expect([1, 2, 3, 4].map(() => half.add(false))).toEqual(["open", "open", "open", "open"]);
    expect(new ShareTest(0.5, 0.05, 64).firstLook).toBe(64);
  });

  it.each([0.9, 0.99])("of %d is wrong less often than 5 in 100, however often it looks", (share) => {
    // Just on the other side of the share: 5 % of 500 and three standard deviations.
    expect(partOf("holds", share, share - 0.001, 4000)).toBeLessThan(0.08);
    expect(partOf("fails", share, share + 0.001, 4000)).toBeLessThan(0.08);
  });

  it("finds what is well on one side", () => {
    expect(partOf("holds", 0.9, 0.97, 1000)).toBeGreaterThan(0.95);
    expect(partOf("fails", 0.9, 0.7, 200)).toBeGreaterThan(0.95);
    expect(partOf("holds", 0.99, 0.9999, 2000)).toBeGreaterThan(0.95);
  });
});
