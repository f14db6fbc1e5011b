/** The input of a call, checked and turned into one of three forms that the addon takes. */
import type { NativeInput } from "../native/native-request.js";
import type { ContentEscaper, SpecialTokensInContent } from "./content-escapes.js";
import { invalidArgType, OpenVinoLlmError, outOfRange, readingFrom } from "../errors/errors.js";
import { checkMessages } from "./check-messages.js";
import { copyJson } from "../options/json.js";
import { checkTokenId, checkWellFormed } from "../options/option-checks.js";
import type { CheckedTool } from "../tools/tool-options.js";
import type { JsonObject } from "../parsers/output-part.js";
import type { TemplateChat } from "./chat-renderer.js";
import { injectTools, type TemplateTools } from "./tool-prompt.js";

/** A part of a message's content. Only text: the models here read nothing else. */
export interface ChatTextPart {
  /** The only kind that there is. */
  readonly type: "text";
  /** The text. */
  readonly text: string;
}

/** One message of a chat, as OpenAI and Hugging Face write it. Fields beside these reach the model's template as they are. */
export interface ChatContentMessage {
  /** The message's role: "system", "developer", "user", "assistant", "tool", or one of `extraRoles`. */
  readonly role: "system" | "developer" | "user" | "assistant" | "tool" | (string & {});
  /**
   * The message's content, which may be empty; of a tool, its result. Parts become one text with line breaks between
   * them, as vLLM and llama.cpp have it.
   */
  readonly content: string | readonly ChatTextPart[];
  /** Of an assistant: its tool calls. */
  readonly tool_calls?: readonly ChatToolCall[];
  /** Of a tool: the id of the call that it answers. */
  readonly tool_call_id?: string;
  /** Of an assistant: its reasoning, for templates that write it again. */
  readonly reasoning_content?: string;
  /** Anything that JSON can hold. */
  readonly [field: string]: unknown;
}

/** One message of a chat as it is kept, with its content as text. */
export interface ChatMessage extends ChatContentMessage {
  /** The message's content; of a tool, its result. */
  readonly content: string;
}

/** An assistant's tool calls without content, which is taken as "". */
export interface ChatCallMessage {
  /** The message's role. */
  readonly role: "assistant";
  /** Absent, or the text beside the calls. */
  readonly content?: string | readonly ChatTextPart[] | null | undefined;
  /** At least one. */
  readonly tool_calls: readonly ChatToolCall[];
  /** Anything that JSON can hold. */
  readonly [field: string]: unknown;
}

/** One message of a chat as it is taken. */
export type ChatInputMessage = ChatContentMessage | ChatCallMessage;

/** A tool call in a message. */
export interface ChatToolCall {
  /** Unique in the chat. */
  readonly id: string;
  /** The only kind that there is. */
  readonly type: "function";
  /** What is called. */
  readonly function: {
    /** The tool's name. */
    readonly name: string;
    /** The object, or its JSON. */
    readonly arguments: string | JsonObject;
  };
}

/**
 * What to answer: a string (one user message where the model has a chat template, else raw text), the messages of a chat
 * (only with a chat template), or token ids that are taken as they are. A message may be empty, so an empty string may be
 * one; an empty raw text, no messages and no token ids leave nothing to go on from, and are RangeErrors.
 */
export type GenerationInput = string | readonly ChatInputMessage[] | TokenIdsInput;

/** A prompt of token ids. */
export interface TokenIdsInput {
  /** At least one; each an id of the vocabulary. */
  readonly tokenIds: ArrayLike<number>;
}

/** A chat that is still to be rendered. */
export interface ChatPrompt {
  readonly kind: "chat";
  readonly chat: TemplateChat;
  /** As in {@link NativeInput}. */
  readonly contentSentinel: string;
}

/** A checked input. */
export type Prompt = ChatPrompt | Exclude<NativeInput, { readonly kind: "chat" }>;

/** What an input is judged by, and what beside it makes the prompt. */
export interface InputContext {
  /** What the model's chat template does with tools; null where it has none. */
  readonly template: TemplateTools | null;
  /** Finds special tokens in content. */
  readonly escaper: ContentEscaper;
  /** What the caller said; undefined leaves it to the model. */
  readonly applyChatTemplate: boolean | undefined;
  /** Null where the size of the vocabulary is not known. */
  readonly vocabSize: number | null;
  /** Tools for the prompt. Default none. */
  readonly tools?: readonly CheckedTool[] | undefined;
  /** Further variables of the template. Default none. */
  readonly extraContext?: Readonly<Record<string, unknown>> | undefined;
  /** Default "text". */
  readonly specialTokensInContent?: SpecialTokensInContent | undefined;
  /** Roles of the template beside the usual ones. Default none. */
  readonly extraRoles?: readonly string[] | undefined;
}

