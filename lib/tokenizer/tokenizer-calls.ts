/** What a tokenizer's calls are made of, and what comes of them. */
import type { ContentEscapes } from "../prompt/content-escapes.js";
import { codeOf, invalidArgType, outOfRange } from "../errors/errors.js";
import type { TemplateChat } from "../prompt/chat-renderer.js";
import { checkMessages } from "../prompt/check-messages.js";
import type { ChatInputMessage } from "../prompt/input.js";
import { copyJson } from "../options/json.js";
import { nativeFailure } from "../native/native-errors.js";
import { checkChatTemplateOptions, type ChatTemplateOptions } from "./tokenizer-options.js";

/** A chat as a template takes it: TypeError, RangeError for what is none. */
export function templateChat(
  messages: readonly ChatInputMessage[],
  options: ChatTemplateOptions,
  escapes: ContentEscapes,
): TemplateChat {
  if (!Array.isArray(messages)) throw invalidArgType("messages", "an array of chat messages", messages);
  checkChatTemplateOptions(options);
  const { tools, addGenerationPrompt, extraContext = {}, extraRoles } = options;
  const escaped = <Value>(name: string, value: Value): Value =>
    // A copy of what JSON can hold is of the same kind.
    escapes.value(copyJson(name, value)) as Value;
  return {
    messages: escapes.messages(checkMessages("messages", messages, extraRoles)),
    tools: tools === undefined ? undefined : escaped("options.tools", tools),
    addGenerationPrompt,
    extraContext: escaped("options.extraContext", extraContext),
  };
}

/** A call's value; what was `done` goes into its error. */
export async function answerOf<Value>(call: Promise<Value>, done: string, maxLength = 0): Promise<Value> {
  try {
    return await call;
  } catch (cause) {
    if (codeOf(cause) === "ERR_OUT_OF_RANGE") {
      throw outOfRange("options.maxLength", "room for the special tokens of this tokenizer", maxLength);
    }
    throw nativeFailure("ERR_NATIVE", `The tokenizer failed at what was ${done}`, cause);
  }
}
