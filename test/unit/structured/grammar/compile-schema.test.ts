import { describe, expect, it } from "vitest";
import { schemaGrammar } from "../../../../lib/structured/grammar/compile-schema.js";
import { EVERYDAY, jsonSchemaOf } from "../../../helpers/everyday-schemas.mjs";
import { sayable } from "../../../helpers/xgrammar.mjs";

type Schema = Record<string, unknown>;

/** What is said as it is written here, and not as JSON of a value. */
class Raw {
  constructor(readonly text: string) {}
}
const raw = (text: string): Raw => new Raw(text);
const textOf = (value: unknown): string => (value instanceof Raw ? value.text : JSON.stringify(value));

/** Which of the values a schema's grammar says, and what of the schema it leaves to the check. */
async function said(
  schema: Schema,
  values: readonly unknown[],
  isOpen = false,
): Promise<{ said: boolean[]; checkedAfter: readonly string[] }> {
  const { text, checkedAfter } = schemaGrammar(structuredClone(schema), { isOpen });
  if (text === null) return { said: values.map(() => false), checkedAfter };
  return { said: await sayable(text, values.map(textOf)), checkedAfter };
}

/** A schema with values that its grammar says and others that it does not, and leaves nothing to the check. */
type Exact = readonly [name: string, schema: Schema, yes: readonly unknown[], no: readonly unknown[]];

const DRAFT_7 = { $schema: "http://json-schema.org/draft-07/schema#" };
const object = (properties: Schema, required: readonly string[] = Object.keys(properties)): Schema => ({
  type: "object",
  properties,
  required,
});

const NUMBERS: readonly Exact[] = [
  [
    "any number",
    { type: "number" },
    [0, -1.5, 1e300, 1e-7, 0.1 + 0.2],
    ["1", raw("01"), raw("1."), raw(".5"), raw("+1")],
  ],
  ["minimum 0", { type: "number", minimum: 0 }, [0, 0.99, 10, 1e-7, 1e21, 123456.789], [-1, -0.5]],
  [
    "exclusiveMinimum 0",
    { type: "number", exclusiveMinimum: 0 },
    [0.01, 3, 1e-300, 1.7e308],
    [0, raw("0.00"), -1],
  ],
  ["minimum 10", { type: "number", minimum: 10 }, [10, 10.5, 11, 99, 100.25], [9.99, 0, -10, 1]],
  ["minimum -5", { type: "number", minimum: -5 }, [-5, -4.99, -0.001, 0, 100], [-5.01, -6, -10]],
  ["minimum 0.5", { type: "number", minimum: 0.5 }, [0.5, 0.51, 1, 1e30], [0.49, 0, raw("0!5"), 1e-9, -1]],
  ["maximum -1.25", { type: "number", maximum: -1.25 }, [-1.25, -1.3, -2, -1e22], [-1.2, 0, 1]],
  [
    "both",
    { type: "number", minimum: -0.25, exclusiveMaximum: 3.5 },
    [-0.25, -0.1, 0, 3, 3.49, 1e-9],
    [-0.26, 3.5, 3.51, 4],
  ],
  ["equal bounds", { type: "number", minimum: 2.5, maximum: 2.5 }, [2.5], [2, 2.4, 2.51, 3]],
  ["prices", { type: "number", minimum: 0, multipleOf: 0.01 }, [0.99, 1, 5.5], [0.999, -1]],
  ["any integer", { type: "integer" }, [0, -7, 9007199254740991], [1.5, raw("-0"), raw("00")]],
  ["integer, minimum -5", { type: "integer", minimum: -5 }, [-5, -1, 0, 7, 1234567], [-6, -10, 0.5]],
  [
    "integer between",
    { type: "integer", minimum: 3, maximum: 1027 },
    [3, 9, 10, 99, 999, 1000, 1027],
    [2, 1028, 0, -3],
  ],
  [
    "integer, both below 0",
    { type: "integer", minimum: -120, exclusiveMaximum: -7 },
    [-120, -8, -99],
    [-7, -121, 8, 0],
  ],
  ["integer, fractional bounds", { type: "integer", minimum: 0.5, maximum: 2.5 }, [1, 2], [0, 3]],
  ["integer, maximum alone", { type: "integer", maximum: 12 }, [12, 0, -1, -13, -999], [13, 20]],
  [
    "few multiples",
    { type: "integer", multipleOf: 7, minimum: -14, maximum: 20 },
    [-14, 0, 7, 14],
    [-13, 21, 1],
  ],
  ["multiples of 25", { type: "integer", multipleOf: 25 }, [0, 25, -75, 1050], [5, 110]],
];

