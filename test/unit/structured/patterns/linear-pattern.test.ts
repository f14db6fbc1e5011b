import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LinearPattern, TooMuchWork, WorkLimit } from "../../../../lib/structured/patterns/linear-pattern.js";
import { UnsupportedPattern } from "../../../../lib/structured/patterns/parse-pattern.js";

const matches = (pattern: string, text: string, steps = 10_000_000): boolean =>
  new LinearPattern(pattern).test(text, new WorkLimit(steps));

/** What JavaScript says, asked at each character: V8's own search also begins in the middle of one of two halves. */
function ownAnswer(own: RegExp, text: string): boolean {
  const places = [0];
  for (const character of text) places.push((places.at(-1) ?? 0) + character.length);
  return places.some((place) => {
    own.lastIndex = place;
    return own.test(text);
  });
}

/** Expressions of every kind there is, small enough for JavaScript's own engine. */
const expression = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(
      ..."abc-1 é🙂".replaceAll("-", ""),
      ..."^ $ \\b \\B . \\d \\D \\w \\W \\s \\S [ab] [^a] [\\d\\s] [^\\S\\n] [] [^] [a-c🙂] \\p{L} \\P{Lu} \\p{Script=Greek}".split(
        " ",
      ),
      ..."\\n \\0 \\x61 \\u0062 \\u{1f642} \\ud83d\\ude42 \\ud83d \\cJ \\. \\/ (?<a>a)".split(" "),
    ),
    fc.array(tie("node"), { maxLength: 3 }).map((parts) => parts.join("")),
    fc.array(tie("node"), { minLength: 1, maxLength: 3 }).map((parts) => `(?:${parts.join("|")})`),
    tie("node").map((part) => `(${part})`),
    fc
      .tuple(tie("node"), fc.constantFrom("*", "+", "?", "*?", "{2}", "{0,2}", "{1,}", "{0}", "{1,2}?"))
      .map(([part, times]) => `(?:${part})${times}`),
    fc
      .tuple(fc.constantFrom("?=", "?!", "?<=", "?<!"), tie("node"))
      .map(([look, part]) => `(${look}${part})`),
  ),
})).node;

const text = fc.string({
  unit: fc.constantFrom("a", "b", "c", "1", " ", "\n", "é", "Ω", "🙂", "\ud83d", "_", "\u2028", "B"),
  maxLength: 8,
});

describe("an expression in linear time", () => {
  it("says what JavaScript says", () => {
    fc.assert(
      fc.property(expression, fc.array(text, { minLength: 1, maxLength: 4 }), (pattern, texts) => {
        let own: RegExp;
        try {
          own = new RegExp(pattern, "uy");
        } catch {
          return; // two groups of one name
        }
        for (const some of texts)
          expect(matches(pattern, some), `${pattern} on ${some}`).toBe(ownAnswer(own, some));
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    ["^cat$|^dog$", "dog", true],
    ["^(?!.*\\.\\.)[a-z.]+@[a-z]+$", "a..b@c", false],
    ["^(?!.*\\.\\.)[a-z.]+@[a-z]+$", "a.b@c", true],
    ["(?<=\\$)\\d+(?!\\d|\\.)", "it costs $42", true],
    ["^(?:[A-Z]{2}\\d{4}){1,3}$", "AB1234CD5678", true],
    ["^(?:[A-Z]{2}\\d{4}){1,3}$", "AB123", false],
    ["", "", true],
  ])("%s on %j is %j", (pattern, some, answer) => {
    expect(matches(pattern, some)).toBe(answer);
  });

  it.each([
    "^(a+)+$",
    "^(a|a)*$",
    "^(.*)*x$",
    "(a*)*b",
    "^(?=(a+)+$)",
    "(?<=^(a+)+)b",
    "^([a-z]+-?)*[a-z]+$",
    "(?:a{1,50}){1,5}$",
  ])("takes steps in proportion to the text: %s", (pattern) => {
    const steps = (length: number): number => {
      const limit = new WorkLimit(10_000_000);
      new LinearPattern(pattern).test(`${"a".repeat(length)}!`, limit);
      return limit.spent;
    };
    const grown = steps(601) - steps(301);
    expect(grown).toBeGreaterThan(0);
    expect(grown).toBeLessThanOrEqual(steps(301) * 1.2);
  });

  it("stops at its limit", () => {
    expect(() => matches("a", "b".repeat(1000), 100)).toThrow(TooMuchWork);
  });

  it.each(["(a)\\1", "(?<x>a)\\k<x>"])("does not take %s, and says why", (pattern) => {
    expect(() => new LinearPattern(pattern)).toThrow(UnsupportedPattern);
    expect(() => new LinearPattern(pattern)).toThrow("back-reference");
  });

  it("does not take what would be too large", () => {
    expect(() => new LinearPattern("(?:abc{100}){100}")).toThrow("10000 states");
  });

  it.each(["(", "a**", "\\-", "[b-a]", "\\u{110000}"])("refuses what JavaScript refuses: %s", (pattern) => {
    expect(() => new LinearPattern(pattern)).toThrow(SyntaxError);
  });
});
