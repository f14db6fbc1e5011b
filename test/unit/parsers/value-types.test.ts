import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { typesOfParameter } from "../../../lib/parsers/value-types.js";
import { parse } from "./helpers.js";

/** What Qwen3-Coder's value of a parameter becomes where the tool has these parameters. */
function valueWith(parameters: object, written: string): unknown {
  const parts = parse({ tools: "qwen3-coder", knownTools: [{ name: "f", parameters }] }, [
    `<tool_call>\n<function=f>\n<parameter=a>\n${written}\n</parameter>\n</function>\n</tool_call>`,
  ]);
  const call = parts.find((part) => part.type === "tool-call");
  return call?.arguments["a"];
}

const valueOf = (schema: object, written: string) => valueWith({ properties: { a: schema } }, written);

describe("a value without a type is", () => {
  it.each<[schema: object, written: string, value: unknown]>([
    [{ type: "string" }, "12345", "12345"],
    [{ type: "string" }, '"quoted"', '"quoted"'],
    [{ type: ["string", "null"] }, "12345", "12345"],
    [{ type: ["string", "null"] }, "null", null],
    [{ anyOf: [{ type: "string" }, { type: "null" }] }, "12345", "12345"],
    [{ anyOf: [{ type: "string" }, { type: "null" }] }, "True", "True"],
    [{ anyOf: [{ type: "null" }, { type: "string", format: "date" }] }, "2026-01-01", "2026-01-01"],
    [{ oneOf: [{ type: "integer" }, { type: "string" }] }, "12", 12],
    [{ oneOf: [{ type: "integer" }, { type: "string" }] }, "twelve", "twelve"],
    [{ type: "string", nullable: true }, "007", "007"],
    [{ type: "string", nullable: true }, "null", null],
    [{ enum: ["1", "2"] }, "1", "1"],
    [{ enum: ["on", "off"] }, " on ", "on"],
    [{ enum: [1, 2] }, "1", 1],
    [{ enum: ["auto", 1, null] }, "auto", "auto"],
    [{ enum: ["auto", 1, null] }, "1", 1],
    [{ enum: ["auto", 1, null] }, "None", null],
    [{ const: "42" }, "42", "42"],
    [{ type: "string", enum: ["a", "b"] }, '"a"', "a"],
    [{ allOf: [{ type: "string" }, { minLength: 1 }] }, "5", "5"],
    [{ allOf: [{ enum: ["5", 5] }, { type: "string" }] }, "5", "5"],
    [{ type: "boolean" }, "TRUE", true],
    [{ type: "boolean" }, "yes", "yes"],
    [{ type: "integer" }, "3", 3],
    [{ type: "integer" }, "+3", 3],
    [{ type: "number" }, ".5", 0.5],
    [{ type: "integer" }, "3 apples", "3 apples"],
    [{ type: "array" }, "['a', 1, None,]", ["a", 1, null]],
    [{ type: "object" }, "{'a': True}", { a: true }],
    [{ type: "object" }, '{"a": {"b": [1]}}', { a: { b: [1] } }],
    [{ type: "object" }, "0", 0],
    [{ type: ["object", "string"] }, "a {b}", "a {b}"],
    [{}, "12", 12],
    [{}, "007", "007"],
    [{}, "False", false],
    [{}, '"12"', '"12"'],
    [{}, "{'a': 1}", "{'a': 1}"],
    [{ type: "STRING" }, "12", "12"],
    [{ type: ["string", "integer"], enum: ["1"] }, "1", "1"],
  ])("by %j of %j", (schema, written, value) => {
    expect(valueOf(schema, written)).toEqual(value);
  });

  it.each<[parameters: object, written: string, value: unknown]>([
    [{ properties: { a: { $ref: "#/$defs/id" } }, $defs: { id: { type: "string" } } }, "12", "12"],
    [
      { properties: { a: { $ref: "#/$defs/a~1b~0c%25%20d" } }, $defs: { "a/b~c% d": { type: "string" } } },
      "12",
      "12",
    ],
    [
      { properties: { a: { $ref: "#id" } }, definitions: { x: { $anchor: "id", type: "string" } } },
      "12",
      "12",
    ],
    [
      { properties: { a: { $ref: "#/properties/b/anyOf/0" }, b: { anyOf: [{ type: "string" }, {}] } } },
      "12",
      "12",
    ],
    [{ $ref: "#/$defs/all", $defs: { all: { properties: { a: { type: "string" } } } } }, "12", "12"],
    [{ allOf: [{ properties: { a: { type: "string" } } }, { properties: { b: {} } }] }, "12", "12"],
    [
      { anyOf: [{ properties: { a: { type: "string" } } }, { properties: { a: { type: "null" } } }] },
      "12",
      "12",
    ],
    [{ additionalProperties: { type: "string" } }, "12", "12"],
    [{ properties: { a: { $ref: "#/properties/a" } } }, "12", 12],
    [{ properties: { a: { $ref: "https://example.com/schema" } } }, "12", 12],
    [{ properties: { a: { $ref: "#/nowhere" } } }, "12", 12],
    [{ properties: { a: true } }, "12", 12],
    [{ properties: { b: { type: "string" } } }, "12", 12],
    [{}, "12", 12],
  ])("through %j of %j", (parameters, written, value) => {
    expect(valueWith(parameters, written)).toEqual(value);
  });

  it("are found in any schema, also in one that leads to itself in many ways, in bounded time", () => {
    const ways = Object.fromEntries(
      Array.from({ length: 12 }, (_, index) => [
        `d${index}`,
        { anyOf: Array.from({ length: 12 }, (_, other) => ({ $ref: `#/$defs/d${other}` })) },
      ]),
    );
    expect(typesOfParameter({ properties: { a: { $ref: "#/$defs/d0" } }, $defs: ways }, "a")).not.toBeNull();
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ maxLength: 20 }), (schema, written) => {
        const parts = parse(
          { tools: "qwen3-coder", knownTools: [{ name: "f", parameters: { properties: { a: schema } } }] },
          [`<function=f><parameter=a>${written.replaceAll("<", "")}</parameter></function>`],
        );
        expect(parts.at(-1)?.type).toBe("tool-call");
      }),
    );
  });
});