/** Whether an input is put through the chat template; what is wrong with it is found elsewhere. */
export function isTemplated(
  input: unknown,
  { template, applyChatTemplate }: Pick<InputContext, "template" | "applyChatTemplate">,
): boolean {
  return (
    Array.isArray(input) || (typeof input === "string" && template !== null && applyChatTemplate !== false)
  );
}

/**
 * Checks an input and takes a copy of it, so that later changes by the caller do not reach a waiting request.
 *
 * @throws TypeError for a value that is no input, ill-formed text (lone surrogates) and ids that are no integers.
 * @throws RangeError for an empty input (an empty string is legal with a chat template), unknown roles and ids outside the
 *   vocabulary.
 * @throws {@link OpenVinoLlmError} `ERR_NO_CHAT_TEMPLATE` for messages to a model without a chat template.
 */
export function normalizeInput(input: unknown, context: InputContext): Prompt {
  return readingFrom("input", () => readInput(input, context));
}

function readInput(input: unknown, context: InputContext): Prompt {
  if (isTemplated(input, context)) return fromMessages(input, context);
  for (const option of ["extraContext", "specialTokensInContent"] as const) {
    if (context[option] === undefined) continue;
    throw invalidArgType(`options.${option}`, "no value without a chat template", context[option]);
  }
  if (typeof input === "string") return fromText(input, context);
  if (typeof input === "object" && input !== null && "tokenIds" in input) {
    const [other] = Object.keys(input).filter((key) => key !== "tokenIds");
    if (other !== undefined)
      throw invalidArgType(`input.${other}`, "no value with tokenIds", Reflect.get(input, other));
    return { kind: "ids", ids: copyTokenIds(input.tokenIds, context.vocabSize) };
  }
  throw invalidArgType("input", "a string, an array of chat messages or an object { tokenIds }", input);
}

function fromText(text: string, context: InputContext): Prompt {
  checkWellFormed("input", text);
  if (context.applyChatTemplate) throw noChatTemplate("The input cannot be put through one");
  if (text === "") throw outOfRange("input", "text that is not empty without a chat template", text);
  return { kind: "text", text };
}

function fromMessages(input: unknown, context: InputContext): Prompt {
  const { template, escaper, applyChatTemplate, tools = [], extraContext, extraRoles } = context;
  if (typeof input === "string") checkWellFormed("input", input);
  const messages = Array.isArray(input)
    ? checkMessages("input", input, extraRoles)
    : [{ role: "user", content: input }];
  if (applyChatTemplate === false) {
    throw invalidArgType("options.applyChatTemplate", "true with chat messages", false);
  }
  if (template === null) throw noChatTemplate("Chat messages need one");
  const escapes = escaper.begin(context.specialTokensInContent);
  const injected = injectTools(messages, tools, template, escapes);
  const extra = extraContext === undefined ? {} : copyJson("options.extraContext", extraContext);
  const chat = { ...injected, extraContext: escapes.value(extra as Record<string, unknown>) };
  return { kind: "chat", chat, contentSentinel: escapes.sentinel ?? "" };
}

/** What a model without a chat template fails with. */
export function noChatTemplate(reason: string): OpenVinoLlmError {
  return new OpenVinoLlmError(
    "ERR_NO_CHAT_TEMPLATE",
    `This model has no chat template. ${reason}: give a string, which is then taken raw, or token ids.`,
  );
}

function copyTokenIds(value: unknown, vocabSize: number | null): Int32Array {
  if (!isArrayLike(value)) throw invalidArgType("input.tokenIds", "an array of token ids", value);
  if (value.length === 0) throw outOfRange("input.tokenIds", "at least one token id", value);
  const ids: number[] = [];
  for (let index = 0; index < value.length; index++) {
    ids.push(checkTokenId(`input.tokenIds[${index}]`, value[index], vocabSize));
  }
  return Int32Array.from(ids);
}

/** Whether it has a length and can be read by index. */
export function isArrayLike(value: unknown): value is ArrayLike<unknown> {
  return typeof value === "object" && value !== null && "length" in value && Number.isInteger(value.length);
}
