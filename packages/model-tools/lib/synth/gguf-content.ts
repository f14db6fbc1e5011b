/** What a GGUF file of a published model's sizes holds, but for the numbers in its weights. Pure. */
import { describe, type GgufTokenizer, type GgufWriteValue } from "openvino-llm/internal";
import type { Geometry } from "./geometries.js";

/** How a GGUF file stores its matrices: blocks of 32 weights with a scale of their own. */
export type GgufWeightFormat = "q4_0" | "q8_0";

/** A tensor of the file. */
export interface GgufTensorSpec {
  readonly name: string;
  /** The innermost dimension first. */
  readonly shape: readonly number[];
  readonly type: "F32" | "Q4_0" | "Q8_0";
}

type Metadata = Readonly<Record<string, GgufWriteValue>>;

/** Of llama.cpp: no text turns into such a token, and none comes out of it. */
const UNUSED_TOKEN = 5;
/** `general.file_type`: what most of the tensors are. */
const FILE_TYPES: Readonly<Record<GgufWeightFormat, number>> = { q4_0: 2, q8_0: 7 };

/** The tensors of a llama with that many layers. The table of embeddings is in the same blocks as the rest. */
export function ggufTensors({ sizes }: Geometry, layers: number, format: GgufWeightFormat): GgufTensorSpec[] {
  const { hiddenSize, intermediateSize, heads, kvHeads, headSize, vocabSize, isTied } = sizes;
  const type = format === "q4_0" ? "Q4_0" : "Q8_0";
  const matrix = (name: string, rows: number, columns: number): GgufTensorSpec => ({
    name: `${name}.weight`,
    shape: [columns, rows],
    type,
  });
  const norm = (name: string): GgufTensorSpec => ({
    name: `${name}.weight`,
    shape: [hiddenSize],
    type: "F32",
  });
  const layer = (index: number) => [
    norm(`blk.${index}.attn_norm`),
    matrix(`blk.${index}.attn_q`, heads * headSize, hiddenSize),
    matrix(`blk.${index}.attn_k`, kvHeads * headSize, hiddenSize),
    matrix(`blk.${index}.attn_v`, kvHeads * headSize, hiddenSize),
    matrix(`blk.${index}.attn_output`, hiddenSize, heads * headSize),
    norm(`blk.${index}.ffn_norm`),
    matrix(`blk.${index}.ffn_gate`, intermediateSize, hiddenSize),
    matrix(`blk.${index}.ffn_up`, intermediateSize, hiddenSize),
    matrix(`blk.${index}.ffn_down`, hiddenSize, intermediateSize),
  ];
  return [
    matrix("token_embd", vocabSize, hiddenSize),
    ...Array.from({ length: layers }, (_, index) => layer(index)).flat(),
    norm("output_norm"),
    ...(isTied ? [] : [matrix("output", vocabSize, hiddenSize)]),
  ];
}

/** Geometry and tokenizer as llama.cpp and GenAI read them. The vocabulary is filled up to the size of the real one. */
export function ggufMetadata(
  { hubId, sizes, config }: Geometry,
  layers: number,
  format: GgufWeightFormat,
  tokenizer: GgufTokenizer,
): Metadata {
  const filling = Array.from({ length: sizes.vocabSize - tokenizer.tokens.length }, (_, i) => i);
  const tokens = [...tokenizer.tokens, ...filling.map((i) => `[PAD${tokenizer.tokens.length + i}]`)];
  return {
    "general.architecture": text("llama"),
    "general.name": text(`${hubId}, random weights`),
    "general.file_type": integer(FILE_TYPES[format]),
    "llama.block_count": integer(layers),
    "llama.context_length": integer(numberOf(config["max_position_embeddings"])),
    "llama.embedding_length": integer(sizes.hiddenSize),
    "llama.feed_forward_length": integer(sizes.intermediateSize),
    "llama.attention.head_count": integer(sizes.heads),
    "llama.attention.head_count_kv": integer(sizes.kvHeads),
    "llama.attention.key_length": integer(sizes.headSize),
    "llama.attention.value_length": integer(sizes.headSize),
    "llama.attention.layer_norm_rms_epsilon": float(numberOf(config["rms_norm_eps"])),
    "llama.rope.dimension_count": integer(sizes.headSize),
    "llama.rope.freq_base": float(numberOf(config["rope_theta"])),
    "llama.vocab_size": integer(sizes.vocabSize),
    "tokenizer.ggml.model": text("gpt2"),
    ...(tokenizer.pre === null ? {} : { "tokenizer.ggml.pre": text(tokenizer.pre) }),
    "tokenizer.ggml.tokens": { type: "strings", value: tokens },
    "tokenizer.ggml.token_type": {
      type: "int32s",
      value: [...tokenizer.kinds, ...filling.map(() => UNUSED_TOKEN)],
    },
    "tokenizer.ggml.merges": { type: "strings", value: tokenizer.merges },
    ...tokenId("bos", tokenizer.bosTokenId),
    ...tokenId("eos", tokenizer.eosTokenId),
    ...tokenId("padding", tokenizer.padTokenId),
    ...(tokenizer.chatTemplate === null ? {} : { "tokenizer.chat_template": text(tokenizer.chatTemplate) }),
  };
}

function text(value: string): GgufWriteValue {
  return { type: "string", value };
}

function integer(value: number): GgufWriteValue {
  return { type: "uint32", value };
}

function float(value: number): GgufWriteValue {
  return { type: "float32", value };
}

function tokenId(name: string, id: number | null): Metadata {
  return id === null ? {} : { [`tokenizer.ggml.${name}_token_id`]: integer(id) };
}

function numberOf(value: unknown): number {
  if (typeof value === "number") return value;
  throw new TypeError(`Expected a number in the geometry's configuration but received ${describe(value)}.`);
}
