/** Options of a chat and of its turns, and their checks. */
import { takeCallOptions, type CallOptions } from "../generation/call-options.js";
import { invalidArgType, OpenVinoLlmError, outOfRange, readingFrom } from "../errors/errors.js";
import type { GenerationResult } from "../generation/generation-result.js";
import { checkMessages } from "../prompt/check-messages.js";
import type { ChatInputMessage, ChatMessage } from "../prompt/input.js";
import { isPlainObject } from "../options/json.js";
import { totalTokenLimit } from "../options/generation-config.js";
import { checkWellFormed, plainObjectEntries } from "../options/option-checks.js";
import type { ResponseFormat } from "../structured/response-format.js";
import { checkMaxSteps } from "../tool-loop/run-tools.js";
import type { AnyTool, ToolCall } from "../tools/tool.js";
import type { GenerationModel } from "../generation/generation-model.js";
import { headLength, promptRoom, type TrimFunction } from "./trim.js";

/** The input of a turn: a user's text, a message, or several messages, such as the results of several tool calls. */
export type ChatInput = string | ChatInputMessage | readonly ChatInputMessage[];

/**
 * A chat as plain data, which JSON can hold: what `chat()` takes to go on with it. Options are no part of it, because
 * they may hold functions; give them again.
 */
export interface ChatState {
  /** The whole history, the system message first. */
  readonly messages: readonly ChatMessage[];
  /**
   * Index of the first message of the history that the last prompt had, beside the system message; 0 where nothing was
   * left out. Kept so that a chat that was saved goes on with the prompt that the prefix cache knows.
   */
  readonly keptFrom: number;
}

/**
 * Options of one turn: those of `generate()` and `stream()`. What is absent or undefined is as the chat has it.
 *
 * @typeParam Format - the response format, from which the result's `object` gets its type
 * @typeParam Tools - the tools, from which the result's `toolCalls` get theirs
 */
export interface ChatTurnOptions<
  Format extends ResponseFormat | undefined = ResponseFormat | undefined,
  Tools extends readonly AnyTool[] | undefined = readonly AnyTool[] | undefined,
> extends CallOptions<Format, Tools> {
  /** As in `generate()`. Undefined in a turn takes away what the chat has. */
  readonly responseFormat?: Format;
  /**
   * As in `generate()`; those with `execute` are executed, and the model goes on with their results, as in `runTools()`.
   * Undefined in a turn takes away what the chat has.
   */
  readonly tools?: Tools;
  /** Answers that a turn with tools generates at most: 1 to 1,000. Default 8. */
  readonly maxSteps?: number | undefined;
  /** Ends the turn, as the chat's own signal does. */
  readonly signal?: AbortSignal | undefined;
  /** A chat always goes through the chat template. */
  readonly applyChatTemplate?: true | undefined;
}

/**
 * Options of a chat: what it begins with, and the defaults of its turns.
 *
 * @typeParam Format - the response format of its turns
 * @typeParam Tools - the tools of its turns
 */
export interface ChatOptions<
  Format extends ResponseFormat | undefined = ResponseFormat | undefined,
  Tools extends readonly AnyTool[] | undefined = readonly AnyTool[] | undefined,
> extends ChatTurnOptions<Format, Tools> {
  /** The system message; takes the place of those that `messages` begin with. Default: theirs, or none. */
  readonly system?: string | undefined;
  /** The first messages: examples, or the history of a chat that was saved. Default none. */
  readonly messages?: readonly ChatInputMessage[] | undefined;
  /** As a saved chat has it: an integer from 0 to the number of `messages`. Default 0. */
  readonly keptFrom?: number | undefined;
  /**
   * How a history that is too long is truncated. "oldest": whole turns are left out, the oldest first, until half of
   * the prompt's room is free; never the system message and never what is new. "none": not at all, and a prompt that is
   * too long fails with ERR_PROMPT_TOO_LONG. A function chooses the messages of each turn itself. Default "oldest".
   */
  readonly trim?: "oldest" | "none" | TrimFunction | undefined;
}

/**
 * The result of a turn: its last answer, and what the turn added.
 *
 * @typeParam Value - what a response format of type "json" describes; undefined for others
 * @typeParam Call - the tool calls that may come
 */
export interface ChatResult<Value = unknown, Call = ToolCall> extends GenerationResult<Value, Call> {
  /**
   * What the turn added to the history: the input, the answers, and the results of tools. Empty where it left the history
   * as it was.
   */
  readonly messages: readonly ChatMessage[];
  /** All answers of the turn, the last included: several where tools were executed. Each has its own usage and timing. */
  readonly steps: readonly GenerationResult<Value, Call>[];
  /**
   * Messages of the history that were left out of the prompt: with `trim: "oldest"` the first ones after the system
   * message.
   */
  readonly leftOutMessages: number;
  /**
   * Milliseconds from the call to the pipeline's turn, in which earlier turns ended and tokens were counted. All times
   * in `timing` begin after it, or, of a later step, where that began.
   */
  readonly prepareMs: number;
}

