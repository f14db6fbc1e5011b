import { isUtf8 } from "node:buffer";

import { BYTE_ALPHABET, bytesOfToken } from "./byte-alphabet.js";
import { CONTROL_TOKEN, UNUSED_TOKEN, USER_DEFINED_TOKEN, type GgufTokenizer } from "./gguf-tokenizer.js";

/** A token and what it stands for. */
export interface TokenBytes {
  readonly id: number;
  readonly bytes: Buffer;
}

/** The vocabulary of byte-level byte-pair encoding (BPE), as OpenVINO Tokenizers takes one. */
export interface ByteLevelVocabulary {
  /** What each token stands for, by id; nothing for an unused one. */
  readonly texts: readonly Buffer[];
  /** By id: what a text is searched for. Where no text may become the token, something that no text has. */
  readonly entries: readonly Buffer[];
  readonly merges: readonly (readonly [left: Buffer, right: Buffer])[];
  /** Tokens that a text is searched for before it is cut into pieces. */
  readonly added: readonly TokenBytes[];
  /** Tokens that are no part of an answer's text. */
  readonly controlIds: readonly number[];
  /** Words that the merges do not make, but that are one token where they are a whole piece. */
  readonly wholeWords: readonly TokenBytes[];
}

const CHARACTERS = new Map(BYTE_ALPHABET.map(({ character, byte }) => [byte, character]));

/** A byte that no text has in UTF-8. */
export const NO_TEXT = 0xff;

/**
 * The vocabulary of a tokenizer from GGUF, by the rules of Hugging Face's tokenizers: a text begins as single bytes, which
 * only merges join. OpenVINO Tokenizers begins with the longest entry that no merge makes, so such entries are hidden.
 *
 * @param takesWholeWords whether a piece that is in the vocabulary is one token, whatever the merges make of it
 * @throws RangeError for a vocabulary that contradicts itself, saying how
 */
export function byteLevelVocabulary(tokenizer: GgufTokenizer, takesWholeWords: boolean): ByteLevelVocabulary {
  const { tokens, kinds } = tokenizer;
  const isAdded = (id: number): boolean => kinds[id] === CONTROL_TOKEN || kinds[id] === USER_DEFINED_TOKEN;
  const texts = tokens.map((token, id) => {
    if (kinds[id] === UNUSED_TOKEN) return Buffer.alloc(0);
    return (isAdded(id) ? null : bytesOfToken(token)) ?? Buffer.from(token, "utf8");
  });
  const ids = [...texts.keys()];
  const added = ids.flatMap((id) => {
    const bytes = texts[id];
    return isAdded(id) && bytes !== undefined && bytes.length > 0 ? [{ id, bytes }] : [];
  });
  // A text that has an added token is cut there, so an equal entry, or one that it is merged from, is never met.
  const taken = new Set(added.map(({ bytes }) => spelledOf(bytes)));
  const known = new Map<string, number>();
  for (const id of ids) {
    const token = tokens[id] ?? "";
    if (isAdded(id) || kinds[id] === UNUSED_TOKEN || bytesOfToken(token) === null) continue;
    if (token === "" || taken.has(token)) continue;
    const other = known.get(token);
    if (other !== undefined) throw new RangeError(`The tokens ${other} and ${id} are the same.`);
    known.set(token, id);
  }
  const { merges, met } = withoutOrphans(mergesOf(tokenizer.merges, known, taken), known);
  const bytesOf = (id: number): Buffer => texts[id] ?? Buffer.alloc(0);
  const hidden = (id: number): Buffer => Buffer.from([NO_TEXT, NO_TEXT, ...Buffer.from(`${id}`)]);
  const entries = texts.map((bytes, id) => {
    if (isAdded(id)) return bytes.length > 0 ? bytes : hidden(id);
    return met.has(id) ? bytes : hidden(id);
  });
  return {
    texts,
    entries,
    merges: merges.map(({ leftId, rightId }) => [bytesOf(leftId), bytesOf(rightId)]),
    added,
    controlIds: ids.filter((id) => kinds[id] === CONTROL_TOKEN),
    wholeWords: takesWholeWords ? wordsOutOfReach(texts, known, merges) : [],
  };
}

