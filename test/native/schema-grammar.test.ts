import { describe, expect, it } from "vitest";
import { ContinuousBatchingPipeline, LLMPipeline, type CallOptions } from "../../lib/index.js";
import { chainModel } from "../helpers/chain.js";
import { EVERYDAY } from "../helpers/everyday-schemas.mjs";

/** A text as tokens for a chain model, each of them once. */
function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  let left = Array.from(text);
  while (left.length > 0) {
    let length = 3;
    const piece = (): string => left.slice(0, length).join("");
    const isFit = (): boolean => !pieces.includes(piece()) && !/^<.+>$|^\[.+\]$/s.test(piece());
    while (length < left.length && (!isFit() || left.length - length < 3)) length++;
    pieces.push(piece());
    left = left.slice(length);
  }
  return pieces;
}

/** What a model that wants to say a text says under these options. */
async function saidBy(pipeline: "llm" | "batching", text: string, options: CallOptions) {
  const path = await chainModel({ pieces: piecesOf(text) });
  const llm = await (pipeline === "llm" ? LLMPipeline : ContinuousBatchingPipeline).load(path);
  try {
    return await llm.generate([{ role: "user", content: "c" }], { maxNewTokens: 400, ...options });
  } finally {
    await llm.close();
  }
}

const schemas = Object.entries(EVERYDAY);
const answers = schemas.flatMap(([name, { schema, values }]) =>
  values.map((value) => ({ name, schema, value })),
);
/** One of each; arguments are objects by the schema itself, which a union is not. */
const calls = schemas
  .filter(([name]) => name !== "union")
  .map(([name, { schema, values }]) => ({ name, schema, value: values.at(-1) }));

describe.each(["llm", "batching"] as const)("an answer of an everyday schema (%s)", (pipeline) => {
  it.each(answers)("$name: $value is said as the model has it", async ({ schema, value }) => {
    const text = JSON.stringify(value);
    const result = await saidBy(pipeline, text, { responseFormat: { type: "json", schema } });
    expect({ text: result.text, reason: result.finishReason }).toEqual({ text, reason: "stop" });
    expect(result.object).toEqual(schema.parse(value));
  });

  it.each(calls)("$name: $value is said in an enforced call", async ({ schema, value }) => {
    const text = `<tool_call>\n{"name": "f", "arguments": ${JSON.stringify(value)}}\n</tool_call>`;
    const tools = [{ name: "f", parameters: schema }];
    const result = await saidBy(pipeline, text, { tools, toolChoice: "required", toolCallParser: "hermes" });
    expect(result.invalidToolCalls ?? []).toEqual([]);
    expect(result.toolCalls?.map((call) => call.arguments)).toEqual([schema.parse(value)]);
  });
});
