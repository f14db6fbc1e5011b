import { IrWriter, LIST, type Output } from "../ir/ir-writer.js";
import {
  byteLevelVocabulary,
  type ByteLevelVocabulary,
  type TokenBytes,
} from "../gguf/byte-level-vocabulary.js";
import type { GgufTokenizer } from "../gguf/gguf-tokenizer.js";
import type { PreTokenizer } from "../gguf/pre-tokenizers.js";

/** A tokenizer and its detokenizer, to which only what is said of them beside the graph is missing. */
export interface TokenizerIr {
  readonly tokenizer: IrWriter;
  readonly detokenizer: IrWriter;
}

/**
 * What OpenVINO Tokenizers cuts texts into: where each row begins and ends among the pieces, where each piece does in the
 * bytes, the bytes, and which pieces are not cut further.
 */
type Pieces = readonly Output[];

/** Far more tokens than any context has; GenAI asks for a number here and cuts only where a caller wants it. */
const MAX_TOKENS = 2 ** 30;
/** Pieces whose tokens are remembered: what GenAI takes for small vocabularies. */
const CACHED_PIECES = 20_000;
/**
 * Around a word that is taken whole. No character begins with this byte, so it stands in no text before or behind a whole
 * character; PCRE2 takes others for the beginning of more, and with them what follows.
 */
const MARK = Buffer.of(0xbf);
/** PCRE2 takes patterns of 64 KiB when compiled, in which a byte has two. */
const MAX_PATTERN_BYTES = 56 * 1024;

const I32 = { type: "i32", shape: LIST };
const U8 = { type: "u8", shape: LIST };
const SCALAR = { type: "i32", shape: [] };
const TEXTS = [I32, I32, U8];
const PIECES = [I32, I32, ...TEXTS, { type: "boolean", shape: LIST }];
const MATRIX = [-1, -1];

/**
 * The tokenizer of a GGUF file as OpenVINO IR, laid out as OpenVINO Tokenizers exports one of Hugging Face's, so that GenAI
 * finds in it what it sets per call: special tokens, truncation, padding.
 *
 * @throws RangeError for a vocabulary that contradicts itself or is too large, saying how
 */
export function tokenizerIr(tokenizer: GgufTokenizer, pre: PreTokenizer): TokenizerIr {
  const vocabulary = byteLevelVocabulary(tokenizer, pre.takesWholeWords);
  return { tokenizer: encoder(tokenizer, pre, vocabulary), detokenizer: decoder(vocabulary) };
}

function encoder(file: GgufTokenizer, pre: PreTokenizer, vocabulary: ByteLevelVocabulary): IrWriter {
  const ir = new IrWriter("tokenizer");
  const pieces = wholeWords(ir, cut(ir, rows(ir), pre, vocabulary), vocabulary);
  const tokens = ir.add(
    "BPETokenizer",
    "extension",
    {
      unk_token: "",
      fuse_unk: "false",
      suffix_indicator: "",
      end_suffix: "",
      byte_fallback: "false",
      cache_capacity: `${Math.max(CACHED_PIECES, Math.floor(vocabulary.texts.length / 5))}`,
    },
    [
      ...pieces.slice(0, 5),
      ...ir.texts(vocabulary.entries),
      ...ir.texts(vocabulary.merges.map(([left]) => left)),
      ...ir.texts(vocabulary.merges.map(([, right]) => right)),
      ...addedTokens(ir, vocabulary),
    ],
    [I32, I32, I32],
  );
  const ids = withSpecialTokens(ir, tokens, file, pre);
  const span = [...ids.slice(1, 2), ...ids.slice(0, 1)];
  const lengths = only(ir.add("Subtract", "opset1", { auto_broadcast: "numpy" }, span, [I32]));
  const axis = ir.constant("i32", 0);
  const longest = only(ir.add("ReduceMax", "opset1", { keep_dims: "false" }, [lengths, axis], [SCALAR]));
  const matrix = ir.add(
    "RaggedToDense",
    "extension",
    { pad_right: "false", m_pad_max_length: "false" },
    [...ids, longest, ir.constant("i32", 0)],
    [
      { type: "i32", shape: MATRIX },
      { type: "boolean", shape: MATRIX },
    ],
  );
  for (const [index, name] of ["input_ids", "attention_mask"].entries()) {
    ir.result(converted(ir, matrix.slice(index, index + 1), "i64", name));
  }
  return ir;
}

