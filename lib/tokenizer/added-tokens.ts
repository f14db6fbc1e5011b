/** What is known of a loaded tokenizer. */
import { AS_IT_IS, composer, type Compose } from "../prompt/composing.js";
import type { AddedTokens } from "../prompt/content-escapes.js";
import { readAddedTokens, readsComposed } from "../models/ir/added-tokens.js";
import { nativeFailure } from "../native/native-errors.js";
import type { NativeTokenizerFacts, NativeTokenizerHandle } from "../native/native-tokenizer.js";

/** A token that stands for no text of its own. */
export interface SpecialToken {
  /** Its id in the vocabulary. */
  readonly id: number;
  /** How it is written, such as `<|im_end|>`. */
  readonly text: string;
}

/** What a tokenizer has to do with texts. */
export interface TextFacts {
  readonly added: AddedTokens;
  /** What is done to a text before the addon gets it. */
  readonly compose: Compose;
}

/** A native tokenizer, and what is known of it. */
export interface OpenTokenizer extends TextFacts {
  readonly native: NativeTokenizerHandle;
  readonly facts: NativeTokenizerFacts;
}

/**
 * Makes a native tokenizer and asks what it knows.
 *
 * @throws OpenVinoLlmError ERR_MODEL_LOAD, or what opening the runtime gives; the tokenizer is closed then
 */
export async function openTokenizerHandle(
  make: () => NativeTokenizerHandle,
  dir: string,
): Promise<OpenTokenizer> {
  let native: NativeTokenizerHandle | undefined;
  try {
    native = make();
    const reading = [native.facts(), readAddedTokens(dir), readsComposed(dir)] as const;
    const [facts, spelled, isComposed] = await Promise.all(reading);
    const own = [facts.bos, facts.eos, facts.pad].flatMap((token) => token?.text ?? []);
    const added = await classifyAddedTokens(native, [...spelled, ...own]);
    // OpenVINO Tokenizers composes by a table, which leaves marks in any other order than Unicode's as they stand.
    const compose = isComposed ? composer([...added.special, ...added.plain]) : AS_IT_IS;
    return { native, facts, added, compose };
  } catch (error) {
    await native?.close();
    throw nativeFailure("ERR_MODEL_LOAD", "The tokenizer could not be loaded", error);
  }
}

/**
 * Separates special tokens from others: decoding leaves them out. Texts that are no token of their own are neither.
 *
 * @param texts as they are spelled
 */
async function classifyAddedTokens(
  native: NativeTokenizerHandle,
  texts: readonly string[],
): Promise<AddedTokens> {
  const spelled = [...new Set(texts)].filter((text) => text !== "");
  if (spelled.length === 0) return { special: [], plain: [] };
  const { ids, lengths } = await native.encode(spelled, null, false, 0);
  let end = 0;
  // The last one: some tokenizers write a space before what they take for the beginning of a text.
  const last = Int32Array.from(lengths, (length) => (length === 0 ? -1 : (ids[(end += length) - 1] ?? -1)));
  const one = new Int32Array(last.length).fill(1);
  const [whole, without] = await Promise.all([
    native.decode(last, one, false),
    native.decode(last, one, true),
  ]);
  const isToken = (text: string, i: number): boolean => last[i] !== -1 && whole[i] === text;
  return {
    special: spelled.filter((text, i) => isToken(text, i) && without[i] === ""),
    plain: spelled.filter((text, i) => isToken(text, i) && without[i] !== ""),
  };
}
