/** What a caller can ask a model with, checked and turned into one of three forms that the addon takes. */
import type { NativeInput } from "./binding.js";
import { invalidArgType, OpenVinoLlmError, outOfRange } from "./errors.js";
import { checkTokenId, checkWellFormed } from "./options/option-checks.js";

/** One message of a chat. Fields beside these, such as `name` or `tool_calls`, reach the model's template as they are. */
export interface ChatMessage {
  /** Who speaks: "system", "user", "assistant", "tool", or whatever else the model's template knows. */
  readonly role: "system" | "user" | "assistant" | "tool" | (string & {});
  /** What is said. */
  readonly content: string;
  /** Anything that JSON can hold. */
  readonly [field: string]: unknown;
}

/**
 * What to answer: a string (one user message where the model has a chat template, else raw text), the messages of a chat
 * (only with a chat template), or token ids that are taken as they are.
 */
export type GenerationInput = string | readonly ChatMessage[] | TokenIdsInput;

/** A prompt of token ids. */
export interface TokenIdsInput {
  /** At least one; each an id of the vocabulary. */
  readonly tokenIds: ArrayLike<number>;
}

/** What an input is judged by. */
export interface InputContext {
  readonly hasChatTemplate: boolean;
  /** What the caller said; undefined leaves it to the model. */
  readonly applyChatTemplate: boolean | undefined;
  /** Null where the size of the vocabulary is not known. */
  readonly vocabSize: number | null;
}

/**
 * Checks an input and takes a copy of it, so that later changes by the caller do not reach a waiting request.
 *
 * @throws TypeError for a value that is no input, ill-formed text (lone surrogates) and ids that are no integers.
 * @throws RangeError for an empty input (an empty string is legal with a chat template) and ids outside the vocabulary.
 * @throws {@link OpenVinoLlmError} `ERR_NO_CHAT_TEMPLATE` for messages to a model without a chat template.
 */
export function normalizeInput(input: unknown, context: InputContext): NativeInput {
  if (typeof input === "string") return fromText(input, context);
  if (Array.isArray(input)) return fromMessages(input, context);
  if (typeof input === "object" && input !== null && "tokenIds" in input) {
    const [other] = Object.keys(input).filter((key) => key !== "tokenIds");
    if (other !== undefined)
      throw invalidArgType(`input.${other}`, "nothing beside tokenIds", Reflect.get(input, other));
    return { kind: "ids", ids: copyTokenIds(input.tokenIds, context.vocabSize) };
  }
  throw invalidArgType("input", "a string, an array of chat messages or an object { tokenIds }", input);
}

function fromText(text: string, context: InputContext): NativeInput {
  checkWellFormed("input", text);
  if (context.hasChatTemplate && context.applyChatTemplate !== false) {
    return { kind: "chat", messagesJson: JSON.stringify([{ role: "user", content: text }]) };
  }
  if (context.applyChatTemplate) throw noChatTemplate("The input cannot be put through one");
  if (text === "") throw outOfRange("input", "text that is not empty, as no chat template is applied,", text);
  return { kind: "text", text };
}

function fromMessages(messages: readonly unknown[], context: InputContext): NativeInput {
  const messagesJson = messagesToJson("input", messages);
  if (context.applyChatTemplate === false) {
    throw invalidArgType("options.applyChatTemplate", "true or nothing with chat messages", false);
  }
  if (!context.hasChatTemplate) throw noChatTemplate("Chat messages need one");
  return { kind: "chat", messagesJson };
}

/** Chat messages as a template takes them, checked: TypeError or RangeError. */
export function messagesToJson(name: string, messages: readonly unknown[]): string {
  if (messages.length === 0) throw outOfRange(name, "at least one chat message", messages);
  return JSON.stringify(Array.from(messages, (message, index) => checkMessage(`${name}[${index}]`, message)));
}

/** What a model without a chat template fails with. */
export function noChatTemplate(reason: string): OpenVinoLlmError {
  return new OpenVinoLlmError(
    "ERR_NO_CHAT_TEMPLATE",
    `This model has no chat template. ${reason}: give a string, which is then taken raw, or token ids.`,
  );
}

function checkMessage(name: string, message: unknown): unknown {
  if (!isPlainObject(message)) throw invalidArgType(name, "a chat message { role, content }", message);
  const { role, content } = message;
  if (typeof role !== "string") throw invalidArgType(`${name}.role`, "a string", role);
  if (role === "") throw outOfRange(`${name}.role`, "a role that is not empty", role);
  if (typeof content !== "string") throw invalidArgType(`${name}.content`, "a string", content);
  return copyJson(name, message, []);
}

/**
 * A copy with nothing in it that JSON would drop, change or fail at, nor that GenAI's JSON would take for ever with.
 *
 * @throws TypeError, RangeError
 */
export function copyJson(name: string, value: unknown, parents: readonly object[] = []): unknown {
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "string") {
    checkWellFormed(name, value);
    return value;
  }
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (typeof value !== "object" || !(Array.isArray(value) || isPlainObject(value))) {
    throw invalidArgType(name, "a value that JSON can hold", value);
  }
  if (parents.includes(value)) throw invalidArgType(name, "a value that does not contain itself", value);
  if (parents.length > MAX_DEPTH) throw outOfRange(name, `at most ${MAX_DEPTH} levels of nesting`, value);
  const inside = [...parents, value];
  if (Array.isArray(value))
    return Array.from(value, (item, index) => copyJson(`${name}[${index}]`, item, inside));
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  if (fields.length > MAX_FIELDS) throw outOfRange(name, `an object of at most ${MAX_FIELDS} fields`, value);
  const copies = fields.map(([key, field]) => {
    checkWellFormed(`a key of ${name}`, key);
    return [key, copyJson(`${name}.${key}`, field, inside)] as const;
  });
  return Object.fromEntries(copies);
}

/** The native parser recurses, and so do templates. */
const MAX_DEPTH = 64;
/** GenAI's JSON goes through all fields to find one: 1,000 take it 0.1 seconds, 16,000 take 13, and no abort ends that. */
const MAX_FIELDS = 1000;

/** Whether it is an object as JSON has them. */
export function isPlainObject(
  value: unknown,
): value is Record<string, unknown> & { role?: unknown; content?: unknown } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // The second test accepts plain objects of another realm, such as a vm context.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
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
