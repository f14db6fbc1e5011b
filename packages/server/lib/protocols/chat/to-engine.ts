/** Converts a chat request to calls of the engine. */
import type { CallOptions, ChatInputMessage, ResponseFormat, Tool, ToolChoice } from "openvino-llm";

import { badRequest } from "../../errors/api-error.js";
import type { EngineCall } from "../../generation/run-calls.js";
import { generationOptionsOf, SAMPLING_NAMES } from "../openai/sampling.js";
import type { ChatBody, ChatRequestMessage, ChatResponseFormat, ChatTool, ChatToolChoice } from "./schema.js";

/** What the library's names are called in a chat request. */
export const CHAT_NAMES: Readonly<Record<string, string>> = {
  ...SAMPLING_NAMES,
  input: "messages",
  responseFormat: "response_format",
  "responseFormat.schema": "response_format.json_schema.schema",
  tools: "tools",
  toolChoice: "tool_choice",
  "toolChoice.name": "tool_choice.function.name",
  extraContext: "chat_template_kwargs",
};

/**
 * One call for each of the `n` answers.
 *
 * @param defaults - those of the model
 * @throws ApiError 400
 */
export function chatCalls(body: ChatBody, defaults: CallOptions): EngineCall[] {
  if ((body.top_logprobs ?? 0) > 0) {
    throw badRequest(
      "Only the log-probability of the chosen token is known: top_logprobs must be 0 or left out.",
      "top_logprobs",
    );
  }
  const input = messagesOf(body.messages);
  const limited = { ...body, max_tokens: body.max_completion_tokens ?? body.max_tokens ?? null };
  const common = { ...defaults, ...answerOptions(body), ...templateVariables(body) };
  return Array.from({ length: body.n ?? 1 }, (_, copy) => ({
    input,
    copy,
    options: { ...generationOptionsOf(limited, copy), ...common },
  }));
}

function answerOptions(body: ChatBody): CallOptions {
  const format = formatOf(body.response_format ?? { type: "text" });
  const tools = (body.tools ?? []).map(toolOf);
  return {
    ...(body.logprobs === true ? { logprobs: 1 } : {}),
    ...(format === undefined ? {} : { responseFormat: format }),
    ...(tools.length === 0 ? {} : { tools, toolChoice: choiceOf(body.tool_choice ?? "auto") }),
  };
}

/** Messages as the library takes them. */
export function messagesOf(messages: readonly ChatRequestMessage[]): ChatInputMessage[] {
  return messages.map(messageOf);
}

/** A message as the library takes it: fields that are null are left out, and reasoning has one name. */
function messageOf(message: ChatRequestMessage): ChatInputMessage {
  const { reasoning, ...rest } = message;
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(rest)) if (value !== null) fields[name] = value;
  if (typeof reasoning === "string") fields["reasoning_content"] ??= reasoning;
  // An assistant that only thought has said nothing.
  if (message.role === "assistant") fields["content"] ??= "";
  return fields as unknown as ChatInputMessage;
}

function formatOf(format: ChatResponseFormat): ResponseFormat | undefined {
  if (format.type === "text") return undefined;
  if (format.type === "json_object") return { type: "json", schema: { type: "object" } };
  const schema = (format as { json_schema?: { schema?: Readonly<Record<string, unknown>> | null } | null })
    .json_schema?.schema;
  if (schema === null || schema === undefined) {
    throw badRequest(
      'Expected a JSON Schema for response_format.json_schema.schema with the type "json_schema" but received none.',
      "response_format",
    );
  }
  return { type: "json", schema };
}

function toolOf({ function: { name, description, parameters } }: ChatTool): Tool {
  return {
    name,
    ...(description === null || description === undefined ? {} : { description }),
    ...(parameters === null || parameters === undefined ? {} : { parameters }),
  };
}

function choiceOf(choice: ChatToolChoice): ToolChoice {
  return typeof choice === "string" ? choice : { name: choice.function.name };
}

function templateVariables({ chat_template_kwargs: own, reasoning_effort: effort }: ChatBody): CallOptions {
  const variables = {
    ...(effort === null || effort === undefined ? {} : { reasoning_effort: effort }),
    // What Qwen3's template and its like call it.
    ...(effort === "none" ? { enable_thinking: false } : {}),
    ...own,
  };
  return Object.keys(variables).length === 0 ? {} : { extraContext: variables };
}
