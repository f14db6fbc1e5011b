import { UnsupportedFunctionalityError } from "@ai-sdk/provider";
import { describe, expect, it } from "vitest";
import { messagesOf } from "../../lib/prompt/messages.js";
import type { AssistantPart, PromptMessage, ToolOutput } from "../../lib/spec/prompt.js";
import type { Warning } from "../../lib/spec/shared.js";

function read(prompt: PromptMessage[]) {
  const warnings: Warning[] = [];
  return {
    messages: messagesOf(prompt, warnings),
    left: warnings.map((one) => "feature" in one && one.feature),
  };
}

const assistant = (...content: AssistantPart[]) => read([{ role: "assistant", content }]);
const result = (output: ToolOutput) => ({
  type: "tool-result" as const,
  toolCallId: "1",
  toolName: "f",
  output,
});
const call = (input: unknown) => ({ type: "tool-call" as const, toolCallId: "1", toolName: "f", input });
const called = (args: object) => [{ id: "1", type: "function", function: { name: "f", arguments: args } }];

describe("what the user says", () => {
  it("is one text, of its pieces and of files that are text, in both versions' shapes", () => {
    const base64 = Buffer.from("ä").toString("base64");
    const { messages } = read([
      { role: "system", content: "s" },
      {
        role: "user",
        content: [
          { type: "text", text: "a" },
          { type: "text", text: "b" },
          { type: "file", mediaType: "text/plain", data: base64 },
          { type: "file", mediaType: "application/json", data: new TextEncoder().encode("{}") },
          { type: "file", mediaType: "text", data: { type: "data", data: base64 } },
          { type: "file", mediaType: "text/markdown", data: { type: "text", text: "# t" } },
          { type: "text", text: "c" },
        ],
      },
    ]);
    expect(messages).toEqual([
      { role: "system", content: "s" },
      { role: "user", content: "ab\nä\n{}\nä\n# t\nc" },
    ]);
  });

  it.each([
    ["image/png", new Uint8Array(1)],
    ["application/pdf", { type: "data", data: "AA==" }],
    ["text/plain", { type: "url", url: new URL("https://a.example/x") }],
    ["text/plain", new URL("https://a.example/x")],
    ["text/plain", { type: "reference", reference: { openai: "file-1" } }],
  ])("is refused where it is a file that cannot be read: %s", (mediaType, data) => {
    const prompt: PromptMessage[] = [{ role: "user", content: [{ type: "file", mediaType, data }] }];
    expect(() => read(prompt)).toThrow(UnsupportedFunctionalityError);
  });
});

describe("what the assistant said", () => {
  it("has its text, its thoughts and its calls", () => {
    const parts: AssistantPart[] = [
      { type: "reasoning", text: "r" },
      { type: "text", text: "a" },
      call({ x: 1 }),
      { type: "text", text: "b" },
    ];
    expect(assistant(...parts).messages).toEqual([
      { role: "assistant", content: "ab", reasoning_content: "r", tool_calls: called({ x: 1 }) },
    ]);
  });

  it("has calls of anything as calls of an object", () => {
    for (const [input, args] of [
      ["Malformed", { input: "Malformed" }],
      [[1], { input: [1] }],
      [null, {}],
      [undefined, {}],
    ] as const) {
      expect(assistant(call(input)).messages[0]).toMatchObject({ tool_calls: called(args) });
    }
  });

  it("comes in several messages where another provider executed its calls", () => {
    const { messages } = assistant(call({}), result({ type: "text", value: "found" }), {
      type: "text",
      text: "So.",
    });
    expect(messages).toEqual([
      { role: "assistant", content: "", tool_calls: called({}) },
      { role: "tool", tool_call_id: "1", name: "f", content: "found" },
      { role: "assistant", content: "So." },
    ]);
  });

  it("is left out with a warning where it is no text", () => {
    const { messages, left } = assistant(
      { type: "file", mediaType: "image/png", data: "AA==" },
      { type: "reasoning-file" },
      { type: "custom" },
      { type: "text", text: "a" },
    );
    expect(messages).toEqual([{ role: "assistant", content: "a" }]);
    expect(left).toEqual(["file", "reasoning-file", "custom"]);
    expect(assistant().messages).toEqual([{ role: "assistant", content: "" }]);
  });
});

describe("what a tool gave", () => {
  it.each<[ToolOutput, string]>([
    [{ type: "text", value: "t" }, "t"],
    [{ type: "json", value: { a: [1] } }, '{"a":[1]}'],
    [{ type: "error-text", value: "e" }, "e"],
    [{ type: "error-json", value: null }, "null"],
    [{ type: "execution-denied" }, "The execution of this tool was denied."],
    [{ type: "execution-denied", reason: "No." }, "No."],
  ])("%j", (output, content) => {
    const { messages } = read([
      { role: "tool", content: [result(output), { type: "tool-approval-response" }] },
    ]);
    expect(messages).toEqual([{ role: "tool", tool_call_id: "1", name: "f", content }]);
  });

  it("has files as far as they are text", () => {
    const value = [
      { type: "text", text: "a" },
      { type: "file-data", data: Buffer.from("b").toString("base64"), mediaType: "text/plain" },
      { type: "file", data: { type: "text", text: "c" }, mediaType: "text/plain" },
      { type: "image-data", data: "AA==", mediaType: "image/png" },
      { type: "file-url" },
    ];
    const { messages, left } = read([{ role: "tool", content: [result({ type: "content", value })] }]);
    expect(messages[0]).toMatchObject({ content: "a\nb\nc" });
    expect(left).toEqual(["image-data in the result of a tool", "file-url in the result of a tool"]);
  });
});
