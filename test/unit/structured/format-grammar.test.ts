import { describe, expect, it } from "vitest";
import { z } from "zod";
import { checkResponseFormat } from "../../../lib/structured/format-grammar.js";
import type { ResponseFormat } from "../../../lib/index.js";
import { sayable } from "../../helpers/xgrammar.mjs";

const check = (format: unknown) => checkResponseFormat("format", format as ResponseFormat);

describe("checkResponseFormat()", () => {
  it("makes a grammar of the JSON Schema of a zod schema, of what comes in", async () => {
    const schema = z.object({ a: z.number().transform(String), b: z.string().optional() });
    const { grammar } = check({ type: "json", schema });
    expect(grammar.kind).toBe("ebnf");
    const texts = ['{"a":1}', '{"a":1,"b":"x"}', '{"a":"1"}'];
    expect(await sayable(grammar.text, texts)).toEqual([true, true, false]);
  });

  it("takes a copy of a schema", () => {
    const schema = { type: "object", properties: {} as Record<string, unknown> };
    const { grammar, readObject } = check({ type: "json", schema });
    schema.properties["late"] = { type: "string" };
    expect(grammar.text).not.toContain("late");
    expect(readObject?.('{"late":1}')).toEqual({ late: 1 });
  });

  it("has objects open where the schema does not say, if asked", async () => {
    const schema = { type: "object", properties: { a: {} } };
    const closed = check({ type: "json", schema });
    const open = check({ type: "json", schema, additionalProperties: true });
    expect(await sayable(closed.grammar.text, ['{"a":1,"b":2}'])).toEqual([false]);
    expect(await sayable(open.grammar.text, ['{"a":1,"b":2}'])).toEqual([true]);
  });

  it("makes grammars of the schemas in structural tags", async () => {
    const schema = { items: { $ref: "#a" }, $defs: { a: { $anchor: "a", type: "integer" } }, type: "array" };
    const value = { format: { type: "tag", content: { type: "json_schema", json_schema: schema } } };
    const tag = JSON.parse(check({ type: "structural_tag", value }).grammar.text) as {
      format: { content: { type: string; grammar: string } };
    };
    expect(tag.format.content.type).toBe("grammar");
    expect(await sayable(tag.format.content.grammar, ["[1, 2]", '["a"]'])).toEqual([true, false]);
    const xml = { format: { type: "qwen_xml_parameter", json_schema: schema } };
    expect(JSON.parse(check({ type: "structural_tag", value: xml }).grammar.text)).toMatchObject({
      format: { json_schema: { items: { $ref: "#/$defs/a" } } },
    });
  });

  const standard = (schema: Record<string, unknown>): object => ({
    "~standard": { validate: (value: unknown) => ({ value }), jsonSchema: { input: () => schema } },
  });
  const self: Record<string, unknown> = {};
  self["properties"] = { self };
  const deep = (levels: number): object => (levels === 0 ? {} : { items: deep(levels - 1) });
  it.each([
    ["no object", "json", "ERR_INVALID_ARG_TYPE"],
    ["an unknown type", { type: "yaml" }, "ERR_INVALID_ARG_TYPE"],
    ["an inherited type", { type: "constructor" }, "ERR_INVALID_ARG_TYPE"],
    ["an unknown field", { type: "json", strict: true }, "ERR_INVALID_ARG_TYPE"],
    ["no boolean", { type: "json", additionalProperties: "no" }, "ERR_INVALID_ARG_TYPE"],
    ["a schema that no value fits", { type: "json", schema: { enum: [] } }, "ERR_INVALID_SCHEMA"],
    ["a schema that is a part of itself", { type: "json", schema: { $ref: "#" } }, "ERR_INVALID_SCHEMA"],
    ["a schema as text", { type: "json", schema: "{}" }, "ERR_INVALID_ARG_TYPE"],
    ["true for a schema", { type: "json", schema: true }, "ERR_INVALID_ARG_TYPE"],
    ["a schema with a function in it", { type: "json", schema: { type: () => 1 } }, "ERR_INVALID_ARG_TYPE"],
    [
      "a reference outside",
      { type: "json", schema: { $ref: "https://example.com/s" } },
      "ERR_INVALID_SCHEMA",
    ],
    [
      "a reference outside, of another library's schema",
      { type: "json", schema: standard({ items: { $ref: "file:///etc/passwd" } }) },
      "ERR_INVALID_SCHEMA",
    ],
    [
      "a reference outside, in a structural tag",
      {
        type: "structural_tag",
        value: { format: { type: "json_schema", json_schema: { $ref: "other.json" } } },
      },
      "ERR_INVALID_SCHEMA",
    ],
    ["a back-reference", { type: "json", schema: { pattern: "(a)\\1" } }, "ERR_INVALID_SCHEMA"],
    ["no expression", { type: "json", schema: { patternProperties: { "(": {} } } }, "ERR_INVALID_SCHEMA"],
    ["a schema that contains itself", { type: "json", schema: self }, "ERR_INVALID_ARG_TYPE"],
    ["a schema of a thousand levels", { type: "json", schema: deep(1000) }, "ERR_OUT_OF_RANGE"],
    ["a lone surrogate", { type: "regex", value: "\ud800" }, "ERR_INVALID_ARG_TYPE"],
    ["no expression", { type: "regex" }, "ERR_INVALID_ARG_TYPE"],
    ["a tag as text", { type: "structural_tag", value: "{}" }, "ERR_INVALID_ARG_TYPE"],
    [
      "a schema whose library gives no JSON Schema",
      { type: "json", schema: { "~standard": {} } },
      "ERR_INVALID_SCHEMA",
    ],
    ["a zod type without a JSON Schema", { type: "json", schema: z.date() }, "ERR_INVALID_SCHEMA"],
  ])("refuses %s", (_, format, code) => {
    expect(() => check(format)).toThrow(expect.objectContaining({ code }));
  });
});
