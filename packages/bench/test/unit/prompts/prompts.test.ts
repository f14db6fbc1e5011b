import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  givenPrompts,
  prefixKey,
  randomLength,
  randomPrompts,
  type BenchPrompt,
} from "../../../lib/prompts/prompts.js";
import { seededRandom } from "../../../lib/stats/random.js";

function idsOf({ input }: BenchPrompt): number[] {
  if (typeof input !== "object" || !("tokenIds" in input)) throw new Error("The prompt has no token ids.");
  return Array.from(input.tokenIds);
}

describe("randomPrompts", () => {
  it("are consecutive ids of the vocabulary without its special ones, as long as asked for", () => {
    const prompts = randomPrompts({ size: 10, specialIds: [0, 1, 5] }, 1);
    const ring = [2, 3, 4, 6, 7, 8, 9];
    for (let index = 0; index < ring.length; index++) {
      const prompt = prompts.prompt(index, 12);
      const ids = idsOf(prompt);
      const start = ring.indexOf(ids[0] ?? -1);
      expect(start).not.toBe(-1);
      expect(ids).toEqual(
        Array.from({ length: 12 }, (_, position) => ring[(start + position) % ring.length]),
      );
      expect(prompt.length).toBe(12);
    }
  });

  it("differ in their first token, until the vocabulary is used up, and in the second one after that", () => {
    const settings = fc.record({ size: fc.integer({ min: 5, max: 60 }), seed: fc.integer() });
    fc.assert(
      fc.property(settings, ({ size, seed }) => {
        const prompts = randomPrompts({ size, specialIds: [] }, seed);
        const firsts = Array.from({ length: size }, (_, index) => idsOf(prompts.prompt(index, 4))[0]);
        expect(new Set(firsts).size).toBe(size);
        const keys = Array.from({ length: size * 3 }, (_, index) => prefixKey(prompts.prompt(index, 4)));
        expect(new Set(keys).size).toBe(size * 3);
      }),
    );
  });

  it("are fixed by the seed and the number alone", () => {
    const vocabulary = { size: 1000, specialIds: [] };
    const [a, b, c] = [
      randomPrompts(vocabulary, 1),
      randomPrompts(vocabulary, 1),
      randomPrompts(vocabulary, 2),
    ];
    a.prompt(7, 3);
    expect(a.prompt(5, 8)).toEqual(b.prompt(5, 8));
    const ten = (source: typeof a) =>
      Array.from({ length: 10 }, (_, index) => idsOf(source.prompt(index, 1))[0]);
    expect(ten(a)).not.toEqual(ten(c));
  });

  it("use special ids where there are no others", () => {
    expect(idsOf(randomPrompts({ size: 1, specialIds: [0] }, 0).prompt(0, 2))).toEqual([0, 0]);
  });
});

describe("givenPrompts", () => {
  it("come in an order that the seed fixes, all of them before the first one again", () => {
    const given = Array.from("abcdefgh", (input): BenchPrompt => ({ input, length: null }));
    const inputs = (seed: number, from: number, count: number) =>
      Array.from({ length: count }, (_, index) => givenPrompts(given, seed).prompt(from + index, 99).input);
    expect(new Set(inputs(1, 0, 8))).toEqual(new Set("abcdefgh"));
    expect(inputs(1, 8, 8)).toEqual(inputs(1, 0, 8));
    expect(inputs(1, 0, 8)).not.toEqual(inputs(2, 0, 8));
  });
});

describe("prefixKey", () => {
  const ids = (tokenIds: number[]): BenchPrompt => ({ input: { tokenIds }, length: tokenIds.length });
  const block = Array.from({ length: 32 }, (_, index) => index);

  it("is equal for prompts that share their first block of 32 tokens, and for no others", () => {
    expect(prefixKey(ids([...block, 1]))).toBe(prefixKey(ids([...block, 2, 3])));
    expect(prefixKey(ids([...block.slice(0, 31), 99]))).not.toBe(prefixKey(ids(block)));
    expect(prefixKey(ids([1, 2]))).not.toBe(prefixKey(ids([1, 2, 3])));
  });

  it("distinguishes texts and chats", () => {
    const keys = ["a", "b", [{ role: "user", content: "a" }]].map((input) =>
      prefixKey({ input, length: null }),
    );
    expect(new Set(keys).size).toBe(3);
  });
});

describe("randomLength", () => {
  it("is the length itself without a ratio", () => {
    expect(randomLength(128, 0, seededRandom(1))).toBe(128);
  });

  it("takes every value from length * (1 - ratio), rounded down, to length * (1 + ratio), rounded up", () => {
    const random = seededRandom(1);
    const lengths = new Set(Array.from({ length: 500 }, () => randomLength(10, 0.25, random)));
    expect([...lengths].sort((a, b) => a - b)).toEqual([7, 8, 9, 10, 11, 12, 13]);
  });

  it("is at least 1", () => {
    const random = seededRandom(2);
    const lengths = Array.from({ length: 200 }, () => randomLength(1, 0.99, random));
    expect(Math.min(...lengths)).toBe(1);
    expect(Math.max(...lengths)).toBe(2);
  });
});
