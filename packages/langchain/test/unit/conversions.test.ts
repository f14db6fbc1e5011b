import { readFile } from "node:fs/promises";
import { parsePartialJson } from "@langchain/core/output_parsers";
import {
  AIMessage,
  ChatMessage,
  HumanMessage,
  RemoveMessage,
  SystemMessage,
  ToolMessage,
  type AIMessageChunk,
} from "@langchain/core/messages";
import { describe, expect, it } from "vitest";
import { ChunkWriter, UNREADABLE } from "../../lib/answers/chunks.js";
import { chatParams, engineOptions } from "../../lib/calls/call-options.js";
import { engineTool, engineToolChoice } from "../../lib/calls/tools.js";
import { engineMessages } from "../../lib/messages/to-engine.js";

describe("messages as the library takes them", () => {
  it("keep role, text, name, calls, results and reasoning", () => {
    const call = { name: "add", args: { a: 1 }, id: "c1", type: "tool_call" } as const;
    expect(
      engineMessages([
        new SystemMessage("be brief"),
        new SystemMessage({ content: "be kind", additional_kwargs: { __openai_role__: "developer" } }),
        new HumanMessage({
          name: "anna",
          content: [
            { type: "text", text: "a" },
            { type: "text", text: "b" },
          ],
        }),
        new AIMessage({ content: "x", tool_calls: [call], additional_kwargs: { reasoning_content: "hm" } }),
        new ToolMessage({ content: "2", tool_call_id: "c1", name: "add" }),
        new AIMessage({
          content: [
            { type: "reasoning", reasoning: "so" },
            { type: "text", text: "two" },
          ],
        }),
        new ChatMessage("hi", "critic"),
      ]),
    ).toEqual([
      { role: "system", content: "be brief" },
      { role: "developer", content: "be kind" },
      {
        role: "user",
        name: "anna",
        content: [
          { type: "text", text: "a" },
          { type: "text", text: "b" },
        ],
      },
      {
        role: "assistant",
        content: "x",
        reasoning_content: "hm",
        tool_calls: [{ id: "c1", type: "function", function: { name: "add", arguments: { a: 1 } } }],
      },
      { role: "tool", name: "add", content: "2", tool_call_id: "c1" },
      { role: "assistant", content: "two", reasoning_content: "so" },
      { role: "critic", content: "hi" },
    ]);
  });

  it.each([
    [
      new HumanMessage({ content: [{ type: "image_url", image_url: "x" }] }),
      "messages[0].content but received an object",
    ],
    [new ToolMessage({ tool_call_id: "1", content: [{ type: "image", data: "" }] }), 'type "image"'],
    [
      new AIMessage({ content: [{ type: "tool_use", id: "1", name: "f", input: {} }] }),
      "messages[0].tool_calls",
    ],
    [new RemoveMessage({ id: "1" }), 'for messages[0] but received "remove"'],
  ])("are refused in words otherwise: %#", (message, words) => {
    const read = (): unknown => engineMessages([message]);
    expect(read).toThrow(TypeError);
    expect(read).toThrow(words);
    expect(read).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG_TYPE" }));
  });
});

describe("tools and their choice", () => {
  it("may be function definitions, and without parameters", () => {
    expect(engineTool({ name: "now", description: "the time" })).toEqual({
      name: "now",
      description: "the time",
      parameters: { type: "object", properties: {} },
    });
  });

  it.each([
    ["auto", "auto"],
    ["none", "none"],
    ["any", "required"],
    ["required", "required"],
    ["add", { name: "add" }],
    [{ type: "function", function: { name: "add" } }, { name: "add" }],
    [{ type: "tool", name: "add" }, { name: "add" }],
  ])("%j is %j", (choice, expected) => {
    expect(engineToolChoice(choice)).toEqual(expected);
  });

  it("of another form are refused", () => {
    expect(() => engineToolChoice({ tool: "add" })).toThrow('"auto", "any", "none", the name of a tool');
    expect(() => engineTool({ type: "web_search" })).toThrow('but received an object of type "web_search"');
    expect(() => engineTool({ name: "f", input_schema: {} })).toThrow("function definitions");
  });
});

