/** From a request for a response to a chat, which goes to the engine as chats do. */
import type { CallOptions } from "openvino-llm";

import { badRequest } from "../../errors/api-error.js";
import type { EngineCall } from "../../generation/run-calls.js";
import type { ChatBody, ChatRequestMessage, ChatResponseFormat, ChatToolChoice } from "../chat/schema.js";
import { CHAT_NAMES, chatCalls } from "../chat/to-engine.js";
import type { ResponseItem, ResponsePart, ResponsesBody } from "./schema.js";

/** What the library's names are called in such a request. */
export const RESPONSES_NAMES: Readonly<Record<string, string>> = {
  ...CHAT_NAMES,
  input: "input",
  maxNewTokens: "max_output_tokens",
  responseFormat: "text.format",
  "responseFormat.schema": "text.format.schema",
  "toolChoice.name": "tool_choice.name",
};

/** @throws ApiError 400 */
export function responseCalls(body: ResponsesBody, defaults: CallOptions): EngineCall[] {
  if ((body.previous_response_id ?? null) !== null) {
    throw badRequest(
      "This server keeps no responses: leave out previous_response_id and send the whole history as input.",
      "previous_response_id",
    );
  }
  return chatCalls(chatOf(body), defaults);
}

function chatOf(body: ResponsesBody): ChatBody {
  const { model, temperature, top_p, top_k, min_p, repetition_penalty, priority, instructions, input } = body;
  const items = typeof input === "string" ? [{ role: "user", content: input }] : messagesOf(input);
  const system =
    instructions === null || instructions === undefined ? [] : [{ role: "system", content: instructions }];
  return {
    messages: [...system, ...items],
    max_tokens: body.max_output_tokens ?? null,
    model: model ?? null,
    temperature: temperature ?? null,
    top_p: top_p ?? null,
    top_k: top_k ?? null,
    min_p: min_p ?? null,
    repetition_penalty: repetition_penalty ?? null,
    priority: priority ?? null,
    response_format: formatOf(body.text?.format ?? null),
    tools: (body.tools ?? [])
      .filter(({ type }) => type === "function")
      .map(({ name, description, parameters }) => ({
        type: "function",
        function: { name: name ?? "", description: description ?? null, parameters: parameters ?? null },
      })),
    tool_choice: choiceOf(body.tool_choice ?? null),
    reasoning_effort: body.reasoning?.effort ?? null,
  };
}

function formatOf(format: NonNullable<ResponsesBody["text"]>["format"]): ChatResponseFormat | null {
  if (format === null || format === undefined) return null;
  if (format.type !== "json_schema") return { type: format.type };
  if (format.schema === null || format.schema === undefined) {
    throw badRequest(
      'Expected a JSON Schema with the type "json_schema" but received none.',
      "text.format.schema",
    );
  }
  return { type: "json_schema", json_schema: { schema: format.schema } };
}

function choiceOf(choice: ResponsesBody["tool_choice"]): ChatToolChoice | null {
  if (choice === null || choice === undefined) return null;
  if (typeof choice === "string") return choice as "none" | "auto" | "required";
  return { type: "function", function: { name: choice.name ?? "" } };
}

/** Thoughts and calls are items of their own here, and parts of an assistant's message to a template. */
function messagesOf(items: readonly ResponseItem[]): ChatRequestMessage[] {
  const messages: ChatRequestMessage[] = [];
  let assistant: (Record<string, unknown> & { role: string }) | null = null;
  const ofAssistant = (): Record<string, unknown> => {
    if (assistant === null) messages.push((assistant = { role: "assistant", content: "" }));
    return assistant;
  };
  for (const [index, item] of items.entries()) {
    const name = `input[${index}]`;
    const type = item.type ?? "message";
    if (type === "reasoning") {
      const text = textOf(name, item.content ?? null) || textOf(name, item.summary ?? null);
      if (text !== "") ofAssistant()["reasoning_content"] = text;
    } else if (type === "function_call") {
      const call = {
        id: item.call_id ?? "",
        type: "function",
        function: { name: item.name ?? "", arguments: item.arguments ?? "{}" },
      };
      const message = ofAssistant();
      message["tool_calls"] = [...((message["tool_calls"] as unknown[] | undefined) ?? []), call];
    } else if (type === "function_call_output") {
      assistant = null;
      messages.push({
        role: "tool",
        tool_call_id: item.call_id ?? "",
        content: textOf(name, item.output ?? null),
      });
    } else if (type === "message" && item.role === "assistant") {
      const message = ofAssistant();
      message["content"] = `${String(message["content"])}${textOf(name, item.content ?? null)}`;
    } else if (type === "message") {
      assistant = null;
      messages.push({ role: item.role ?? "user", content: textOf(name, item.content ?? null) });
    } else {
      throw badRequest(
        `Expected a message, function_call, function_call_output or reasoning but received ${JSON.stringify(type)}.`,
        `${name}.type`,
      );
    }
  }
  return messages;
}

/** @throws ApiError 400 for what is no text */
function textOf(name: string, content: string | readonly ResponsePart[] | null): string {
  if (content === null || typeof content === "string") return content ?? "";
  return content
    .map(({ type, text }) => {
      if (typeof text === "string" && type.endsWith("text")) return text;
      throw badRequest(
        `Expected parts of text but received ${JSON.stringify(type)}. These models read text alone.`,
        `${name}.content`,
      );
    })
    .join("\n");
}
