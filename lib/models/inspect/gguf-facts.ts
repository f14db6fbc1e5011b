import { GGML_TYPES } from "../gguf/gguf-format.js";
import { integerOf, textOf, type GgufMetadata } from "../gguf/gguf-metadata.js";
import type { GgufHeader, GgufTensorInfo } from "../gguf/gguf.js";
import { elementCount } from "./element-types.js";
import type { ExpertGeometry, ModelGeometry } from "./geometry.js";
import type { TokenizerFacts } from "./tokenizer-facts.js";
import type { Quantization, StoredTensor } from "./weights.js";

/** How blocks of GGML share a scale, where that is not the whole block with zero points left out. */
const BLOCKS: Readonly<Record<string, { readonly groupSize: number; readonly isSymmetric: boolean }>> = {
  Q4_1: { groupSize: 32, isSymmetric: false },
  Q5_1: { groupSize: 32, isSymmetric: false },
  Q2_K: { groupSize: 16, isSymmetric: false },
  Q3_K: { groupSize: 16, isSymmetric: true },
  Q4_K: { groupSize: 32, isSymmetric: false },
  Q5_K: { groupSize: 32, isSymmetric: false },
  Q6_K: { groupSize: 16, isSymmetric: true },
  IQ4_XS: { groupSize: 32, isSymmetric: true },
};

const FLOATS: Readonly<Record<string, string>> = { F64: "FP64", F32: "FP32", F16: "FP16", BF16: "BF16" };

/** Models of `general.file_type` 0 and 1 are floats: for those GenAI asks for a cache in 16 bits. */
const LAST_FLOAT_FILE_TYPE = 1;

/** The tensors of a GGUF file. */
export function ggufTensors({ tensors }: GgufHeader): StoredTensor[] {
  const hasOutput = tensors.some(({ name }) => name === "output.weight");
  return tensors.map((tensor) => {
    const { name, type, shape, sizeBytes } = tensor;
    const isWeight = !name.startsWith("rope_freqs");
    return {
      role: isWeight ? "weight" : "other",
      elementType: type,
      precision: isWeight ? (FLOATS[type] ?? `INT${/\d/.exec(type)?.[0] ?? ""}`) : null,
      elements: elementCount(shape),
      sizeBytes,
      quantization: quantizationOf(tensor),
      isExpert: name.includes("_exps."),
      isLookup: hasOutput && name === "token_embd.weight",
      isMultiplied: null,
    };
  });
}

/** The sizes in a GGUF header. */
export function ggufGeometry(header: GgufHeader): ModelGeometry {
  const { architecture, contextLength, vocabSize, metadata } = header;
  const size = (key: string) => integerOf(metadata, `${architecture}.${key}`);
  const [hiddenSize, heads] = [size("embedding_length"), size("attention.head_count")];
  const slices = hiddenSize !== null && heads !== null && heads > 0 ? hiddenSize / heads : null;
  return {
    layers: size("block_count"),
    hiddenSize,
    intermediateSize: size("expert_feed_forward_length") ?? size("feed_forward_length"),
    heads,
    kvHeads: size("attention.head_count_kv") ?? heads,
    headSize: size("attention.key_length") ?? (Number.isInteger(slices) ? slices : null),
    vocabSize,
    contextLength,
    slidingWindow: size("attention.sliding_window"),
  };
}

/** The experts in a GGUF header; null for a model that has none. */
export function ggufExperts({ architecture, metadata }: GgufHeader): ExpertGeometry | null {
  const experts = integerOf(metadata, `${architecture}.expert_count`) ?? 0;
  if (experts < 2) return null;
  return { experts, activeExperts: integerOf(metadata, `${architecture}.expert_used_count`) };
}

/** The tokenizer inside a GGUF file; null where there is none. */
export function ggufTokenizer({
  metadata,
  tokenCount,
  bosTokenId,
  eosTokenId,
}: GgufHeader): TokenizerFacts | null {
  const model = textOf(metadata, "tokenizer.ggml.model");
  if (model === null) return null;
  return {
    kind: TOKENIZER_KINDS[model] ?? model,
    file: null,
    vocabSize: tokenCount,
    bosTokenId,
    eosTokenId,
    padTokenId: integerOf(metadata, "tokenizer.ggml.padding_token_id"),
  };
}

/** The precision of the cache that the converted model will ask for; null where it leaves that to the plugin. */
export function ggufCachePrecision(metadata: GgufMetadata): string | null {
  const fileType = integerOf(metadata, "general.file_type");
  return fileType !== null && fileType <= LAST_FLOAT_FILE_TYPE ? "f16" : null;
}

const TOKENIZER_KINDS: Readonly<Record<string, string>> = {
  gpt2: "BPE",
  llama: "SentencePiece",
  bert: "WordPiece",
  t5: "Unigram",
};

function quantizationOf({ type }: GgufTensorInfo): Quantization | null {
  if (type in FLOATS || !/^I?Q\d/.test(type)) return null;
  const block = [...GGML_TYPES.values()].find(({ name }) => name === type);
  return {
    ...(BLOCKS[type] ?? { groupSize: block?.blockElements ?? null, isSymmetric: true }),
    scaleType: null,
  };
}
