/** Texts on their way to a tokenizer, and rows of ids on their way back. */
import { invalidArgType } from "../errors/errors.js";
import { isArrayLike } from "../prompt/input.js";
import type { NativeRows } from "../native/native-tokenizer.js";
import { checkTokenId, checkWellFormed } from "../options/option-checks.js";

/** Rows of token ids, all of one length. */
export interface EncodedBatch {
  /** One row for each text, filled up with the padding token. */
  readonly tokenIds: readonly Int32Array[];
  /** 1 where a row has a token, 0 where it is filled up. */
  readonly attentionMask: readonly Int32Array[];
  /** 0 for the first text of a pair, 1 for the second. Only of pairs, and of tokenizers that give it. */
  readonly tokenTypeIds?: readonly Int32Array[];
}

/** Two texts that are encoded into one row. */
export type TextPair = readonly [first: string, second: string];

/** How rows are filled up. */
export interface Padding {
  /** Tokens that a row has at least, beside the longest row. */
  readonly padTo: number;
  readonly padId: number;
  readonly side: "left" | "right";
}

/** @throws TypeError for what is neither texts nor pairs of texts, and for pairs where none are taken */
export function textsOf(
  input: unknown,
  takesPairs: boolean,
): { firsts: readonly string[]; seconds: readonly string[] | null } {
  if (!Array.isArray(input)) {
    throw invalidArgType("texts", "a string, an array of strings or an array of pairs of strings", input);
  }
  const items: readonly unknown[] = input;
  if (!Array.isArray(items[0])) {
    return { firsts: Array.from(items, (item, i) => textAt(item, `texts[${i}]`)), seconds: null };
  }
  const pairs = Array.from(items, pairAt);
  if (!takesPairs) {
    throw invalidArgType("texts", "single texts", input, "Pairs need a tokenizer loaded with pairs: true.");
  }
  return { firsts: pairs.map(([first]) => first), seconds: pairs.map(([, second]) => second) };
}

/** Rows of one length, with their mask. */
export function batchOf({ ids, lengths, typeIds }: NativeRows, padding: Padding): EncodedBatch {
  const length = lengths.reduce((longest, row) => Math.max(longest, row), padding.padTo);
  const rows = (flat: Int32Array, pad: number): Int32Array[] => {
    let end = 0;
    return Array.from(lengths, (count) => {
      const begin = end;
      end += count;
      return padded(flat.subarray(begin, end), length, pad, padding.side);
    });
  };
  return {
    tokenIds: rows(ids, padding.padId),
    attentionMask: rows(new Int32Array(ids.length).fill(1), 0),
    ...(typeIds === undefined ? undefined : { tokenTypeIds: rows(typeIds, 0) }),
  };
}

/** A copy of the ids, filled up to a length. */
export function padded(ids: Int32Array, length: number, pad: number, side: "left" | "right"): Int32Array {
  if (ids.length >= length) return ids.slice();
  const row = new Int32Array(length).fill(pad);
  row.set(ids, side === "left" ? length - ids.length : 0);
  return row;
}

function textAt(item: unknown, name: string): string {
  if (typeof item !== "string") throw invalidArgType(name, "a string", item);
  checkWellFormed(name, item);
  return item;
}

function pairAt(item: unknown, index: number): [string, string] {
  const name = `texts[${index}]`;
  if (!Array.isArray(item) || item.length !== 2) throw invalidArgType(name, "a pair of strings", item);
  return [textAt(item[0], `${name}[0]`), textAt(item[1], `${name}[1]`)];
}

/** Rows of ids as the addon takes them, checked: one after the other, with the length of each. `isBatch` is false for a row. */
export function idRows(
  input: unknown,
  idsBelow: number | null,
): { isBatch: boolean; flat: Int32Array; lengths: Int32Array } {
  if (!isArrayLike(input))
    throw invalidArgType("tokenIds", "an array of token ids or an array of rows of them", input);
  const isBatch = typeof input[0] === "object";
  const rows: readonly unknown[] = isBatch ? Array.from<unknown>(input) : [input];
  const ids = rows.map((row, i) => checkIdRow(isBatch ? `rows[${i}]` : "tokenIds", row, idsBelow));
  return {
    isBatch,
    flat: Int32Array.from(ids.flat()),
    lengths: Int32Array.from(ids, ({ length }) => length),
  };
}

function checkIdRow(name: string, row: unknown, idsBelow: number | null): number[] {
  if (!isArrayLike(row)) throw invalidArgType(name, "an array of token ids", row);
  return Array.from({ length: row.length }, (_, i) => checkTokenId(`${name}[${i}]`, row[i], idsBelow));
}