const STRINGS: readonly Exact[] = [
  [
    "any string",
    { type: "string" },
    ["", 'a"b', "\n\u0001\\é🙂", raw('"\\u00e9\\/"')],
    [raw('"\n"'), raw('"\\x"'), raw('"'), 1],
  ],
  ["minLength 1", { type: "string", minLength: 1 }, ["a", '"', "\n", 'She said "yes" to me.'], [""]],
  ["maxLength 3", { type: "string", maxLength: 3 }, ["", '"\\\n', "🙂🙂🙂"], ["abcd", raw('"ab"c"')]],
  ["exactly 2", { type: "string", minLength: 2, maxLength: 2 }, ["ab", "é🙂", '\u0000"'], ["a", "abc"]],
  ["a choice with anchors", { type: "string", pattern: "^cat$|^dog$" }, ["cat", "dog"], ["", "cats", "x"]],
  ["a search", { type: "string", pattern: "foo" }, ["foo", 'a "foo"\n', "xfoofoo"], ["fo", "f oo"]],
  ["an open end", { type: "string", pattern: "^ab.*" }, ["ab", 'ab"x', "ab\n"], ["a", "b", raw('"ab" "')]],
  ["an anchor inside", { type: "string", pattern: "(?:^a|b$)" }, ["a", "ax", "xb", "b"], ["xa", "bx", ""]],
  [
    "a class without",
    { type: "string", pattern: '^[^"@ ]+@$' },
    ["a\\b@", "é🙂@", "\n@"],
    ['"@', "a b@", "@"],
  ],
  ["a class beyond ASCII", { type: "string", pattern: "^[a-zä-ö🙂]*$" }, ["ö🙂", "xä"], ["ü", "A"]],
  ["look-ahead", { type: "string", pattern: "^(?!.*\\.\\.)[a-z.]+$" }, ["a.b", "."], ["a..b", "A"]],
  [
    "a password",
    { type: "string", pattern: "^(?=.*[a-z])(?=.*\\d)[a-z\\d]{2,6}$" },
    ["a1", "12345z"],
    ["ab", "12", "a12345z"],
  ],
  [
    "pattern and length",
    { type: "string", pattern: "^[a-z]+$", minLength: 2, maxLength: 5 },
    ["ab", "abcde"],
    ["a", "abcdef"],
  ],
  [
    "pattern with a part, and length",
    { type: "string", pattern: "^a[0-9]*b", maxLength: 4 },
    ["ab", "a12b", 'ab"x'],
    ["a123b"],
  ],
  [
    "two patterns",
    { allOf: [{ pattern: "^a" }, { pattern: "b$" }], type: "string" },
    ["ab", 'a"b'],
    ["a", "ba"],
  ],
  [
    "base64",
    { type: "string", pattern: "^$|^(?:[0-9a-zA-Z+/]{4})*(?:[0-9a-zA-Z+/]{2}==)?$" },
    ["", "YWJj", "YQ=="],
    ["YQ=", "Y"],
  ],
  [
    "date",
    { type: "string", format: "date" },
    ["2024-02-29", "2000-02-29", "2023-12-31"],
    ["2023-02-29", "1900-02-29", "2023-04-31"],
  ],
  [
    "uuid",
    { type: "string", format: "uuid" },
    ["6fa459ea-ee8a-4ca4-894e-DB77e160355e"],
    ["6fa459ea-ee8a-4ca4-894e-db77e160355"],
  ],
  ["ipv4", { type: "string", format: "ipv4" }, ["192.168.0.255"], ["256.1.1.1", "1.2.3"]],
  ["duration", { type: "string", format: "duration" }, ["P3Y6M4D", "PT0S", "P4W"], ["P", "PT", "P1D2H"]],
  ["json-pointer", { type: "string", format: "json-pointer" }, ["", '/a~1b/"/~0'], ["a", "/~2"]],
];

