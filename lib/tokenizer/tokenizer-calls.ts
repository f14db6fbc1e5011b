/** What a tokenizer's calls are made of, and what comes of them. */
import type { NativeInput } from "../native/native-request.js";
import type { ContentMarks } from "../prompt/content-marks.js";
import { invalidArgType, OpenVinoLlmError, outOfRange, type ErrorCode } from "../errors/errors.js";
import { checkMessages } from "../prompt/check-messages.js";
import type { ChatInputMessage } from "../prompt/input.js";
import { copyJson } from "../options/json.js";
import { nativeError } from "../native/native-errors.js";
import type { NativeChat } from "../native/native-tokenizer.js";
import { checkChatTemplateOptions, type ChatTemplateOptions } from "./tokenizer-options.js";

/** A chat as the addon takes it: TypeError, RangeError for what is none. */
export function nativeChat(
  messages: readonly ChatInputMessage[],
  options: ChatTemplateOptions,
  marks: ContentMarks,
): NativeChat {
  if (!Array.isArray(messages)) throw invalidArgType("messages", "an array of chat messages", messages);
  checkChatTemplateOptions(options);
  const { tools, addGenerationPrompt = true, extraContext, extraRoles, chatTemplate = null } = options;
  const json = (name: string, value: unknown): string | null =>
    value === undefined ? null : JSON.stringify(marks.value(copyJson(name, value)));
  return {
    messagesJson: JSON.stringify(marks.messages(checkMessages("messages", messages, extraRoles))),
    addGenerationPrompt,
    chatTemplate,
    toolsJson: json("options.tools", tools),
    extraContextJson: json("options.extraContext", extraContext),
    contentMark: marks.mark ?? null,
  };
}

/** What a pipeline is asked with, as a tokenizer takes it. */
export function chatOfPrompt(prompt: NativeInput & { readonly kind: "chat" }): NativeChat {
  const { messagesJson, toolsJson = null, extraContextJson = null, contentMark = null } = prompt;
  return {
    messagesJson,
    toolsJson,
    extraContextJson,
    contentMark,
    addGenerationPrompt: true,
    chatTemplate: null,
  };
}

/** A call's value; what was `done` goes into its error. */
export async function answerOf<Value>(call: Promise<Value>, done: string, maxLength = 0): Promise<Value> {
  try {
    return await call;
  } catch (cause) {
    const { code, message } = cause as { code: ErrorCode | "ERR_OUT_OF_RANGE"; message: string };
    if (code === "ERR_OUT_OF_RANGE") {
      throw outOfRange("options.maxLength", "room for the special tokens of this tokenizer", maxLength);
    }
    if (code === "ERR_NATIVE") throw nativeError(code, `The tokenizer failed at what was ${done}`, message);
    throw new OpenVinoLlmError(code, message);
  }
}
