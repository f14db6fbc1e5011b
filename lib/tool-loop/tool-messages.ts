/** Messages of a chat for an answer with tool calls and for their results. */
import type { ReadAnswer } from "../generation/generation-result.js";
import type { ChatMessage, ChatToolCall } from "../prompt/input.js";
import type { JsonObject } from "../parsers/output-part.js";
import type { InvalidToolCall, ToolCall } from "../tools/tool.js";

/** An answer as the chat's next message: text, reasoning, and calls, also those that could not be executed. */
export function assistantMessage(answer: ReadAnswer<unknown>): ChatMessage {
  const { text, reasoning, invalidToolCalls = [] } = answer;
  const toolCalls = (answer.toolCalls ?? []) as readonly ToolCall[];
  const calls = [...toolCalls, ...invalidToolCalls].toSorted((a, b) => a.index - b.index);
  return {
    role: "assistant",
    content: text,
    ...(reasoning === undefined || reasoning === "" ? undefined : { reasoning_content: reasoning }),
    ...(calls.length === 0 ? undefined : { tool_calls: calls.map((call) => chatCall(call)) }),
  };
}

/**
 * The result of a tool, as the message after the one that called it.
 *
 * @param output text as it is, anything else as JSON
 */
export function toolMessage(call: Pick<ToolCall, "id" | "name">, output: unknown): ChatMessage {
  const content = typeof output === "string" ? output : (JSON.stringify(output) ?? "null");
  return { role: "tool", tool_call_id: call.id, name: call.name, content };
}

function chatCall({ id, name, argumentsText }: ToolCall | InvalidToolCall): ChatToolCall {
  const written = (argumentsText === null ? {} : JSON.parse(argumentsText)) as JsonObject;
  return { id, type: "function", function: { name, arguments: written } };
}