interface Merge {
  readonly leftId: number;
  readonly rightId: number;
  /** The token that it makes. */
  readonly id: number;
}

function mergesOf(
  lines: readonly string[],
  known: ReadonlyMap<string, number>,
  taken: ReadonlySet<string>,
): Merge[] {
  const merges = new Map<string, Merge>();
  for (const [index, line] of lines.entries()) {
    const space = line.indexOf(" ", 1);
    const [left, right] = [line.slice(0, Math.max(space, 0)), line.slice(space + 1)];
    if (left === "" || right === "" || right.includes(" ")) {
      throw new RangeError(`Expected two tokens in merge ${index} but received ${JSON.stringify(line)}.`);
    }
    const whole = left + right;
    if (taken.has(left) || taken.has(right) || taken.has(whole)) continue;
    const [leftId, rightId, id] = [known.get(left), known.get(right), known.get(whole)];
    if (leftId === undefined || rightId === undefined || id === undefined) {
      throw new RangeError(`Merge ${index}, ${JSON.stringify(line)}, has or makes what is not a token.`);
    }
    // Of two for the same pair the later one counts.
    merges.delete(line);
    merges.set(line, { leftId, rightId, id });
  }
  return [...merges.values()];
}

/** Merges whose parts are bytes or made by merges themselves, and the tokens that texts can come to by them. */
function withoutOrphans(
  merges: readonly Merge[],
  known: ReadonlyMap<string, number>,
): { merges: Merge[]; met: ReadonlySet<number> } {
  const met = new Set([...known].flatMap(([token, id]) => (token.length === 1 ? [id] : [])));
  for (let before = -1; met.size > before;) {
    before = met.size;
    for (const { leftId, rightId, id } of merges) if (met.has(leftId) && met.has(rightId)) met.add(id);
  }
  return { merges: merges.filter(({ leftId, rightId }) => met.has(leftId) && met.has(rightId)), met };
}

/** Tokens of the vocabulary that are a whole text each and that merging its bytes does not lead to. */
function wordsOutOfReach(
  texts: readonly Buffer[],
  known: ReadonlyMap<string, number>,
  merges: readonly Merge[],
): TokenBytes[] {
  const ranks = new Map<number, { rank: number; id: number }>();
  const pair = (left: number, right: number): number => left * texts.length + right;
  for (const [rank, { leftId, rightId, id }] of merges.entries())
    ranks.set(pair(leftId, rightId), { rank, id });
  const bytes = BYTE_ALPHABET.toSorted((a, b) => a.byte - b.byte).map(({ character }) =>
    known.get(character),
  );
  const merged = (text: Buffer): number[] => {
    const ids = [...text].flatMap((byte) => bytes[byte] ?? []);
    for (;;) {
      let [rank, at, made] = [Number.POSITIVE_INFINITY, -1, 0];
      for (let i = 0; i + 1 < ids.length; i++) {
        const found = ranks.get(pair(ids[i] ?? 0, ids[i + 1] ?? 0));
        if (found !== undefined && found.rank < rank) [rank, at, made] = [found.rank, i, found.id];
      }
      if (at === -1) return ids;
      ids.splice(at, 2, made);
    }
  };
  return [...known.values()].flatMap((id) => {
    const text = texts[id] ?? Buffer.alloc(0);
    if (text.length < 2 || !isUtf8(text)) return [];
    const ids = merged(text);
    return ids.length === 1 && ids[0] === id ? [] : [{ id, bytes: text }];
  });
}

/** Bytes as a byte-level vocabulary spells them. */
function spelledOf(bytes: Buffer): string {
  return [...bytes].map((byte) => CHARACTERS.get(byte)).join("");
}
