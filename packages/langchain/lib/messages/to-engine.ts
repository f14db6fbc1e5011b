/** LangChain's messages as the library takes them. */
import {
  AIMessage,
  ChatMessage,
  ToolMessage,
  type BaseMessage,
  type ContentBlock,
} from "@langchain/core/messages";
import type { ChatContentMessage, ChatToolCall, JsonObject } from "openvino-llm";

import { invalidArgType } from "../errors/errors.js";

/** Blocks of an assistant that its `tool_calls` repeat. */
const CALL_BLOCKS = ["tool_call", "tool_call_chunk", "tool_use", "invalid_tool_call", "input_json_delta"];

const ROLES: Readonly<Record<string, string>> = {
  human: "user",
  system: "system",
  ai: "assistant",
  tool: "tool",
};

/**
 * A chat as the library takes it.
 *
 * @throws TypeError for content other than text, and for messages that are none of a chat
 */
export function engineMessages(messages: readonly BaseMessage[]): ChatContentMessage[] {
  return messages.map((message, index) => engineMessage(message, `messages[${index}]`));
}

/**
 * The text of a content, its blocks with nothing between them.
 *
 * @throws TypeError for blocks that are not text
 */
export function textOf(content: BaseMessage["content"], name: string): string {
  return typeof content === "string" ? content : content.map((block) => textOfBlock(block, name)).join("");
}

function engineMessage(message: BaseMessage, name: string): ChatContentMessage {
  const role = roleOf(message, name);
  const named = message.name === undefined ? {} : { name: message.name };
  if (AIMessage.isInstance(message)) return { role, ...named, ...assistantFields(message, name) };
  const { content } = message;
  const said = typeof content === "string" ? content : content.map((block) => textPart(block, name));
  if (!ToolMessage.isInstance(message)) return { role, ...named, content: said };
  return { role, ...named, content: said, tool_call_id: message.tool_call_id };
}

function roleOf(message: BaseMessage, name: string): string {
  if (ChatMessage.isInstance(message)) return message.role;
  const { __openai_role__: developer } = message.additional_kwargs;
  if (message.type === "system" && developer === "developer") return developer;
  const role = ROLES[message.type];
  if (role !== undefined) return role;
  throw invalidArgType(name, "a system, human, AI, tool or chat message", message.type);
}

/** What an assistant said, thought and called. */
function assistantFields(
  message: AIMessage,
  name: string,
): Pick<ChatContentMessage, "content" | "reasoning_content" | "tool_calls"> {
  const { content, tool_calls: calls = [], additional_kwargs: more } = message;
  const blocks: readonly ContentBlock[] =
    typeof content === "string" ? [{ type: "text", text: content }] : content;
  const visible = blocks.filter(({ type }) => type !== "reasoning" && type !== "thinking");
  if (calls.length === 0 && (message.invalid_tool_calls ?? []).length === 0) {
    const call = visible.find(({ type }) => CALL_BLOCKS.includes(type));
    if (call !== undefined)
      throw invalidArgType(`${name}.tool_calls`, "the calls that its content has", calls);
  }
  const text = textOf(
    visible.filter(({ type }) => !CALL_BLOCKS.includes(type)),
    `${name}.content`,
  );
  const reasoning = more["reasoning_content"] ?? blocks.map(thoughtOf).join("");
  return {
    content: text,
    ...(typeof reasoning === "string" && reasoning !== "" ? { reasoning_content: reasoning } : {}),
    ...(calls.length === 0
      ? {}
      : { tool_calls: calls.map((call, index) => engineCall(call, `${name}-${index}`)) }),
  };
}

/** @param fallbackId - for a call without an id, which templates may want */
function engineCall(call: NonNullable<AIMessage["tool_calls"]>[number], fallbackId: string): ChatToolCall {
  const { id = fallbackId, name, args } = call;
  return { id, type: "function", function: { name, arguments: args as JsonObject } };
}

function thoughtOf(block: ContentBlock): string {
  const thought = block["reasoning"] ?? block["thinking"];
  return typeof thought === "string" ? thought : "";
}

function textPart(block: ContentBlock, name: string): { type: "text"; text: string } {
  return { type: "text", text: textOfBlock(block, `${name}.content`) };
}

function textOfBlock(block: ContentBlock, name: string): string {
  if (block.type === "text" && typeof block["text"] === "string") return block["text"];
  throw invalidArgType(name, "text or blocks of text", block, "The model reads text alone.");
}
