import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isJson, isJsonObject, JsonScanner, MAX_JSON_DEPTH } from "../../../lib/parsers/json-scanner.js";

function isParsable(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Texts of JSON's characters, of which many are JSON. */
const textOfJson = (maxLength: number) =>
  fc
    .array(
      fc.constantFrom(...'{}[]",:-+.0129eEtrufalsn\\/ \n\u001fx', "null", "true", '"a"', '":', "[1,", "{}"),
      { maxLength },
    )
    .map((characters) => characters.join(""));
const shortNearlyJson = textOfJson(4);

/** The same, and JSON with a character changed. */
const nearlyJson = fc.oneof(
  textOfJson(12),
  fc
    .tuple(fc.json({ maxDepth: 3 }), fc.double({ min: 0, max: 1, noNaN: true }), fc.string({ maxLength: 1 }))
    .map(([json, place, character]) => {
      const at = Math.floor(place * json.length);
      return json.slice(0, at) + character + json.slice(at + 1);
    }),
  fc.json(),
);

const NUMBERS_AND_WORDS = "01 -01 - -a 1. .5 1.e1 1e 1e+ 1E-1 1.5e+10 -0 +1 0x1 NaN nul tru truee 1e5x".split(
  " ",
);
const CONTAINERS = ["[1,]", "[,1]", "[1 2]", '{"a":1,}', '{"a"}', '{"a" 1}', "{1:2}", "{,}", "[}", '{"a":]'];
const STRINGS_AND_SPACE = [
  ...['"\u001f"', '"\u007f"', '"a', '"\\x"', '"\\u12g4"', '"\\u12"', "'a'"].map((text) => ` ${text}\n`),
  ...["1 2", "\u00a01", "\ufeff1", "", " "].map((text) => `${text}\r`),
];

describe("a JsonScanner", () => {
  it("takes for JSON what JSON.parse does", () => {
    fc.assert(
      fc.property(nearlyJson, (text) => {
        expect(isJson(text)).toBe(isParsable(text));
        expect(isJsonObject(text)).toBe(isParsable(text) && text.trim().startsWith("{"));
      }),
      { numRuns: 1000 },
    );
  });

  it.each([...NUMBERS_AND_WORDS, ...CONTAINERS, ...STRINGS_AND_SPACE])("does so for %j", (text) => {
    expect(isJson(text)).toBe(isParsable(text));
  });

  it("finds no fault with the beginning of JSON, and knows where it ends", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.jsonValue().map((value) => JSON.stringify(value, null, 2)),
        ),
        (json) => {
          const scanner = new JsonScanner();
          for (const character of json) {
            expect(scanner.scan(character, 0)).toBe(character.length);
            expect(scanner.status).not.toBe("bad");
          }
          expect(scanner.scan("]", 0)).toBe(0);
        },
      ),
    );
  });

  it("stops at the first character that makes the text no beginning of JSON", () => {
    fc.assert(
      fc.property(shortNearlyJson, (text) => {
        const scanner = new JsonScanner();
        const end = scanner.scan(text, 0);
        if (scanner.status !== "bad") return;
        const canBecomeJson = (start: string) => COMPLETIONS.some((more) => isParsable(start + more));
        expect(canBecomeJson(text.slice(0, end + 1))).toBe(false);
        expect({ text, canGoOn: canBecomeJson(text.slice(0, end)) }).toEqual({ text, canGoOn: true });
      }),
      { numRuns: 150 },
    );
  });

  it("takes nesting up to its limit", () => {
    const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
    expect(isJson(nested(MAX_JSON_DEPTH))).toBe(true);
    expect(isJson(nested(MAX_JSON_DEPTH + 1))).toBe(false);
  });
});

/** Ways to end a JSON text that was broken off: what ends the token, then what closes up to four containers. */
const COMPLETIONS: readonly string[] = (() => {
  const closers = [""];
  for (let index = 0; index < closers.length && closers[index]!.length < 4; index++) {
    closers.push(`${closers[index]}]`, `${closers[index]}}`);
  }
  const words = "rue ue e alse lse se ull ll l null n".split(" ");
  const escapes = ["n", "00", "000", "0000"].flatMap((end) => [`${end}"`, `${end}":0`]);
  const tokens = ["", "0", '"', '":0', ":0", '"":0', '0"', '0":0', ...words, ...escapes];
  return tokens.flatMap((token) => closers.map((closer) => token + closer));
})();
