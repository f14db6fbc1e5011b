/**
 * The chain model: a language model of 0.6 megabytes whose every answer is known beforehand.
 *
 * It is a llama with one layer whose weights are all zero, so a layer adds nothing to its input. The hidden size
 * equals the vocabulary and the embedding is the identity, so the last hidden state names the last token; the output
 * matrix holds a single 1 per token, in the row of its successor. Greedy decoding therefore walks from byte to byte,
 * exactly, on every instruction set and in f32, f16 and bf16 alike: no logit is a sum of more than one number.
 */
import { invalidArgType, outOfRange } from "../../errors/errors.js";
import { BYTE_ALPHABET } from "./byte-alphabet.js";
import { writeGguf, type GgufContent, type GgufWriteTensor } from "./gguf-writer.js";

/** The answer of the default chain model: letters, digits, and characters of one to four bytes. */
export const CHAIN_TEXT = "Zürich: ✓🙂7,5";

/** The context length of the default chain model, in tokens. */
export const CHAIN_CONTEXT_LENGTH = 2048;

/** Tokens in a chain model's vocabulary: 256 bytes, 28 merged pieces of English, 4 special tokens. */
export const CHAIN_VOCAB_SIZE = 288;

/** What a chain model says and how long its context is. */
export interface ChainModelOptions {
  /** The answer to every chat prompt: not empty, and no byte of its UTF-8 form occurs twice. Default {@link CHAIN_TEXT}. */
  readonly text?: string;
  /** `true`: the text starts over after its last byte, and the end-of-sequence token never comes. Default `false`. */
  readonly loop?: boolean;
  /**
   * In place of `text`: tokens of their own that make the answer, each once; those in angle or square brackets are special
   * tokens. No prompt has them by chance. Default none.
   */
  readonly pieces?: readonly string[];
  /** The context length that the file declares, in tokens: 1 to 2^31 - 1. Default {@link CHAIN_CONTEXT_LENGTH}. */
  readonly contextLength?: number;
}

/**
 * Writes a chain model as a GGUF file that GenAI loads.
 *
 * Every chat prompt is answered with the text and then the end-of-sequence token `<|im_end|>`. A raw prompt that ends
 * in a byte of the text continues after that byte; any other raw prompt gets the whole text. Each answered token is one
 * byte, while a prompt may hold pieces of several bytes (`the`, `ing`). The same options give the same file.
 *
 * @throws TypeError or RangeError for options that make no chain.
 */
export async function writeChainModel(path: string, options: ChainModelOptions = {}): Promise<void> {
  await writeGguf(path, chainModelContent(options));
}

/** Special tokens. The template ends in `<|im_sep|>`, a token that no text contains by chance. */
const SPECIAL_TOKENS = ["<|endoftext|>", "<|im_start|>", "<|im_sep|>", "<|im_end|>"] as const;
type SpecialToken = (typeof SPECIAL_TOKENS)[number];
const END_OF_SEQUENCE: SpecialToken = "<|im_end|>";

const CHAT_TEMPLATE =
  "{% for message in messages %}" +
  "<|im_start|>{{ message['role'] }}<|im_sep|>{{ message['content'] }}<|im_end|>" +
  "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant<|im_sep|>{% endif %}";

/** Pieces that become one token in a prompt, in merge order; `Ġ` stands for a space, as in every byte-level vocabulary. */
const MERGES =
  "t h,th e,h e,i n,e r,a n,o n,r e,a t,e n,i s,o r,e s,o u,a s,i t,Ġ t,Ġ a,Ġ s,Ġ w,Ġ c,Ġ o,Ġ the,in g,Ġa n,n d,Ġ i,Ġo f".split(
    ",",
  );

const HEAD_SIZE = 32;
/**
 * On a CPU with AMX, OpenVINO computes this part as one kernel, which gives each of two threads half of these rows in
 * whole register blocks, and ends the process by SIGSEGV where one of them gets none. A block has 32 rows of 16-bit
 * weights, 64 of 8-bit ones.
 */
const FEED_FORWARD_SIZE = 128;
const FLOAT16_ONE = 0x3c00;
/** `general.file_type` "mostly F16". GenAI fails without the key, and expects no quantisation scales for this value. */
const FILE_TYPE_F16 = 1;
const TOKEN_TYPE_NORMAL = 1;
const TOKEN_TYPE_CONTROL = 3;

