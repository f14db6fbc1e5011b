import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonSchemaReader, readJson, standardReader } from "../../../lib/structured/read-object.js";
import type { StandardResult } from "../../../lib/index.js";

const MISMATCH = { code: "ERR_SCHEMA_MISMATCH" };

describe("readJson()", () => {
  it("reads what JSON.parse() reads", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(readJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it("takes control characters in strings for what they are", () => {
    expect(readJson('{ "a\\"\n": "\t\u0001\\n" }')).toEqual({ 'a"\n': "\t\u0001\n" });
  });

  it("refuses a string without an end in linear time", () => {
    expect(() => readJson(`"${'\\\\"'.repeat(200_000)}`)).toThrow(expect.objectContaining(MISMATCH));
  });

  it.each(["", "{", '{"a":}', "'a'", '"a'])("refuses %j", (text) => {
    expect(() => readJson(text)).toThrow(expect.objectContaining(MISMATCH));
  });
});

describe("a JSON Schema's reader", () => {
  it("refuses what the schema does not accept, and says where", () => {
    const read = jsonSchemaReader(JSON.stringify({ properties: { age: { type: "number", multipleOf: 5 } } }));
    expect(read('{"age":10}')).toEqual({ age: 10 });
    expect(() => read('{"age":3}')).toThrow(/age/);
    expect(() => read('{"age":3}')).toThrow(expect.objectContaining(MISMATCH));
  });

  it("says that nothing can be judged by a reference to itself", () => {
    const read = jsonSchemaReader(JSON.stringify({ $ref: "#" }));
    expect(() => read('"a"')).toThrow(expect.objectContaining({ code: "ERR_INVALID_SCHEMA" }));
  });

  it("follows draft 7 where the schema says so", () => {
    const $schema = "http://json-schema.org/draft-07/schema#";
    const read = jsonSchemaReader(
      JSON.stringify({ $schema, items: [{ type: "string" }, { type: "number" }] }),
    );
    expect(read('["a",1]')).toEqual(["a", 1]);
    expect(() => read("[1]")).toThrow(expect.objectContaining(MISMATCH));
  });
});

describe("a Standard Schema's reader", () => {
  const reader = (result: StandardResult<unknown>) =>
    standardReader({ "~standard": { validate: () => Promise.resolve(result) } });

  it("gives what the schema makes of the value", async () => {
    expect(await reader({ value: 5 })('"x"')).toBe(5);
  });

  it("names the issues with their places", async () => {
    const issues = [{ message: "too small", path: ["a", { key: 0 }] }, { message: "wrong" }];
    await expect(reader({ issues })("1")).rejects.toMatchObject({
      ...MISMATCH,
      message: expect.stringContaining("a.0: too small; wrong"),
      cause: issues,
    });
  });
});