/** The texts that come in, each as a row with one piece. */
function rows(ir: IrWriter): readonly Output[] {
  const kinds = [{ type: "string", shape: LIST }];
  const strings = ir.add("Parameter", "opset1", { shape: "?", element_type: "string" }, [], kinds);
  const texts = ir.add("StringTensorUnpack", "opset15", {}, strings, TEXTS);
  const [zero, one] = [ir.constant("i32", 0), ir.constant("i32", 1)];
  const extent = [{ type: "i32", shape: [1] }];
  const shape = ir.add("ShapeOf", "opset3", { output_type: "i32" }, texts.slice(0, 1), extent);
  const count = only(ir.add("Gather", "opset8", { batch_dims: "0" }, [...shape, zero, zero], [SCALAR]));
  const after = only(ir.add("Add", "opset1", { auto_broadcast: "numpy" }, [count, one], [SCALAR]));
  const range = (from: Output, to: Output): Output[] =>
    ir.add("Range", "opset4", { output_type: "i32" }, [from, to, one], [I32]);
  return [...range(zero, count), ...range(one, after), ...texts];
}

function cut(
  ir: IrWriter,
  texts: readonly Output[],
  { composes, patterns }: PreTokenizer,
  { added }: ByteLevelVocabulary,
): Pieces {
  const literals = alternatives(added);
  let pieces = ir.add("SpecialTokensSplit", "extension", {}, [...texts, ir.constant("u8", literals)], PIECES);
  if (composes) {
    const form = { normalization_form: "NFC" };
    const composed = ir.add("NormalizeUnicode", "extension", form, pieces.slice(2), PIECES.slice(2));
    pieces = [...pieces.slice(0, 2), ...composed];
  }
  const attributes = { behaviour: "isolate", invert: "false", max_splits: "-1" };
  for (const pattern of patterns) {
    const constant = ir.constant("u8", Buffer.from(pattern));
    pieces = ir.add("RegexSplit", "extension", attributes, [...pieces, constant], PIECES);
  }
  return pieces;
}

/** Puts a byte that no text has around each piece that is one token though the merges do not make it: see `addedTokens`. */
function wholeWords(ir: IrWriter, pieces: Pieces, vocabulary: ByteLevelVocabulary): Pieces {
  if (vocabulary.wholeWords.length === 0) return pieces;
  const pattern = Buffer.concat([
    Buffer.from("\\A"),
    alternatives(vocabulary.wholeWords),
    Buffer.from("\\z"),
  ]);
  const inMarks = Buffer.concat([MARK, Buffer.from("$1"), MARK]);
  const constants = [ir.constant("u8", pattern), ir.constant("u8", inMarks)];
  const attributes = { global_replace: "false" };
  const inputs = [...pieces.slice(2), ...constants];
  const marked = ir.add("RegexNormalization", "extension", attributes, inputs, PIECES.slice(2));
  return [...pieces.slice(0, 2), ...marked];
}

/** Entries beside the vocabulary: texts and ids. */
function addedTokens(ir: IrWriter, { added, wholeWords: words }: ByteLevelVocabulary): Output[] {
  const all = [
    ...added,
    ...words.map(({ id, bytes }) => ({ id, bytes: Buffer.concat([MARK, bytes, MARK]) })),
  ];
  return [
    ...ir.texts(all.map(({ bytes }) => bytes)),
    ir.constant(
      "i32",
      all.map(({ id }) => id),
    ),
  ];
}

