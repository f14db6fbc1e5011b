import { format, Validator, type Schema } from "@cfworker/json-schema";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SchemaJudge } from "../../../../lib/structured/json-schema/schema-judge.js";

const judge = (schema: object, value: unknown): boolean =>
  new SchemaJudge(JSON.stringify(schema)).judge(value).valid;

const pattern = fc.constantFrom("^a", "b$", "^[ab]+$", "a.c", "^(?!b)", "\\d", "^$", "(?:ab)+c?", "[^\\w]");
const word = fc.constantFrom(
  "",
  "a",
  "b",
  "ab",
  "abc",
  "ac",
  "b1",
  "aé",
  "type",
  "pattern",
  "__proto__",
  "c-",
);

const schemas = fc.letrec<{ node: object }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    fc.record({ pattern }),
    fc.record({ type: fc.constantFrom("string", "object", "array", "integer"), pattern }),
    fc.record({ pattern, format: fc.constantFrom("date", "uuid", "email", "constructor") }),
    fc.record({ propertyNames: fc.record({ pattern }) }),
    fc.record({ items: tie("node"), contains: fc.record({ pattern }) }, { requiredKeys: ["items"] }),
    fc.record({ not: tie("node") }),
    fc.record({ anyOf: fc.array(tie("node"), { minLength: 1, maxLength: 2 }) }),
    fc
      .tuple(tie("node"), tie("node"), tie("node"))
      .map((parts) => Object.fromEntries(["if", "then", "else"].map((key, i) => [key, parts[i]]))),
    fc.record({ $ref: fc.constantFrom("#/$defs/one", "#/$defs/two/patternProperties/%5Ea") }),
    fc.record(
      {
        allOf: fc.array(tie("node"), { maxLength: 2 }),
        properties: fc.dictionary(word, tie("node"), { maxKeys: 2 }),
        patternProperties: fc.dictionary(pattern, tie("node"), { maxKeys: 3 }),
        additionalProperties: fc.oneof(fc.boolean(), tie("node")),
        unevaluatedProperties: fc.boolean(),
        required: fc.array(word, { maxLength: 1 }),
      },
      { requiredKeys: ["patternProperties"] },
    ),
  ),
})).node;

const values = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    word,
    fc.constantFrom(1, null, true),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(word, tie("value"), { maxKeys: 4 }),
  ),
})).value;

describe("a schema with regular expressions", () => {
  it("judges as the validator with JavaScript's own", () => {
    fc.assert(
      fc.property(schemas, fc.array(values, { minLength: 1, maxLength: 5 }), (drawn, some) => {
        const schema = {
          allOf: [drawn],
          $defs: { one: { pattern: "^a" }, two: { patternProperties: { "^a": { pattern: "b" } } } },
        };
        const own = new Validator(JSON.parse(JSON.stringify(schema)) as Schema, "2020-12");
        const ours = new SchemaJudge(JSON.stringify(schema));
        for (const value of some) {
          const copy: unknown = JSON.parse(JSON.stringify(value));
          expect(ours.judge(copy).valid, JSON.stringify({ schema, copy })).toBe(own.validate(copy).valid);
        }
      }),
      { numRuns: 2000 },
    );
  });

  const slow = "^(a+)+$";
  const text = `${"a".repeat(60)}!`;
  it.each<[string, object, unknown]>([
    ["pattern", { pattern: slow }, text],
    ["pattern of an item", { items: { type: "string", pattern: slow } }, [text, text]],
    ["pattern behind $ref", { $ref: "#/$defs/a", $defs: { a: { pattern: slow } } }, text],
    [
      "patternProperties",
      { patternProperties: { [slow]: false }, additionalProperties: false },
      { [text]: 1 },
    ],
    ["propertyNames", { propertyNames: { pattern: slow } }, { [text]: 1 }],
    ["draft 7", { $schema: "http://json-schema.org/draft-07/schema#", pattern: slow }, text],
    ["an unknown keyword that is pointed to", { $ref: "#/own", own: { pattern: slow } }, text],
    ["format url", { format: "url" }, `http://${"a".repeat(60)} !`],
  ])("comes to an end: %s", (_, schema, value) => {
    expect(judge(schema, value)).toBe(false);
  });

  it("comes to an end where schemas meet the same value again and again", () => {
    const twice = Array.from({ length: 60 }, (_, i) => [
      `s${i}`,
      { anyOf: [{ $ref: `#/$defs/s${i + 1}` }, { $ref: `#/$defs/s${i + 1}` }] },
    ]);
    const schema = { $ref: "#/$defs/s0", $defs: { ...Object.fromEntries(twice), s60: { type: "integer" } } };
    expect(() => judge(schema, "a")).toThrow(/steps|call stack/);
    expect(() => judge(schema, 1)).toThrow("more than 20,000,000 steps");
  });

  it("takes a long answer", () => {
    const schema = {
      type: "array",
      items: { type: "object", patternProperties: { "^k": { pattern: "^[a-z]+$" } } },
    };
    const value = Array.from({ length: 5000 }, (_, i) => ({ [`k${i % 50}`]: "word", other: i }));
    expect(judge(schema, value)).toBe(true);
    expect(judge(schema, [...value, { kx: "X" }])).toBe(false);
    const names = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`k${i}`, "word"]));
    expect(judge({ patternProperties: { "^k": { pattern: "^[a-z]+$" } } }, names)).toBe(true);
    expect(judge({ pattern: "^[a-z ]+$" }, "some words ".repeat(30_000))).toBe(true);
  });

  it("leaves the validator's formats as they were", () => {
    const before = Object.keys(format);
    judge({ pattern: "a" }, "a");
    expect(() => judge({ anyOf: [{ pattern: "a" }, { $ref: "#" }] }, "b")).toThrow(/steps|call stack/);
    expect(Object.keys(format)).toEqual(before);
  });

  it.each<[unknown, RegExp]>([
    [{ pattern: "(a)\\1" }, /back-reference/],
    [
      { properties: { a: { pattern: "(" } } },
      /"\(" is not a regular expression of JavaScript: Unterminated group/,
    ],
    [{ patternProperties: { "\\-": true } }, /Invalid escape/],
    [{ pattern: 5 }, /Expected a regular expression as a string/],
    [{ patternProperties: 5 }, /Expected an object/],
  ])("refuses %j before there is an answer", (schema, reason) => {
    expect(() => new SchemaJudge(JSON.stringify(schema))).toThrow(reason);
  });
});
