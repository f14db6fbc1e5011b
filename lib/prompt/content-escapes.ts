/** Escapes special tokens that the content of a chat spells, so that they are plain text in the prompt. */
import { randomBytes } from "node:crypto";
import { isPlainObject } from "../options/json.js";
import { invalidArgType } from "../errors/errors.js";

/** How special tokens that the content of a chat spells are encoded: as plain text, or as the tokens. */
export type SpecialTokensInContent = "text" | "parse";

/** What a tokenizer finds in a text as whole tokens, as it is spelled. */
export interface AddedTokens {
  /** Those that decoding leaves out, such as `<|im_end|>`. */
  readonly special: readonly string[];
  /** Others, such as `<think>`, or the HTML and the runs of spaces that some vocabularies have. */
  readonly plain: readonly string[];
}

type Message = Record<string, unknown>;
/** The places behind the first character of each text that was found. */
type Find = (text: string) => number[];

/** Fields of an assistant's message that the model generated. */
const GENERATED: readonly string[] = ["content", "reasoning_content"];

/** @throws TypeError */
export function checkSpecialTokensInContent(
  name: string,
  value: unknown,
): asserts value is SpecialTokensInContent | undefined {
  if (value === undefined || value === "text" || value === "parse") return;
  throw invalidArgType(name, '"text" or "parse"', value);
}

/**
 * Escapes for one tokenizer and one chat template: the special tokens, and of the other added tokens those that the
 * template itself writes.
 */
export class ContentEscaper {
  readonly #special: Find;
  readonly #all: Find;

  constructor({ special, plain }: AddedTokens, template: string) {
    const inTemplate = plain.filter((text) => template.includes(text) && /[^\p{L}\p{N}\s]/u.test(text));
    this.#special = finderOf(special);
    this.#all = finderOf([...special, ...inTemplate]);
  }

  /** For the parts of one prompt. */
  begin(handling: SpecialTokensInContent = "text"): ContentEscapes {
    return handling === "parse" ? NO_ESCAPES : new ContentEscapes(this.#special, this.#all);
  }
}

/** The escapes of one prompt. */
export class ContentEscapes {
  readonly #special: Find;
  readonly #all: Find;
  #sentinel: string | undefined;

  /** @internal */
  constructor(special: Find, all: Find) {
    this.#special = special;
    this.#all = all;
  }

  /** The random text that was put into each one that was found; undefined where there was none. */
  get sentinel(): string | undefined {
    return this.#sentinel;
  }

  /** Messages in which everything but the role is content. What an assistant thought and called is read by the template. */
  messages(messages: readonly Message[]): Message[] {
    return messages.map((message) => {
      const own = message["role"] === "assistant";
      const escaped = Object.entries(message).map(([name, value]) => {
        if (name === "role") return [name, value];
        return [name, this.#escaped(value, own && GENERATED.includes(name) ? this.#special : this.#all)];
      });
      return Object.fromEntries(escaped) as Message;
    });
  }

  /** Whatever JSON can hold, with its texts and the names of its fields escaped. */
  value<Value>(value: Value): Value {
    return this.#escaped(value, this.#all) as Value;
  }

  #escaped(value: unknown, find: Find): unknown {
    if (typeof value === "string") return this.#escapedText(value, find);
    if (Array.isArray(value)) return value.map((item) => this.#escaped(item, find));
    if (!isPlainObject(value)) return value;
    const entries = Object.entries(value).map(([name, field]) => [
      this.#escapedText(name, find),
      this.#escaped(field, find),
    ]);
    return Object.fromEntries(entries) as unknown;
  }

  #escapedText(text: string, find: Find): string {
    const places = find(text);
    if (places.length === 0) return text;
    this.#sentinel ??= newSentinel();
    const ends = [...places, text.length];
    return [0, ...places].map((from, i) => text.slice(from, ends[i])).join(this.#sentinel);
  }
}

/** Of a prompt whose content may be parsed. */
export const NO_ESCAPES = new ContentEscapes(
  () => [],
  () => [],
);

/**
 * Digits, because they come through whatever a template does to text (trimming, JSON, upper case); random, so that no
 * content has them.
 */
function newSentinel(): string {
  return BigInt(`0x${randomBytes(16).toString("hex")}`)
    .toString()
    .padStart(39, "0");
}

function finderOf(texts: readonly string[]): Find {
  // Nothing can be put within a single character, and spaces forge nothing.
  const sought = new Set(texts.filter((text) => [...text].length > 1 && text.trim() !== ""));
  const lengths = new Map<string, Set<number>>();
  for (const text of sought) {
    const first = text.charAt(0);
    lengths.set(first, (lengths.get(first) ?? new Set()).add(text.length));
  }
  if (sought.size === 0) return () => [];
  const units = [...lengths.keys()].map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  const firsts = new RegExp(`[${units.join("")}]`, "g");
  return (text) => {
    const places: number[] = [];
    for (const { 0: first, index } of text.matchAll(firsts)) {
      const isThere = [...(lengths.get(first) ?? [])].some((n) => sought.has(text.slice(index, index + n)));
      if (isThere) places.push(index + String.fromCodePoint(text.codePointAt(index) ?? 0).length);
    }
    return places;
  };
}
