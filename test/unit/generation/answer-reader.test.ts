import { describe, expect, it } from "vitest";
import { AnswerReader } from "../../../lib/generation/answer-reader.js";
import type { ParserNames } from "../../../lib/generation/answer-plan.js";
import { checkTools } from "../../../lib/tools/tool-options.js";

const tools = checkTools("tools", [
  { name: "w", parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] } },
]);

/** What a reader of this model's answers makes of a text. */
async function read(names: ParserNames, promptEnd: string, text: string) {
  const reader = new AnswerReader({ parser: { ...names, knownTools: ["w"] }, delimiters: [], tools });
  reader.begin(promptEnd);
  const pieces = [reader.push(text), reader.finish()];
  return {
    text: pieces.map((piece) => piece.text).join(""),
    reasoning: reader.reasoning,
    ...(await reader.judge()),
  };
}

describe("an answer's reasoning", () => {
  const names = { tools: "none", reasoning: "deepseek-r1" } as const;

  it.each([
    ["opened", "<｜Assistant｜><think>\n", "Hm.</think>Yes.", "Hm.", "Yes."],
    ["left to the model, which always thinks", "<｜Assistant｜>", "Hm.</think>Yes.", "Hm.", "Yes."],
    ["closed", "<｜Assistant｜></think>", "Yes.", "", "Yes."],
  ])(
    "is separated from its text where the prompt has it %s",
    async (_how, promptEnd, said, reasoning, text) => {
      expect(await read(names, promptEnd, said)).toMatchObject({ reasoning, text });
    },
  );
});

describe("a call that cannot be made", () => {
  const names = { tools: "hermes", reasoning: "none" } as const;

  it.each([
    ["was cut off", "w", null, '<tool_call>{"name": "w", "arguments": {"city": "Par'],
    ["was cut off", "", null, '<tool_call>{"na'],
    ["is malformed", "w", null, '<tool_call>{"name": "w", "arguments": {"city": Paris}}</tool_call>'],
    ["is malformed", "", null, "<tool_call>w(Paris)</tool_call>"],
    ["do not fit", "w", "{}", '<tool_call>{"name": "w", "arguments": {}}</tool_call>'],
    ["There is no tool", "v", "{}", '<tool_call>{"name": "v", "arguments": {}}</tool_call>'],
  ])("says that it %s", async (error, name, argumentsText, said) => {
    const { text, toolCalls, invalidToolCalls } = await read(names, "", `So: ${said}`);
    expect({ text, toolCalls }).toEqual({ text: "So: ", toolCalls: [] });
    expect(invalidToolCalls).toEqual([
      { id: expect.any(String), index: 0, name, argumentsText, error: expect.stringContaining(error) },
    ]);
    if (argumentsText === null) expect(invalidToolCalls[0]?.error).toContain(said);
  });
});
