import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { schemaGrammar } from "../../../../lib/structured/grammar/compile-schema.js";
import { SchemaJudge } from "../../../../lib/structured/json-schema/schema-judge.js";
import { sayable } from "../../../helpers/xgrammar.mjs";

type Schema = Record<string, unknown>;

/** Each field there or not. */
const some = (fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Schema> =>
  fc.record(fields, { requiredKeys: [] });

const bound = fc.constantFrom(-12.5, -1, 0, 0.25, 1, 3, 9.75, 10, 100);
const count = fc.integer({ min: 0, max: 3 });
const PATTERNS = ["^a", "b$", "^[ab]*$", "a|^$", "^(?!b)", "(?=.*b)a", '"', "^\\w+$", "[^a]", "^.b?$"];
const pattern = fc.constantFrom(...PATTERNS);
const name = fc.constantFrom("a", "b", "c");

const numbers = some({
  minimum: bound,
  maximum: bound,
  exclusiveMinimum: bound,
  exclusiveMaximum: bound,
  multipleOf: fc.constantFrom(1, 0.1, 0.25, 5, 3),
});
const strings = some({ minLength: count, maxLength: count, pattern });
const TYPES = ["null", "boolean", "integer", "number", "string", "array", "object"];
const types = fc.oneof(
  fc.constantFrom(...TYPES),
  fc.uniqueArray(fc.constantFrom(...TYPES), { minLength: 1 }),
);

const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    fc.constantFrom(
      null,
      true,
      false,
      -12.5,
      -3,
      -1,
      0,
      0.25,
      0.3,
      1,
      2,
      3,
      5,
      9.75,
      10,
      99.5,
      100,
      1e20,
      1e-9,
    ),
    fc.string({ unit: fc.constantFrom("a", "b", '"', "\n", "é"), maxLength: 4 }),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom("a", "b", "c", "x", "xa", 'x"'), tie("value"), { maxKeys: 4 }),
  ),
}));

const { schema } = fc.letrec((tie) => {
  const inside = tie("schema");
  const list = fc.array(inside, { minLength: 1, maxLength: 3 });
  const byName = (names: fc.Arbitrary<string>): fc.Arbitrary<unknown> =>
    fc
      .dictionary(names, inside, { maxKeys: 3 })
      .map((properties) =>
        Object.fromEntries(Object.entries(properties).toSorted(([a], [b]) => (a < b ? -1 : 1))),
      );
  const objects = some({
    properties: byName(name),
    required: fc.uniqueArray(name, { maxLength: 2 }).map((names) => names.toSorted()),
    additionalProperties: inside,
    patternProperties: byName(pattern),
    propertyNames: some({
      maxLength: count,
      pattern,
      enum: fc.uniqueArray(name).map((names) => names.toSorted()),
    }),
    minProperties: count,
    maxProperties: count,
    dependentRequired: fc.dictionary(name, fc.uniqueArray(name, { maxLength: 2 }), { maxKeys: 1 }),
  });
  const arrays = some({ items: inside, prefixItems: list, minItems: count, maxItems: count });
  const branches = some({
    anyOf: list,
    oneOf: list,
    allOf: list,
    if: inside,
    then: inside, // oxlint-disable-line unicorn/no-thenable -- a keyword of JSON Schema
    else: inside,
    $ref: fc.constantFrom("#/$defs/d~1~0", "#/$defs/e"),
  });
  return {
    schema: fc.oneof(
      { maxDepth: 3, depthSize: "small" },
      fc.boolean(),
      fc.record({ type: types }),
      fc.record({ enum: fc.array(value.map(ordered), { minLength: 1, maxLength: 3 }) }),
      fc.tuple(fc.record({ type: fc.constantFrom("integer", "number") }), numbers).map(merged),
      fc.tuple(fc.record({ type: fc.constant("string") }), strings).map(merged),
      fc.tuple(fc.record({ type: fc.constant("object") }), objects.map(withNames)).map(merged),
      fc.tuple(fc.record({ type: fc.constant("array") }), arrays).map(merged),
      fc.tuple(some({ type: types }), branches).map(merged),
      fc.tuple(numbers, strings, objects.map(withNames), arrays, branches).map(merged),
    ),
  };
});

/** Knows every name that it asks for, because others come behind those that are known, and texts here are in order. */
function withNames(part: Schema): Schema {
  if (["properties", "required", "dependentRequired"].every((keyword) => part[keyword] === undefined))
    return part;
  return {
    ...part,
    properties: { a: true, b: true, c: true, ...(part["properties"] as object | undefined) },
  };
}

function merged(parts: readonly object[]): Schema {
  return Object.assign({}, ...parts) as Schema;
}

/** With its names in order, as the schemas have them. */
function ordered(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(ordered);
  if (typeof part !== "object" || part === null) return part;
  const entries = Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inside]) => [key, ordered(inside)]));
}

const drawn = fc.record({
  root: schema.map((one) => (typeof one === "boolean" ? { allOf: [one] } : one)),
  d: schema,
  e: schema,
  values: fc.array(value.map(ordered), { minLength: 20, maxLength: 40 }),
});

/** What comes of a schema that is nothing but a part of itself, by branches perhaps: the check cannot end. */
const RING = /part of itself|call stack/;

describe("a drawn schema", () => {
  it("has a grammar that says each valid value, and no other where it leaves nothing to the check", async () => {
    let said = 0;
    let exact = 0;
    await fc.assert(
      fc.asyncProperty(drawn, async ({ root, d, e, values }) => {
        const whole = { ...root, $defs: { "d/~": d, e } };
        const judge = new SchemaJudge(JSON.stringify(whole));
        let grammar;
        let valid: boolean[];
        try {
          grammar = schemaGrammar(structuredClone(whole), { isOpen: true });
          valid = values.map((one) => judge.judge(one).valid);
        } catch (error) {
          expect(String(error)).toMatch(RING);
          return;
        }
        const texts = values.map((one) => JSON.stringify(one));
        const can = grammar.text === null ? valid.map(() => false) : await sayable(grammar.text, texts);
        expect(texts.filter((_, index) => valid[index] === true && can[index] !== true)).toEqual([]);
        said += valid.filter(Boolean).length;
        if (grammar.checkedAfter.length > 0) return;
        exact += can.filter((one) => !one).length;
        expect(texts.filter((_, index) => valid[index] !== true && can[index] === true)).toEqual([]);
      }),
      { numRuns: Number(process.env["GRAMMAR_RUNS"] ?? 100) },
    );
    // Nothing is proved where nothing fits.
    expect(said).toBeGreaterThan(100);
    expect(exact).toBeGreaterThan(100);
  }, 300_000);
});