/** What {@link writeChainModel} writes. */
export function chainModelContent(options: ChainModelOptions = {}): GgufContent {
  const { text, pieces, loop, contextLength } = checked(options);
  const vocabulary = [...chainVocabulary(), ...pieces.map((piece) => pieceToken(piece))];
  const size = vocabulary.length;
  const idOf = (special: SpecialToken): number => vocabulary.findIndex(({ piece }) => piece === special);
  const ids = vocabulary.map((_, id) => id);
  return {
    metadata: {
      "general.architecture": { type: "string", value: "llama" },
      "general.name": { type: "string", value: "chain" },
      "general.file_type": { type: "uint32", value: FILE_TYPE_F16 },
      "llama.block_count": { type: "uint32", value: 1 },
      "llama.context_length": { type: "uint32", value: contextLength },
      "llama.embedding_length": { type: "uint32", value: size },
      "llama.feed_forward_length": { type: "uint32", value: FEED_FORWARD_SIZE },
      "llama.attention.head_count": { type: "uint32", value: 1 },
      "llama.attention.head_count_kv": { type: "uint32", value: 1 },
      "llama.attention.key_length": { type: "uint32", value: HEAD_SIZE },
      "llama.attention.value_length": { type: "uint32", value: HEAD_SIZE },
      "llama.attention.layer_norm_rms_epsilon": { type: "float32", value: 1e-6 },
      "llama.rope.dimension_count": { type: "uint32", value: HEAD_SIZE },
      "llama.vocab_size": { type: "uint32", value: size },
      "tokenizer.ggml.model": { type: "string", value: "gpt2" },
      "tokenizer.ggml.pre": { type: "string", value: "smollm" },
      "tokenizer.ggml.tokens": { type: "strings", value: vocabulary.map(({ piece }) => piece) },
      "tokenizer.ggml.token_type": {
        type: "int32s",
        value: vocabulary.map(({ lastByte }) => (lastByte === null ? TOKEN_TYPE_CONTROL : TOKEN_TYPE_NORMAL)),
      },
      "tokenizer.ggml.merges": { type: "strings", value: MERGES },
      "tokenizer.ggml.bos_token_id": { type: "uint32", value: idOf("<|endoftext|>") },
      "tokenizer.ggml.eos_token_id": { type: "uint32", value: idOf(END_OF_SEQUENCE) },
      "tokenizer.ggml.padding_token_id": { type: "uint32", value: idOf("<|endoftext|>") },
      "tokenizer.chat_template": { type: "string", value: CHAT_TEMPLATE },
    },
    tensors: [
      matrix(
        "token_embd.weight",
        size,
        size,
        ids.map((id) => ({ row: id, column: id })),
      ),
      vectorOfOnes("blk.0.attn_norm.weight", size),
      matrix("blk.0.attn_q.weight", HEAD_SIZE, size),
      matrix("blk.0.attn_k.weight", HEAD_SIZE, size),
      matrix("blk.0.attn_v.weight", HEAD_SIZE, size),
      matrix("blk.0.attn_output.weight", size, HEAD_SIZE),
      vectorOfOnes("blk.0.ffn_norm.weight", size),
      matrix("blk.0.ffn_gate.weight", FEED_FORWARD_SIZE, size),
      matrix("blk.0.ffn_up.weight", FEED_FORWARD_SIZE, size),
      matrix("blk.0.ffn_down.weight", size, FEED_FORWARD_SIZE),
      vectorOfOnes("output_norm.weight", size),
      matrix(
        "output.weight",
        size,
        size,
        successorIds(
          vocabulary,
          pieces.length === 0 ? bytesOf(vocabulary, text) : lastIds(vocabulary, pieces.length),
          loop,
        ).map((successor, id) => ({ row: successor, column: id })),
      ),
    ],
  };
}

interface Token {
  /** The token as the GGUF vocabulary spells it. */
  readonly piece: string;
  /** The last byte of what the token stands for; null for a special token. */
  readonly lastByte: number | null;
}

