/** Converts a request of Anthropic's messages API to a call of the engine. */
import type { CallOptions, ChatInputMessage, ChatToolCall, JsonObject, Tool, ToolChoice } from "openvino-llm";

import { badRequest } from "../../errors/api-error.js";
import type { EngineCall } from "../../generation/run-calls.js";
import { generationOptionsOf } from "../openai/sampling.js";
import type { ContentBlock, MessagesBody, MessagesPrompt } from "./schema.js";

/** What the library's names are called in such a request. */
export const MESSAGES_NAMES: Readonly<Record<string, string>> = {
  input: "messages",
  maxNewTokens: "max_tokens",
  temperature: "temperature",
  topP: "top_p",
  topK: "top_k",
  stopStrings: "stop_sequences",
  tools: "tools",
  toolChoice: "tool_choice",
};

/** @throws ApiError 400 */
export function messagesCall(body: MessagesBody, defaults: CallOptions): EngineCall {
  const { input, options } = promptOf(body, defaults);
  const { max_tokens, temperature, top_p, top_k, stop_sequences } = body;
  const sampling = {
    max_tokens,
    temperature: temperature ?? null,
    top_p: top_p ?? null,
    top_k: top_k ?? null,
    stop: stop_sequences ?? null,
  };
  return { input, options: { ...generationOptionsOf(sampling, 0), ...options } };
}

/** The input of the call, for counting too. @throws ApiError 400 */
export function promptOf(body: MessagesPrompt, defaults: CallOptions): EngineCall {
  const system = textOf("system", body.system ?? "");
  const messages = body.messages.flatMap((message, index) =>
    messagesOf(message, `messages[${index}].content`),
  );
  const input = system === "" ? messages : [{ role: "system", content: system }, ...messages];
  const tools = (body.tools ?? []).map(toolOf);
  const choice = choiceOf(body.tool_choice ?? { type: "auto" });
  const isSilent = body.thinking?.type === "disabled";
  return {
    input,
    options: {
      ...defaults,
      ...(tools.length === 0 ? {} : { tools, toolChoice: choice }),
      ...(body.thinking === null || body.thinking === undefined
        ? {}
        : { extraContext: { enable_thinking: !isSilent } }),
    },
  };
}

/** One message may be several to a template: results of tools have messages of their own. */
function messagesOf({ role, content }: MessagesPrompt["messages"][number], name: string): ChatInputMessage[] {
  if (typeof content === "string") return [{ role, content }];
  if (role === "assistant") return [assistantMessage(content, name)];
  const messages: ChatInputMessage[] = content
    .filter(({ type }) => type === "tool_result")
    .map(({ tool_use_id: id, content: result }) => ({
      role: "tool",
      tool_call_id: id ?? "",
      content: textOf(name, result ?? ""),
    }));
  const said = content.filter(({ type }) => type !== "tool_result");
  return said.length === 0 ? messages : [...messages, { role, content: textOf(name, said) }];
}

function assistantMessage(content: readonly ContentBlock[], name: string): ChatInputMessage {
  const calls = content.filter(({ type }) => type === "tool_use").map(callOf);
  const thought = content.map(({ thinking }) => thinking ?? "").join("");
  const said = content.filter(({ type }) => !/^(?:tool_use|thinking|redacted_thinking)$/.test(type));
  return {
    role: "assistant",
    content: textOf(name, said),
    ...(thought === "" ? {} : { reasoning_content: thought }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

function callOf({ id, name, input }: ContentBlock): ChatToolCall {
  return {
    id: id ?? "",
    type: "function",
    function: { name: name ?? "", arguments: (input ?? {}) as JsonObject },
  };
}

/** @throws ApiError 400 for what is no text */
function textOf(name: string, content: string | readonly ContentBlock[]): string {
  if (typeof content === "string") return content;
  return content
    .map(({ type, text }) => {
      if (type === "text" && text !== undefined) return text;
      throw badRequest(
        `Expected blocks of text but received ${JSON.stringify(type)}. These models read text alone.`,
        name,
      );
    })
    .join("\n");
}

function toolOf({
  name,
  description,
  input_schema: parameters,
}: NonNullable<MessagesPrompt["tools"]>[number]): Tool {
  return {
    name,
    ...(description === null || description === undefined ? {} : { description }),
    ...(parameters === null || parameters === undefined ? {} : { parameters }),
  };
}

function choiceOf({ type, name }: NonNullable<MessagesPrompt["tool_choice"]>): ToolChoice {
  if (type === "any") return "required";
  return type === "tool" ? { name: name ?? "" } : type;
}