/** Chat options after their checks. */
export interface CheckedChatOptions {
  readonly state: ChatState;
  readonly trim: "oldest" | "none" | TrimFunction;
  readonly turns: ChatTurnOptions;
}

/** What a turn runs with. */
export interface CheckedTurn {
  readonly options: CallOptions;
  readonly maxSteps: number | undefined;
  /** Ends it: the chat's signal or its own. */
  readonly signal: AbortSignal | undefined;
  /** Null where the length of the context is not known. */
  readonly promptTokens: number | null;
}

/** @throws TypeError, RangeError */
export function checkChatOptions(model: GenerationModel, options: ChatOptions): CheckedChatOptions {
  return readingFrom("options", () => readChatOptions(model, options));
}

function readChatOptions(model: GenerationModel, options: ChatOptions): CheckedChatOptions {
  plainObjectEntries("options", options);
  const { system, messages = [], keptFrom = 0, trim = "oldest", ...turns } = options;
  if (trim !== "oldest" && trim !== "none" && typeof trim !== "function") {
    throw invalidArgType("options.trim", '"oldest", "none" or a function', trim);
  }
  if (!Array.isArray(messages))
    throw invalidArgType("options.messages", "an array of chat messages", messages);
  if (typeof keptFrom !== "number" || !Number.isInteger(keptFrom)) {
    throw invalidArgType("options.keptFrom", "an integer", keptFrom);
  }
  if (keptFrom < 0 || keptFrom > messages.length) {
    throw outOfRange(
      "options.keptFrom",
      `an integer from 0 to ${messages.length} (the number of messages)`,
      keptFrom,
    );
  }
  checkTurn(model, turns);
  const copies = messages.length === 0 ? [] : copyMessages("options.messages", messages, turns.extraRoles);
  return { state: withSystem({ messages: copies, keptFrom }, system), trim, turns };
}

/** @throws TypeError, RangeError; @returns a turn's options over the chat's */
export function turnOptions(chat: ChatTurnOptions, turn: ChatTurnOptions): ChatTurnOptions {
  const given = readingFrom("options", () => plainObjectEntries("options", turn)).filter(
    ([name, value]) => value !== undefined || name === "responseFormat" || name === "tools",
  );
  const own: ChatTurnOptions = Object.fromEntries(given);
  const merged: ChatTurnOptions = { ...chat, ...own };
  if (!chat.signal || !(own.signal instanceof AbortSignal)) return merged;
  return { ...merged, signal: AbortSignal.any([chat.signal, own.signal]) };
}

/** @throws TypeError, RangeError for what can be checked before the turn runs */
export function checkTurn(model: GenerationModel, turn: ChatTurnOptions): CheckedTurn {
  const { maxSteps, ...options }: CallOptions & Pick<ChatTurnOptions, "maxSteps"> = turn;
  if (maxSteps !== undefined) checkMaxSteps(maxSteps);
  const { signal, generationOptions } = takeCallOptions(options);
  if (generationOptions.applyChatTemplate === false) {
    throw invalidArgType("options.applyChatTemplate", "true in a chat", false);
  }
  const config = model.generationConfig(generationOptions);
  const total = totalTokenLimit(config, model.model.contextLength);
  const promptTokens = total === null ? null : promptRoom(total, config.maxNewTokens);
  return { options, maxSteps, signal, promptTokens };
}

/** @throws {@link OpenVinoLlmError} ERR_NO_CHAT_TEMPLATE */
export function checkTemplate(model: GenerationModel): void {
  if (model.model.hasChatTemplate) return;
  throw new OpenVinoLlmError(
    "ERR_NO_CHAT_TEMPLATE",
    "This model has no chat template, and a chat needs one. Give it one with tokenizer.setChatTemplate(), or use generate() with raw text.",
  );
}

/** The messages of an input, checked and copied. @throws TypeError, RangeError */
export function inputMessages(
  input: unknown,
  extraRoles: readonly string[] | undefined,
): readonly ChatMessage[] {
  return readingFrom("input", () => readMessages(input, extraRoles));
}

function readMessages(input: unknown, extraRoles: readonly string[] | undefined): readonly ChatMessage[] {
  if (typeof input === "string") {
    checkWellFormed("input", input);
    return [{ role: "user", content: input }];
  }
  if (Array.isArray(input)) return copyMessages("input", input, extraRoles);
  if (isPlainObject(input)) return copyMessages("input", [input], extraRoles);
  throw invalidArgType("input", "a string, a chat message or an array of chat messages", input);
}

function withSystem({ messages, keptFrom }: ChatState, system: unknown): ChatState {
  if (system === undefined) return { messages, keptFrom };
  if (typeof system !== "string") throw invalidArgType("options.system", "a string", system);
  checkWellFormed("options.system", system);
  const before = headLength(messages);
  return {
    messages: [{ role: "system", content: system }, ...messages.slice(before)],
    keptFrom: Math.max(0, keptFrom - before + 1),
  };
}

function copyMessages(
  name: string,
  messages: readonly unknown[],
  extraRoles: readonly string[] | undefined,
): readonly ChatMessage[] {
  // What is checked there is a list of chat messages.
  return checkMessages(name, messages, extraRoles) as unknown as ChatMessage[];
}
