import { HeaderReader } from "../files/header-reader.js";
import { GgufValueType } from "./gguf-format.js";
import { SCALAR_BYTES, integerOf, textOf, type GgufMetadata } from "./gguf-metadata.js";
import { readGgufHeader } from "./gguf.js";

/** The tokenizer in a GGUF file: byte-level BPE. */
export interface GgufTokenizer {
  /** By id. */
  readonly tokens: readonly string[];
  /** GGUF's numbers for kinds of tokens, by id. */
  readonly kinds: readonly number[];
  /** Pairs that become one piece, the most important first: `a b`. */
  readonly merges: readonly string[];
  /** How text is cut before pieces are merged, by llama.cpp's name for it. */
  readonly pre: string | null;
  readonly chatTemplate: string | null;
  readonly bosTokenId: number | null;
  readonly eosTokenId: number | null;
  readonly padTokenId: number | null;
  /** Whether a text begins with the beginning-of-sequence token; null where the file does not say. */
  readonly addsBos: boolean | null;
  /** Whether a text ends with the end-of-sequence token; null where the file does not say. */
  readonly addsEos: boolean | null;
}

/** GGUF's number for a special token: a text is searched for it first, and it is not part of an answer's text. */
export const CONTROL_TOKEN = 3;
/** The same for a token that was added to the vocabulary, which is part of an answer's text. */
export const USER_DEFINED_TOKEN = 4;
/** A row of the embedding that no text has. */
export const UNUSED_TOKEN = 5;

const MAX_HEADER_BYTES = 128 * 1024 * 1024;
const MAX_STRING_BYTES = 65_535;

/**
 * Reads the tokenizer of a GGUF file that can be trusted: `readGgufHeader` judges the file and counts the arrays, this
 * reads them.
 *
 * @throws OpenVinoLlmError as `readGgufHeader` does.
 */
export async function readGgufTokenizer(path: string): Promise<GgufTokenizer> {
  const { metadata, bosTokenId, eosTokenId } = await readGgufHeader(path);
  const arrays = new Map<string, (string | number)[]>();
  const reader = await HeaderReader.open(path, MAX_HEADER_BYTES);
  try {
    // Magic, version, and the two counts.
    reader.skip(24, "the beginning");
    for (let i = 0; i < metadata.size; i++) {
      const key = await reader.string(`metadata key ${i}`, MAX_STRING_BYTES);
      await readEntry(reader, key, arrays);
    }
  } finally {
    await reader.close();
  }
  const strings = (key: string) => (arrays.get(key) ?? []).map(String);
  return {
    tokens: strings("tokenizer.ggml.tokens"),
    kinds: (arrays.get("tokenizer.ggml.token_type") ?? []).map(Number),
    merges: strings("tokenizer.ggml.merges"),
    pre: textOf(metadata, "tokenizer.ggml.pre"),
    chatTemplate: textOf(metadata, "tokenizer.chat_template"),
    bosTokenId,
    eosTokenId,
    padTokenId: integerOf(metadata, "tokenizer.ggml.padding_token_id"),
    addsBos: booleanOf(metadata, "tokenizer.ggml.add_bos_token"),
    addsEos: booleanOf(metadata, "tokenizer.ggml.add_eos_token"),
  };
}

async function readEntry(
  reader: HeaderReader,
  key: string,
  arrays: Map<string, (string | number)[]>,
): Promise<void> {
  const type = await reader.uint32(key);
  if (type === GgufValueType.string) return reader.skipStrings(1, key);
  if (type !== GgufValueType.array) return reader.skip(SCALAR_BYTES.get(type) ?? 0, key);
  const elementType = await reader.uint32(key);
  const length = await reader.uint64(key);
  if (elementType === GgufValueType.string) {
    const values: string[] = [];
    for (let i = 0; i < length; i++) values.push(await reader.string(key, MAX_STRING_BYTES));
    arrays.set(key, values);
  } else if (elementType === GgufValueType.int32) {
    const bytes = await reader.bytes(length * 4, key);
    arrays.set(
      key,
      Array.from({ length }, (_, i) => bytes.readInt32LE(i * 4)),
    );
  } else {
    reader.skip(length * (SCALAR_BYTES.get(elementType) ?? 0), key);
  }
}

function booleanOf(metadata: GgufMetadata, key: string): boolean | null {
  const value = metadata.get(key)?.value;
  return typeof value === "boolean" ? value : null;
}