describe("options of a call", () => {
  it("come first, and what nobody gave is absent", () => {
    const defaults = {
      temperature: 0.5,
      maxTokens: 5,
      stop: ["a"],
      generationOptions: { minP: 0.1, topK: 3 },
    };
    const options = { temperature: 0, stop: ["b"], generationOptions: { topK: 4 }, tools: [] };
    const signal = new AbortController().signal;
    expect(engineOptions(chatParams(defaults, options), signal)).toEqual({
      temperature: 0,
      maxNewTokens: 5,
      stopStrings: ["b"],
      minP: 0.1,
      topK: 4,
      signal,
    });
    expect(engineOptions(chatParams({}, { tool_choice: "auto" }), undefined)).toEqual({});
  });

  it("take OpenAI's response formats and no other", () => {
    const format = (response_format: unknown): unknown =>
      engineOptions({ response_format } as Parameters<typeof engineOptions>[0], undefined).responseFormat;
    const schema = { type: "object" };
    expect(format({ type: "text" })).toBeUndefined();
    expect(format({ type: "json_object" })).toEqual({ type: "json", schema });
    expect(format({ type: "json_schema", json_schema: { name: "x", schema } })).toEqual({
      type: "json",
      schema,
    });
    expect(() => format({ type: "yaml" })).toThrow('but received an object of type "yaml"');
  });
});

describe("a call that is cut off", () => {
  const args = String.raw`{"path": "/home/\u00e9\"x\\", "deep": [1.5e3, true, null, {"a": "}"}], "n": -2}`;

  it("cannot be read by LangChain, wherever it ends", () => {
    for (let length = 0; length <= args.length; length += 1) {
      const cut = args.slice(0, length) + UNREADABLE;
      expect(parsePartialJson(cut), cut).toBeNull();
    }
  });

  it("is an invalid call of the whole, beside the valid one before it", () => {
    const writer = new ChunkWriter({ model: "m", outputVersion: "v0" });
    const part = (parts: readonly object[]): AIMessageChunk =>
      writer.chunk({ text: "", parts } as unknown as Parameters<ChunkWriter["chunk"]>[0])
        ?.message as AIMessageChunk;
    const whole = [
      part([
        { type: "tool-call-begin", index: 0, id: "a", name: "f" },
        { type: "tool-call-delta", index: 0, argumentsText: "{}" },
        { type: "tool-call", index: 0, id: "a", name: "f", argumentsText: "{}", arguments: {} },
      ]),
      // One whose name was never known comes as a whole.
      part([{ type: "tool-call-invalid", index: 1, id: "b", name: "", reason: "malformed", text: "<x>" }]),
      part([{ type: "tool-call-begin", index: 2, id: "c", name: "g" }]),
      part([
        { type: "tool-call-delta", index: 2, argumentsText: '{"path": "/ho' },
        { type: "tool-call-invalid", index: 2, id: "c", name: "g", reason: "cut-off", text: "" },
      ]),
    ].reduce((joined, chunk) => joined.concat(chunk));
    expect(whole.tool_calls).toMatchObject([{ id: "a", name: "f", args: {} }]);
    expect(whole.invalid_tool_calls).toMatchObject([{ id: "b" }, { id: "c", name: "g" }]);
  });
});

it("the list of LangChain's tests names those that are here", async () => {
  const read = (path: string): Promise<string> => readFile(new URL(path, import.meta.url), "utf8");
  const [list, tests] = [await read("../README.md"), await read("../native/standard-tests.test.ts")];
  const names = [...list.matchAll(/^\| ((?:should|invoke|stream) [^|]*?) +\|/gm)].map(
    ([, name = ""]) => name,
  );
  expect(names).toHaveLength(33);
  expect(names.filter((name) => !tests.includes(`"${name}"`))).toEqual([]);
});
