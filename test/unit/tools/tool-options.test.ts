import { describe, expect, it } from "vitest";
import { z } from "zod";
import { callGrammar, enforcedParser } from "../../../lib/tools/tool-grammar.js";
import { checkToolChoice, checkTools, knownTools } from "../../../lib/tools/tool-options.js";
import { sayable } from "../../helpers/xgrammar.mjs";
import type { AnyTool, ToolChoice } from "../../../lib/tools/tool.js";

const WEATHER: AnyTool = { name: "get_weather", parameters: z.object({ city: z.string() }) };

describe("tools", () => {
  it("have a JSON Schema whichever way their parameters were given", () => {
    const tools = checkTools("options.tools", [
      WEATHER,
      { name: "b.c-d", parameters: { type: "object", properties: { n: { type: "integer" } } } },
      { name: "none" },
    ]);
    expect(knownTools(tools)).toEqual([
      { name: "get_weather", parameters: expect.objectContaining({ required: ["city"] }) },
      { name: "b.c-d", parameters: { type: "object", properties: { n: { type: "integer" } } } },
      { name: "none", parameters: { type: "object", properties: {}, additionalProperties: false } },
    ]);
    expect(tools[1]?.schema.read('{"n": 3}')).toEqual({ n: 3 });
    expect(() => tools[1]?.schema.read('{"n": 3.5}')).toThrow("schema");
  });

  it("are judged in linear time", () => {
    const [tool] = checkTools("options.tools", [
      { name: "f", parameters: { type: "object", properties: { a: { pattern: "^(a+)+$" } } } },
    ]);
    expect(() => tool?.schema.read(JSON.stringify({ a: `${"a".repeat(60)}!` }))).toThrow("pattern");
  });

  it("have references inside their own parameters alone", () => {
    const parameters = { type: "object", properties: { a: { $ref: "https://example.com/s" } } };
    expect(() => checkTools("options.tools", [{ name: "f", parameters }])).toThrow(
      expect.objectContaining({
        code: "ERR_INVALID_SCHEMA",
        message: expect.stringContaining("tools[0].parameters"),
      }),
    );
  });

  it.each<[unknown, string]>([
    [{}, "an array of tools for options.tools"],
    [[], "at least one tool"],
    [[null], "a tool { name, description, parameters } for options.tools[0]"],
    [[{}], "options.tools[0].name"],
    [[{ name: "" }], "1 to 64 letters"],
    [[{ name: "two words" }], "1 to 64 letters"],
    [[{ name: "a" }, { name: "b" }, { name: "a" }], "no other tool has for options.tools[2].name"],
    [[{ name: "a", descripton: "x" }], "Did you mean description?"],
    [[{ name: "a", description: 1 }], "options.tools[0].description"],
    [[{ name: "a", execute: 1 }], "a function for options.tools[0].execute"],
    [[{ name: "a", parameters: "x" }], "options.tools[0].parameters"],
    [[{ name: "a", parameters: { type: "string" } }], 'type "object"'],
  ])("%j are refused", (tools, message) => {
    expect(() => checkTools("options.tools", tools as AnyTool[])).toThrow(message);
  });
});

describe("the choice of a tool", () => {
  const tools = checkTools("options.tools", [WEATHER]);

  it.each<ToolChoice>(["auto", "none", "required", { name: "get_weather" }])("may be %j", (choice) => {
    expect(() => checkToolChoice("options.toolChoice", choice, tools)).not.toThrow();
  });

  it.each<[unknown, string]>([
    ["any", '"auto", "none", "required" or { name }'],
    [null, '"auto"'],
    [{ name: "get_time" }, 'the name of a tool ("get_weather")'],
    [{ name: "get_weather", type: "function" }, "options.toolChoice.type"],
  ])("is not %j", (choice, message) => {
    expect(() => checkToolChoice("options.toolChoice", choice as ToolChoice, tools)).toThrow(message);
  });

  it("wants tools, but for none", () => {
    expect(() => checkToolChoice("options.toolChoice", "required", [])).toThrow("options.tools");
    expect(() => checkToolChoice("options.toolChoice", "auto", [])).toThrow("options.tools");
    expect(() => checkToolChoice("options.toolChoice", "none", [])).not.toThrow();
  });
});

describe("the grammar of a call", () => {
  it("is written in the format whose arguments are JSON", async () => {
    const [tool] = checkTools("options.tools", [WEATHER]);
    if (tool === undefined) throw new Error("no tool");
    const { kind, text } = callGrammar([tool], "mistral");
    expect(kind).toBe("structuralTag");
    const tag = JSON.parse(text) as { format: { content: { grammar: string } } };
    expect(tag).toMatchObject({
      type: "structural_tag",
      format: { type: "tag", begin: '[TOOL_CALLS][{"name": "get_weather", "arguments": ', end: "}]" },
    });
    expect(await sayable(tag.format.content.grammar, ['{"city":"Köln"}', "{}"])).toEqual([true, false]);
    expect(["llama-pythonic", "qwen3-coder", "phi4"].map((name) => enforcedParser(name as "phi4"))).toEqual([
      "hermes",
      "hermes",
      "phi4",
    ]);
  });
});