const OBJECTS: readonly Exact[] = [
  [
    "optional properties before, between and behind required ones",
    object({ a: { type: "integer" }, b: { type: "string" }, c: { type: "boolean" } }, ["b"]),
    [{ a: 1, b: "", c: true }, { b: "x" }, { b: "", c: false }, raw('{\n  "b": "x"\n}'), raw('{ "b":"x"}')],
    [{}, { a: 1 }, { b: "x", d: 1 }, raw('{"b":"x",}'), raw('{,"b":"x"}'), raw('{"b":"x"')],
  ],
  [
    "optional properties alone",
    object({ a: { type: "integer" }, b: { type: "string" }, c: { type: "boolean" } }, []),
    [{}, { a: 1 }, { b: "" }, { c: true }, { a: 1, c: true }, { a: 1, b: "", c: true }],
    [{ d: 1 }, raw('{"a":1"b":""}'), raw('{"a":1,}')],
  ],
  ["no properties", object({}), [{}], [{ a: 1 }]],
  ["any object", { type: "object" }, [{}, { a: [1, { b: null }] }], [[], 1]],
  [
    "names that want escapes",
    object({ 'a"b': { type: "integer" }, "c\nd": {}, "": {}, __proto__x: {}, "é🙂": {} }),
    [{ 'a"b': 1, "c\nd": 2, "": [], __proto__x: null, "é🙂": {} }],
    [{ 'a"b': 1 }],
  ],
  [
    "a name that objects have",
    JSON.parse('{"type":"object","properties":{"__proto__":{"type":"integer"}},"required":["__proto__"]}'),
    [raw('{"__proto__":1}')],
    [{}],
  ],
  ["numbers as names come first", object({ b: {}, 1: {} }), [{ b: 0, 1: 0 }], []],
  [
    "a record of integers",
    { type: "object", propertyNames: { type: "string" }, additionalProperties: { type: "integer" } },
    [{}, { a: 1, 'b"': 2 }],
    [{ a: "x" }, { a: 1.5 }],
  ],
  [
    "a record by names",
    {
      type: "object",
      propertyNames: { enum: ["x", "y"] },
      additionalProperties: { type: "integer" },
      required: ["x"],
    },
    [{ x: 1 }, { x: 1, y: 2 }],
    [{ y: 2 }, { x: 1, z: 3 }],
  ],
  [
    "a record by a pattern of names",
    {
      type: "object",
      propertyNames: { pattern: "^[a-z]+$" },
      additionalProperties: { type: "integer" },
      minProperties: 1,
      maxProperties: 2,
    },
    [{ ab: 1 }, { a: 1, b: 2 }],
    [{}, { A: 1 }, { a: 1, b: 2, c: 3 }],
  ],
  [
    "other properties of another kind",
    { ...object({ ab: { type: "integer" } }, []), additionalProperties: { type: "string" } },
    [{}, { ab: 1, x: "y" }, { "": "", a: "", abc: "", 'a"': "x", "ab\n": "" }],
    [{ ab: "x" }, { x: 1 }],
  ],
  [
    "properties beside patterns",
    {
      ...object({ "x-a": { minimum: 3 }, b: { type: "string" } }, ["b"]),
      patternProperties: { "^x-": { type: "integer" } },
    },
    [{ b: "q" }, { "x-a": 3, b: "q" }, { "x-a": 4, b: "", "x-b": 1, "x-": 2 }],
    [{ b: "q", "x-c": "s" }, { b: "q", d: 1 }, { "x-a": 2, b: "" }, { "x-b": 1 }],
  ],
  [
    "patterns that overlap, and other properties",
    {
      patternProperties: { "^a": { minimum: 2 }, z$: { maximum: 5 } },
      additionalProperties: { type: "null" },
      type: "object",
    },
    [{ ab: 2, bz: 5, az: 3, q: null }, { ab: "not a number" }],
    [{ ab: 1 }, { az: 6 }, { az: 1 }, { q: 1 }],
  ],
  [
    "a property that must not be",
    { ...object({ a: false, b: {} }, ["b"]), additionalProperties: true },
    [{ b: 1 }, { b: 1, c: 2 }],
    [{ a: 1, b: 1 }],
  ],
  [
    "required beyond the properties",
    { type: "object", required: ["a"] },
    [{ a: 1 }, { a: 1, b: 2 }],
    [{}, { b: 2 }],
  ],
  [
    "allOf",
    { allOf: [object({ a: { type: "string" } }), object({ b: { type: "number" } })] },
    [{ a: "", b: 1 }],
    [{ a: "" }, { b: 1 }],
  ],
  [
    "what others depend on",
    { ...object({ card: {}, address: {}, zip: {} }, []), dependentRequired: { card: ["address"] } },
    [{}, { address: 1 }, { card: 1, address: 2 }, { zip: 1 }],
    [{ card: 1 }, { card: 1, zip: 2 }],
  ],
];

