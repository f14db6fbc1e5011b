import { describe, expect, it } from "vitest";
import { withPointers } from "../../../../lib/structured/json-schema/references.js";
import { SchemaJudge } from "../../../../lib/structured/json-schema/schema-judge.js";
import type { SchemaObject } from "../../../../lib/structured/json-schema/visit-schemas.js";

const integer = { type: "integer" };
const array = (items: object): object => ({ type: "array", items });

/** Schemas of arrays of integers, by every form of reference. */
const LOCAL: Readonly<Record<string, object>> = {
  "a pointer to $defs": { ...array({ $ref: "#/$defs/i" }), $defs: { i: integer } },
  "a pointer to definitions": { ...array({ $ref: "#/definitions/i" }), definitions: { i: integer } },
  "a pointer to a property": { ...array({ $ref: "#/properties/i" }), properties: { i: integer } },
  "a pointer into a list": { ...array({ $ref: "#/$defs/l/anyOf/0" }), $defs: { l: { anyOf: [integer] } } },
  "a pointer with escapes": { ...array({ $ref: "#/$defs/a~1b~0c%25%20d" }), $defs: { "a/b~c% d": integer } },
  "an anchor": { ...array({ $ref: "#i" }), $defs: { i: { $anchor: "i", ...integer } } },
  "a dynamic anchor": { ...array({ $dynamicRef: "#i" }), $defs: { i: { $dynamicAnchor: "i", ...integer } } },
  "a $ref to a dynamic anchor": {
    ...array({ $ref: "#i" }),
    $defs: { i: { $dynamicAnchor: "i", ...integer } },
  },
  "both references": {
    ...array({ $ref: "#/$defs/n", $dynamicRef: "#i" }),
    $defs: { n: { type: "number" }, i: { $dynamicAnchor: "i", ...integer } },
  },
  "an embedded $id": {
    $id: "https://example.com/root",
    ...array({ $ref: "i" }),
    $defs: { i: { $id: "i", ...integer } },
  },
  "the root's full address": {
    $id: "https://example.com/root",
    ...array({ $ref: "https://example.com/root#/$defs/i" }),
    $defs: { i: integer },
  },
  "a pointer inside an embedded $id": {
    $id: "https://example.com/root",
    ...array({ $ref: "other" }),
    $defs: { i: { type: "string" }, o: { $id: "other", $ref: "#/$defs/i", $defs: { i: integer } } },
  },
  "a reference to a reference": {
    ...array({ $ref: "#/$defs/a" }),
    $defs: { a: { $ref: "#/$defs/i" }, i: integer },
  },
  "draft 7": {
    $schema: "http://json-schema.org/draft-07/schema#",
    ...array({ $ref: "#/definitions/i" }),
    definitions: { i: integer },
  },
};

describe("a reference inside the schema", () => {
  it.each(Object.entries(LOCAL))("is followed: %s", (_, schema) => {
    const judge = new SchemaJudge(JSON.stringify(schema));
    expect(judge.judge([1, 2]).valid).toBe(true);
    expect(judge.judge([1, "a"]).valid).toBe(false);
  });

  it.each(Object.entries(LOCAL))("becomes a pointer that needs no decoding: %s", (_, schema) => {
    const plain = withPointers(JSON.parse(JSON.stringify(schema)) as SchemaObject);
    const follow = (part: SchemaObject): SchemaObject => {
      const { $ref } = part;
      if (typeof $ref !== "string") return part;
      expect($ref).toMatch(/^#\//);
      const target = $ref
        .split("/")
        .slice(1)
        .reduce<unknown>((at, name) => (at as SchemaObject)[name], plain);
      return follow(target as SchemaObject);
    };
    const { items } = plain as { items: SchemaObject };
    const found = follow(items);
    expect(found["type"] === "integer" || found["type"] === "number").toBe(true);
    expect(JSON.stringify(plain)).not.toContain("$dynamicRef");
  });

  it("may lead back to itself further down", () => {
    const tree = { type: "object", properties: { left: { $ref: "#" }, value: integer }, required: ["value"] };
    const judge = new SchemaJudge(JSON.stringify(tree));
    expect(judge.judge({ value: 1, left: { value: 2, left: { value: 3 } } }).valid).toBe(true);
    expect(judge.judge({ value: 1, left: { value: 2, left: {} } }).valid).toBe(false);
    expect(withPointers(structuredClone(tree))).toEqual(tree);
  });

  it("may be one in name only", () => {
    const schema = {
      properties: { $ref: integer },
      const: { $ref: "http://example.com/" },
      default: { $ref: 1 },
    };
    expect(() => new SchemaJudge(JSON.stringify(schema))).not.toThrow();
    expect(() => new SchemaJudge(JSON.stringify({ enum: [{ $ref: "x" }] }))).not.toThrow();
  });
});

const NOTHING = /points to nothing|Invalid URL/;

describe("a reference to something else", () => {
  it.each([
    "https://example.com/schema.json",
    "http://json-schema.org/draft-07/schema#",
    "file:///etc/passwd",
    "data:application/json,{}",
    "//example.com/schema",
    "other.json",
    "other.json#/$defs/i",
    "/schema",
    "urn:uuid:ee564b8a-7a87-4125-8c96-e9f123d6766f",
    "#/$defs/none",
    "#none",
    "http://[",
  ])("is refused before there is an answer: %s", (reference) => {
    const places: object[] = [
      { $ref: reference },
      { properties: { a: { items: { $ref: reference } } } },
      { anyOf: [{ type: "string" }, { $ref: reference }] },
      { $defs: { unused: { not: { $ref: reference } } } },
      { patternProperties: { a: { $ref: reference } } },
      { $dynamicRef: reference },
      { $schema: "http://json-schema.org/draft-07/schema#", definitions: { a: { $ref: reference } } },
    ];
    for (const schema of places) {
      expect(() => new SchemaJudge(JSON.stringify(schema)), JSON.stringify(schema)).toThrow(NOTHING);
      expect(() => withPointers(JSON.parse(JSON.stringify(schema)) as SchemaObject)).toThrow(NOTHING);
    }
  });

  it("says where it stands and what to do", () => {
    const schema = { properties: { a: { $ref: "https://example.com/a" } } };
    expect(() => new SchemaJudge(JSON.stringify(schema))).toThrow(
      /"https:\/\/example.com\/a" at #\/properties\/a points to nothing.*\$defs/,
    );
  });

  it.each([
    { $ref: 5 },
    { $recursiveRef: "x" },
    { $defs: { a: { $dynamicAnchor: "n" }, b: { $dynamicAnchor: "n" } } },
  ])("is refused where it is none, or has two meanings: %j", (schema) => {
    expect(() => new SchemaJudge(JSON.stringify(schema))).toThrow(/Expected|twice/);
  });
});