/** A group of alternatives, the longest first: of two tokens that begin at the same place the longer one is found. */
function alternatives(tokens: readonly TokenBytes[]): Buffer {
  const longestFirst = tokens.map(({ bytes }) => bytes).toSorted((a, b) => b.length - a.length);
  const parts = longestFirst.map((bytes) =>
    bytes.toString("latin1").replaceAll(/[^A-Za-z0-9_\x80-\xff]/g, (sign) => `\\${sign}`),
  );
  const pattern = Buffer.from(`(${parts.join("|")})`, "latin1");
  const compiledBytes = longestFirst.reduce((sum, { length }) => sum + 2 * length + 5, 0);
  if (compiledBytes > MAX_PATTERN_BYTES) {
    throw new RangeError(`The ${tokens.length} added tokens are too many for one pattern.`);
  }
  return pattern;
}

/** The tokens of each row between those that a text begins and ends with. */
function withSpecialTokens(
  ir: IrWriter,
  tokens: readonly Output[],
  { addsBos, addsEos, bosTokenId, eosTokenId }: GgufTokenizer,
  pre: PreTokenizer,
): readonly Output[] {
  const constants = [ir.constant("i32", MAX_TOKENS), text(ir, "left"), text(ir, "longest_first")];
  const row = ir.add(
    "Truncate",
    "extension",
    { m_num_inputs: "1" },
    [...tokens, ...constants],
    [I32, I32, I32],
  );
  const special = (adds: boolean, id: number | null): Output[][] =>
    adds && id !== null ? [[ir.constant("i32", 0), ir.constant("i32", 1), ir.constant("i32", [id])]] : [];
  const segments = [
    ...special(addsBos ?? pre.addsBos, bosTokenId),
    row,
    ...special(addsEos ?? false, eosTokenId),
  ];
  const kinds = ir.constant(
    "i32",
    segments.map(() => 0),
  );
  const all = ir.add(
    "CombineSegments",
    "extension",
    {},
    [...segments.flat(), kinds],
    [I32, I32, I32, I32, I32, I32],
  );
  return all.slice(0, 3);
}

function decoder({ texts, controlIds }: ByteLevelVocabulary): IrWriter {
  const ir = new IrWriter("detokenizer");
  const matrix = { type: "i64", shape: MATRIX };
  const ids = ir.add("Parameter", "opset1", { shape: "?,?", element_type: "i64" }, [], [matrix]);
  const vocabulary = ir.texts(texts);
  const skipped = ir.constant("i32", controlIds.length > 0 ? controlIds : [-1]);
  const inputs = [converted(ir, ids, "i32"), ...vocabulary, skipped];
  const pieces = ir.add("VocabDecoder", "extension", { skip_tokens: "" }, inputs, [I32, I32, ...TEXTS]);
  const joined = ir.add("FuzeRagged", "extension", {}, pieces.slice(0, 4), [I32, I32]);
  // Bytes that are no UTF-8 are left out, as in what GenAI makes of GGUF.
  const bytes = [...joined, ...pieces.slice(4)];
  const valid = ir.add("UTF8Validate", "extension", { replace_mode: "false" }, bytes, TEXTS);
  const kind = { type: "string", shape: LIST, name: "string_output" };
  ir.result(only(ir.add("StringTensorPack", "opset15", {}, valid, [kind])));
  return ir;
}

function converted(ir: IrWriter, input: readonly Output[], type: string, name?: string): Output {
  const kind = { type, shape: MATRIX, ...(name === undefined ? {} : { name }) };
  return only(ir.add("Convert", "opset1", { destination_type: type }, input, [kind]));
}

function text(ir: IrWriter, value: string): Output {
  return ir.constant("u8", Buffer.from(value));
}

function only([output]: readonly Output[]): Output {
  if (output === undefined) throw new Error("Expected an operation with an output but it has none.");
  return output;
}