const OTHERS: readonly Exact[] = [
  [
    "anything",
    {},
    [1, "a", null, [1, [2]], { a: { b: [] } }, true],
    [raw("{a:1}"), raw("[1,]"), raw("nul"), raw("")],
  ],
  ["types", { type: ["string", "null"] }, ["a", null], [1, true]],
  ["a constant", { const: { a: [1, "x"] } }, [{ a: [1, "x"] }], [{ a: [1, "y"] }, {}]],
  ["values beside a type", { enum: ["a", 1, null, 2.5], type: ["string", "integer"] }, ["a", 1], [null, 2.5]],
  ["values beside bounds", { enum: [1, 2, 3], minimum: 2 }, [2, 3], [1]],
  [
    "a choice",
    { anyOf: [{ type: "string", maxLength: 1 }, { type: "integer" }] },
    ["a", 1],
    ["ab", 1.5, null],
  ],
  [
    "a choice beside keywords",
    {
      type: "object",
      properties: { k: { type: "string" } },
      anyOf: [{ required: ["k"] }, { required: ["n"] }],
    },
    [{ k: "" }, { n: 1 }],
    [{}, { k: 1 }],
  ],
  [
    "a discriminated union",
    { oneOf: [object({ k: { const: "a" } }), object({ k: { const: "b" }, x: { type: "number" } })] },
    [{ k: "a" }, { k: "b", x: 1.5 }],
    [{ k: "b" }, { k: "c" }],
  ],
  [
    "a list",
    { type: "array", items: { type: "integer" }, minItems: 1, maxItems: 3 },
    [[1], [1, 2, 3], raw("[\n  1, 2\n]")],
    [[], [1, 2, 3, 4], ["a"]],
  ],
  ["no element", { type: "array", items: false }, [[]], [[1]]],
  [
    "a tuple",
    { type: "array", prefixItems: [{ type: "string" }, { type: "number" }], items: false },
    [[], ["a"], ["a", 1]],
    [["a", 1, 2], [1]],
  ],
  [
    "a tuple of draft 7",
    {
      ...DRAFT_7,
      type: "array",
      items: [{ type: "string" }, { type: "number" }],
      additionalItems: { type: "null" },
      minItems: 2,
    },
    [
      ["a", 1],
      ["a", 1, null],
    ],
    [["a"], ["a", 1, 2]],
  ],
  [
    "an open tuple",
    { type: "array", prefixItems: [{ type: "string" }], minItems: 2 },
    [
      ["a", 1],
      ["a", {}, []],
    ],
    [["a"], [1, 1]],
  ],
  [
    "recursion",
    {
      $ref: "#/$defs/t",
      $defs: {
        t: {
          type: "object",
          properties: { v: { type: "integer" }, kids: { type: "array", items: { $ref: "#/$defs/t" } } },
          required: ["v"],
        },
      },
    },
    [{ v: 1 }, { v: 1, kids: [{ v: 2 }, { v: 3, kids: [{ v: 4 }] }] }],
    [{ kids: [] }, { v: 1, kids: [1] }],
  ],
  [
    "references with escapes",
    { $ref: "#/$defs/a~1b~0c%25", $defs: { "a/b~c%": { type: "null" } } },
    [null],
    [1],
  ],
  [
    "references into lists",
    { prefixItems: [{ type: "null" }], items: { $ref: "#/prefixItems/0" }, type: "array", minItems: 1 },
    [[null, null]],
    [[], [1]],
  ],
  [
    "a reference beside keywords",
    { $ref: "#/$defs/a", maximum: 3, $defs: { a: { type: "integer", minimum: 1 } } },
    [1, 3],
    [0, 4],
  ],
  [
    "a reference of draft 7 alone counts",
    { ...DRAFT_7, $ref: "#/definitions/a", maximum: 3, definitions: { a: { type: "integer" } } },
    [7],
    ["x"],
  ],
  ["true and false", { type: "array", prefixItems: [true, { not: {} }] }, [[], [1]], [[1, 2]]],
];