/** Byte tokens have ids 0 to 255 in the customary order of byte-level vocabularies, so id 0 is `!` and not a NUL. */
function chainVocabulary(): Token[] {
  const bytes = BYTE_ALPHABET.map(({ character, byte }) => ({ piece: character, lastByte: byte }));
  const byteOf = new Map(bytes.map(({ piece, lastByte }) => [piece, lastByte]));
  const merged = MERGES.map((merge) => {
    const piece = merge.replace(" ", "");
    return { piece, lastByte: byteOf.get(piece.slice(-1)) ?? null };
  });
  return [...bytes, ...merged, ...SPECIAL_TOKENS.map((piece) => ({ piece, lastByte: null }))];
}

/** A piece as the vocabulary spells it. */
function pieceToken(piece: string): Token {
  const spelled = new Map(BYTE_ALPHABET.map(({ character, byte }) => [byte, character]));
  if (isSpecial(piece)) return { piece, lastByte: null };
  const bytes = [...Buffer.from(piece, "utf8")];
  return { piece: bytes.map((byte) => spelled.get(byte)).join(""), lastByte: bytes.at(-1) ?? null };
}

function isSpecial(piece: string): boolean {
  return /^<.+>$|^\[.+\]$/s.test(piece);
}

/** The tokens of the answer, byte for byte. */
function bytesOf(vocabulary: readonly Token[], text: Buffer): number[] {
  return [...text].map((byte) =>
    vocabulary.findIndex(({ piece, lastByte }) => piece.length === 1 && lastByte === byte),
  );
}

function lastIds(vocabulary: readonly Token[], count: number): number[] {
  return Array.from({ length: count }, (_, index) => vocabulary.length - count + index);
}

/** For every token the id of the token that follows it: in the answer the next one, elsewhere the one after its last byte. */
function successorIds(vocabulary: readonly Token[], answer: readonly number[], loop: boolean): number[] {
  const [first = 0] = answer;
  const afterLast = loop ? first : vocabulary.findIndex(({ piece }) => piece === END_OF_SEQUENCE);
  return vocabulary.map(({ lastByte }, id) => {
    const own = answer.indexOf(id);
    const position = own === -1 ? answer.findIndex((other) => isByte(vocabulary[other], lastByte)) : own;
    if (position === -1) return first;
    return position === answer.length - 1 ? afterLast : (answer[position + 1] ?? first);
  });
}

function isByte(token: Token | undefined, byte: number | null): boolean {
  return byte !== null && token?.piece.length === 1 && token.lastByte === byte;
}

/** A matrix of `rows` output features over `columns` input features, all zero but the given cells. */
function matrix(
  name: string,
  rows: number,
  columns: number,
  ones: readonly { row: number; column: number }[] = [],
): GgufWriteTensor {
  const data = Buffer.alloc(rows * columns * 2);
  for (const { row, column } of ones) data.writeUInt16LE(FLOAT16_ONE, (row * columns + column) * 2);
  return { name, shape: [columns, rows], type: "F16", data };
}

/** The weights of a normalisation, which GGUF keeps in 32 bits. */
function vectorOfOnes(name: string, size: number): GgufWriteTensor {
  const data = Buffer.alloc(size * 4);
  for (let i = 0; i < size; i++) data.writeFloatLE(1, i * 4);
  return { name, shape: [size], type: "F32", data };
}

function checked({
  text = CHAIN_TEXT,
  pieces = [],
  loop = false,
  contextLength = CHAIN_CONTEXT_LENGTH,
}: ChainModelOptions): {
  text: Buffer;
  pieces: readonly string[];
  loop: boolean;
  contextLength: number;
} {
  if (typeof text !== "string") throw invalidArgType("text", "a string", text);
  if (typeof loop !== "boolean") throw invalidArgType("loop", "a boolean", loop);
  if (typeof contextLength !== "number") throw invalidArgType("contextLength", "a number", contextLength);
  if (!Number.isInteger(contextLength) || contextLength < 1 || contextLength > 2 ** 31 - 1) {
    throw outOfRange("contextLength", "an integer from 1 to 2147483647", contextLength);
  }
  const bytes = Buffer.from(text, "utf8");
  if (bytes.length === 0 || new Set(bytes).size !== bytes.length || bytes.toString("utf8") !== text) {
    throw outOfRange(
      "text",
      "well-formed text of at least one byte in which no UTF-8 byte occurs twice",
      text,
    );
  }
  if (new Set(pieces).size !== pieces.length || pieces.some((piece) => piece.length < 2)) {
    throw outOfRange("pieces", "different pieces of two characters or more", pieces);
  }
  return { text: bytes, pieces, loop, contextLength };
}
