/** The AI SDK's prompt as messages of the library. */
import { UnsupportedFunctionalityError } from "@ai-sdk/provider";
import {
  toolMessage,
  type ChatInputMessage,
  type ChatToolCall,
  type JsonObject,
  type JsonValue,
} from "openvino-llm";

import type { AssistantPart, FilePart, PromptMessage, TextPart, ToolOutput } from "../spec/prompt.js";
import type { Warning } from "../spec/shared.js";
import { fileText } from "./file-text.js";

/**
 * The messages; a part of the history that these models cannot read is left out with a warning.
 *
 * @throws UnsupportedFunctionalityError for a file of the user that is no text
 */
export function messagesOf(prompt: readonly PromptMessage[], warnings: Warning[]): ChatInputMessage[] {
  return prompt.flatMap((message): ChatInputMessage[] => {
    switch (message.role) {
      case "system":
        return [{ role: "system", content: message.content }];
      case "user":
        return [{ role: "user", content: userText(message.content) }];
      case "assistant":
        return assistantMessages(message.content, warnings);
      case "tool":
        // What was said of an approval shows in the result.
        return message.content.flatMap((part) =>
          part.type === "tool-result" ? [resultMessage(part, warnings)] : [],
        );
    }
  });
}

/** Pieces of text are one text; files stand apart from it. */
function userText(parts: readonly (TextPart | FilePart)[]): string {
  let text = "";
  let wasFile = false;
  for (const part of parts) {
    const isFile = part.type === "file";
    if (text !== "" && (isFile || wasFile)) text += "\n";
    text += part.type === "text" ? part.text : readFile(part);
    wasFile = isFile;
  }
  return text;
}

function readFile({ data, mediaType }: FilePart): string {
  const text = fileText(data, mediaType);
  if (text !== null) return text;
  throw new UnsupportedFunctionalityError({
    functionality: `file part of type ${mediaType}`,
    message: `These models read text alone, not a file of type ${mediaType}. Leave it out, or put its text into the prompt.`,
  });
}

/** Several where results of tools that another provider executed stand between. */
function assistantMessages(parts: readonly AssistantPart[], warnings: Warning[]): ChatInputMessage[] {
  const messages: ChatInputMessage[] = [];
  let [text, reasoning] = ["", ""];
  let calls: ChatToolCall[] = [];
  const flush = (): void => {
    messages.push({
      role: "assistant",
      content: text,
      ...(reasoning === "" ? {} : { reasoning_content: reasoning }),
      ...(calls.length === 0 ? {} : { tool_calls: calls }),
    });
    [text, reasoning, calls] = ["", "", []];
  };
  for (const part of parts) {
    if (part.type === "text") text += part.text;
    else if (part.type === "reasoning") reasoning += part.text;
    else if (part.type === "tool-call") {
      const called = { name: part.toolName, arguments: argumentsOf(part.input) };
      calls.push({ id: part.toolCallId, type: "function", function: called });
    } else if (part.type === "tool-result") {
      if (calls.length > 0) flush();
      messages.push(resultMessage(part, warnings));
    } else leftOut(part.type, warnings);
  }
  if (messages.length === 0 || text !== "" || reasoning !== "" || calls.length > 0) flush();
  return messages;
}

/** An object, which is what templates write; a call that was no valid one may have anything. */
function argumentsOf(input: unknown): JsonObject {
  if (typeof input === "object" && input !== null && !Array.isArray(input)) return input as JsonObject;
  return input === undefined || input === null ? {} : { input: input as JsonValue };
}

function resultMessage(
  { toolCallId, toolName, output }: { toolCallId: string; toolName: string; output: ToolOutput },
  warnings: Warning[],
): ChatInputMessage {
  return toolMessage({ id: toolCallId, name: toolName }, outputText(output, warnings));
}

function outputText(output: ToolOutput, warnings: Warning[]): string {
  switch (output.type) {
    case "text":
    case "error-text":
      return output.value;
    case "json":
    case "error-json":
      return JSON.stringify(output.value) ?? "null";
    case "execution-denied":
      return output.reason ?? "The execution of this tool was denied.";
    case "content":
      return output.value
        .flatMap(({ type, text, data, mediaType = "" }) => {
          const read = type === "text" ? text : fileText(data, mediaType);
          if (typeof read === "string") return [read];
          leftOut(`${type} in the result of a tool`, warnings);
          return [];
        })
        .join("\n");
  }
}

function leftOut(what: string, warnings: Warning[]): void {
  warnings.push({ type: "unsupported", feature: what, details: "It is left out of the prompt." });
}