describe("the grammar of a schema", () => {
  it.each([...NUMBERS, ...STRINGS, ...OBJECTS, ...OTHERS])(
    "says %s, and nothing else",
    async (_, schema, yes, no) => {
      const { said: answers, checkedAfter } = await said(schema, [...yes, ...no]);
      const wrong = [...yes, ...no].filter((_value, index) => answers[index] !== index < yes.length);
      expect(wrong.map(textOf)).toEqual([]);
      expect(checkedAfter).toEqual([]);
    },
  );

  it.each<[string, Schema, readonly unknown[], readonly string[]]>([
    ["not", { type: "integer", not: { const: 3 } }, [1, 3], ["not"]],
    [
      "oneOf that may overlap",
      { oneOf: [{ type: "integer" }, { type: "number", minimum: 2 }] },
      [1, 2.5, 3],
      ["oneOf"],
    ],
    [
      "if",
      JSON.parse(
        '{"type":"object","if":{"required":["a"]},"then":{"required":["b"]},"properties":{"a":{},"b":{}}}',
      ) as Schema,
      [{ a: 1, b: 2 }, { b: 1 }, {}],
      ["if"],
    ],
    [
      "uniqueItems and contains",
      { type: "array", uniqueItems: true, contains: { const: 1 } },
      [[1], [2, 1]],
      ["contains", "uniqueItems"],
    ],
    ["multiples of 3", { type: "integer", multipleOf: 3 }, [3, 99], ["multipleOf"]],
    ["long strings", { type: "string", maxLength: 5000 }, ["", "a".repeat(200)], ["length"]],
    ["what stands behind", { type: "string", pattern: "(?<=a)b" }, ["ab", "b"], ["pattern"]],
    ["words", { type: "string", pattern: "\\bcat\\b" }, ["a cat", "dog"], ["pattern"]],
    ["many copies", { type: "string", pattern: "^[a-z]{2,5000}$" }, ["ab", "a".repeat(100)], ["length"]],
    ["dots", { type: "string", pattern: "^ab.*$" }, ["ab", 'ab"\\é🙂'], ["pattern beyond ASCII"]],
    ["letters", { type: "string", pattern: "^\\p{Lu}\\p{L}*$" }, ["Äpfel", "Ωμ"], ["pattern beyond ASCII"]],
    [
      "a format beside a pattern",
      { type: "string", format: "email", pattern: "^a" },
      ["a@b.c"],
      ["format email"],
    ],
    [
      "email",
      { type: "string", format: "email" },
      ["a.b+c@d-e.org", '"x y"@z', "a@[1.2.3.4]"],
      ["format email"],
    ],
    [
      "date-time",
      { type: "string", format: "date-time" },
      ["2024-02-29T23:59:60Z", "2024-01-01t00:00:00.123+05:30"],
      ["format date-time"],
    ],
    [
      "uri",
      { type: "string", format: "uri" },
      ["https://user@example.com:80/a%20b?c=(d)#e", "mailto:a@b.c", "urn:x:y"],
      ["format uri"],
    ],
    [
      "ipv6",
      { type: "string", format: "ipv6" },
      ["::1", "2001:db8::ff00:42:8329", "::ffff:1.2.3.4"],
      ["format ipv6"],
    ],
  ])("leaves %s to the check, and says all that is valid", async (_, schema, values, keywords) => {
    const { said: answers, checkedAfter } = await said(schema, values);
    expect(values.filter((_value, index) => answers[index] !== true)).toEqual([]);
    expect(checkedAfter).toEqual(keywords);
  });

  it.each<[string, Schema]>([
    ["bounds that cross", { type: "integer", minimum: 3, maximum: 2 }],
    ["no value", { enum: [] }],
    ["a type that its values are not of", { type: "string", enum: [1, 2] }],
    ["what contains itself", { type: "object", properties: { a: { $ref: "#" } }, required: ["a"] }],
    ["false within", object({ a: false })],
  ])("is none for %s", (_, schema) => {
    expect(schemaGrammar(schema, { isOpen: false }).text).toBeNull();
  });

  it.each<[Schema, string]>([
    [{ $ref: "#" }, "a part of itself"],
    [{ allOf: [{ $ref: "#" }] }, "a part of itself"],
    [{ type: "text" }, "a type of JSON"],
    [{ properties: [] }, "an object as properties"],
    [{ required: "a" }, "a list as required"],
    [{ minLength: "1" }, "a number as minLength"],
    [{ $ref: "#/$defs/none" }, "points to nothing"],
  ])("is refused for %j", (schema, reason) => {
    expect(() => schemaGrammar(schema, { isOpen: false })).toThrow(reason);
  });

  it.each<[string, Schema]>([
    ["an automaton of 2^200 states", { pattern: "^(?!(a|b)*a(a|b){200}$).*$" }],
    ["classes that are cut again and again", { pattern: `^${"(?!.*\\p{L}{9}\\p{N}x)".repeat(60)}\\p{Lu}+$` }],
    ["500 letters that need not be there", { pattern: `^(?!x)${"a?".repeat(500)}$` }],
    ["copies of copies", { pattern: "^(((a{100}){100}){100}){100}" }],
    ["strings of a billion", { minLength: 1e9 }],
    [
      "2^40 branches",
      {
        allOf: Array.from({ length: 40 }, (_, i) => ({
          anyOf: [{ required: [`a${i}`] }, { required: [`b${i}`] }],
        })),
      },
    ],
  ])("comes to an end for %s, and leaves them to the check", (_, schema) => {
    const { text, checkedAfter } = schemaGrammar(schema, { isOpen: false });
    expect(text).not.toBeNull();
    expect(checkedAfter).not.toEqual([]);
  });

  it("lets objects be open where the schema does not say, if asked", async () => {
    const schema = { type: "object", properties: { a: { type: "integer" } } };
    expect((await said(schema, [{ a: 1, b: 2 }, { a: "x" }], true)).said).toEqual([true, false]);
    expect((await said({ ...schema, additionalProperties: false }, [{ b: 2 }], true)).said).toEqual([false]);
  });

  it("says many optional properties in any order", async () => {
    const names = Array.from({ length: 500 }, (_, index) => `p${index}`);
    const schema = object(Object.fromEntries(names.map((name) => [name, { type: "integer" }])), ["p250"]);
    const all = Object.fromEntries(names.map((name, index) => [name, index]));
    expect((await said(schema, [all, { p250: 1 }, { p1: 1 }])).said).toEqual([true, true, false]);
  });

  it.each(Object.keys(EVERYDAY))("says the answers of everyday schemas: %s", async (name) => {
    const values = EVERYDAY[name]?.values ?? [];
    expect((await said(jsonSchemaOf(name), values)).said).toEqual(values.map(() => true));
    expect(values.map((value) => EVERYDAY[name]?.schema.safeParse(value).success)).toEqual(
      values.map(() => true),
    );
  });
});
