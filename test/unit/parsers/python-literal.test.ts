import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "./helpers.js";

/** What the parser makes of `[f(a=…)]`; undefined where it is no call. */
function valueOf(literal: string): unknown {
  const parts = parse({ tools: "llama-pythonic" }, [`[f(a=${literal})]`]);
  const call = parts.find((part) => part.type === "tool-call");
  return call === undefined ? undefined : call.arguments["a"];
}

/** JSON values, and ways in which Python writes them. */
const written: fc.Arbitrary<readonly [value: unknown, literal: string]> = fc.letrec<{
  any: readonly [unknown, string];
  list: readonly [unknown, string];
  dictionary: readonly [unknown, string];
}>((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom([true, "True"], [false, "False"], [null, "None"]) as fc.Arbitrary<
      readonly [unknown, string]
    >,
    fc.integer().map((value) => [value, String(value)] as const),
    fc.integer({ min: 0 }).map((value) => [value, `0x${value.toString(16)}`] as const),
    fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .map((value) => [Object.is(value, -0) ? 0 : value, String(Object.is(value, -0) ? 0 : value)] as const),
    writtenString(),
    tie("list"),
    tie("dictionary"),
  ),
  list: fc
    .tuple(fc.array(tie("any"), { maxLength: 4 }), fc.boolean(), fc.constantFrom(", ", ",", " ,\n "))
    .map(([items, isTuple, separator]) => {
      const inside =
        items.map(([, literal]) => literal).join(separator) + (isTuple && items.length > 0 ? "," : "");
      return [items.map(([value]) => value), isTuple ? `(${inside})` : `[${inside}]`] as const;
    }),
  dictionary: fc.array(fc.tuple(writtenString(), tie("any")), { maxLength: 3 }).map((entries) => {
    const inside = entries.map(([[, key], [, literal]]) => `${key}: ${literal}`).join(", ");
    return [Object.fromEntries(entries.map(([[key], [value]]) => [key, value])), `{${inside}}`] as const;
  }),
})).any;

/** A string in Python's single, double or triple quotes, with some characters as escapes. */
function writtenString(): fc.Arbitrary<readonly [string, string]> {
  return fc
    .tuple(
      fc.array(fc.tuple(fc.string({ unit: "binary", minLength: 1, maxLength: 1 }), fc.boolean()), {
        maxLength: 8,
      }),
      fc.constantFrom("'", '"', "'''", '"""'),
    )
    .map(([characters, quote]) => {
      const inside = characters.map(([character, isEscaped]) => {
        const code = character.codePointAt(0) ?? 0;
        if (character === "\\" || character === quote[0]) return `\\${character}`;
        if (!isEscaped) return character;
        return code > 0xffff
          ? `\\U${code.toString(16).padStart(8, "0")}`
          : code > 0xff
            ? `\\u${code.toString(16).padStart(4, "0")}`
            : `\\x${code.toString(16).padStart(2, "0")}`;
      });
      return [characters.map(([character]) => character).join(""), quote + inside.join("") + quote] as const;
    });
}

describe("Python's literals", () => {
  it("become the JSON values that they stand for", () => {
    fc.assert(
      fc.property(written, ([value, literal]) => {
        const expected = JSON.stringify(value);
        expect(JSON.stringify(valueOf(literal))).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ["1.", 1],
    ["-.5e-1", -0.05],
    ["0o17", 15],
    ["-0b101", -5],
    ["+7", 7],
    ["1_0.2_5", 10.25],
    ["'a\\\nb'", "ab"],
    ["'\\0\\12\\q\\N{x}'", "\0\n\\q\\N{x}"],
    ['"""a"b""c"""', 'a"b""c'],
    ["'it's the dog's day'", "it's the dog's day"],
    ['"say "yes" now"', 'say "yes" now'],
  ])("such as %s are read", (literal, value) => {
    expect(valueOf(literal)).toBe(value);
  });

  it.each([
    "",
    "x",
    "x()",
    "1 + 2",
    "1__0",
    "1_",
    "_1",
    "1e",
    "0x",
    "0b2",
    "--1",
    "1j",
    "1e999",
    "1e99_9999999",
    "9".repeat(5000),
    "nan",
    "'a",
    "'a' 'b'",
    "r'a'",
    "'\\x4'",
    "'\\U00110000'",
    "{1: 2}",
    "{1, 2}",
    "{'a'}",
    "[1 2]",
    "[1",
    "[,]",
    "constructor",
    "(1]",
  ])("do not include %j", (literal) => {
    expect(valueOf(literal)).toBeUndefined();
  });
});
