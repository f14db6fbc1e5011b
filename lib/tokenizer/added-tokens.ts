/** What is known of a loaded tokenizer. */
import type { AddedTokens } from "../prompt/content-marks.js";
import { readAddedTokens } from "../models/ir/added-tokens.js";
import { nativeFailure } from "../native/native-errors.js";
import type { NativeTokenizerFacts, NativeTokenizerHandle } from "../native/native-tokenizer.js";

/** A token that stands for no text of its own. */
export interface SpecialToken {
  /** Its id in the vocabulary. */
  readonly id: number;
  /** How it is written, such as `<|im_end|>`. */
  readonly text: string;
}

/**
 * Makes a native tokenizer and asks what it knows.
 *
 * @throws OpenVinoLlmError ERR_MODEL_LOAD, or what opening the runtime gives; the tokenizer is closed then
 */
export async function openTokenizerHandle(
  make: () => NativeTokenizerHandle,
  dir: string,
): Promise<{ native: NativeTokenizerHandle; facts: NativeTokenizerFacts; added: AddedTokens }> {
  let native: NativeTokenizerHandle | undefined;
  try {
    native = make();
    const [facts, spelled] = await Promise.all([native.facts(), readAddedTokens(dir)]);
    const own = [facts.bos, facts.eos, facts.pad].flatMap((token) => token?.text ?? []);
    return { native, facts, added: await classifyAddedTokens(native, [...spelled, ...own]) };
  } catch (error) {
    await native?.close();
    throw nativeFailure("ERR_MODEL_LOAD", "The tokenizer could not be loaded", error);
  }
}

/**
 * Tells special tokens from others: decoding leaves them out. Texts that are no token of their own are neither.
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
