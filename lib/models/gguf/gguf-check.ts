import { describe, errorAbout, type OpenVinoLlmError } from "../../errors/errors.js";
import { GgufValueType } from "./gguf-format.js";
import { arrayOf, integerOf, textOf } from "./gguf-metadata.js";
import type { GgufHeader, GgufTensorInfo } from "./gguf.js";
import { PRE_TOKENIZERS, type PreTokenizer } from "./pre-tokenizers.js";

/** The architectures that GenAI 2026.4 builds from GGUF. */
export const GGUF_ARCHITECTURES: readonly string[] = ["llama", "qwen2", "qwen3"];

/** Types of the matrices inside the layers. GenAI reads others as text, or fails with a message that names nothing. */
const LAYER_TYPES: readonly string[] = ["F16", "Q8_0", "Q4_0", "Q4_1", "Q4_K", "Q6_K"];
/** The embedding and the output matrix may also be plain floats. */
const TABLE_TYPES: readonly string[] = [...LAYER_TYPES, "F32", "BF16"];
/** Normalisation weights are compared with 1 as 32-bit floats. */
const NORM_TYPES: readonly string[] = ["F32"];

export const EXPORT_CURE =
  "Convert the original model with Optimum Intel, or take a GGUF file of another kind.";
const DOWNLOAD_CURE = "Download the file again.";

/**
 * Judges whether GenAI can load the model that a GGUF header describes: nothing missing, nothing past the end of the
 * file, only architectures, tokenizers and tensor types that it knows, shapes that fit each other. GenAI itself checks
 * little: it reads past the end of a truncated file, and answers a missing key with "unordered_map::at".
 *
 * @throws OpenVinoLlmError `ERR_MODEL_LOAD` for the first thing found.
 */
export function checkGguf(header: GgufHeader): void {
  checkExtents(header);
  checkKind(header);
  checkTokenizer(header);
  checkTensors(header);
}

function checkExtents(header: GgufHeader): void {
  let end = 0;
  for (const { offsetBytes, sizeBytes } of header.tensors) end = Math.max(end, offsetBytes + sizeBytes);
  if (end > header.fileSizeBytes) {
    const problem = `The file is truncated: it has ${header.fileSizeBytes} bytes but its tensors reach to byte ${end}.`;
    throw failure(header, problem, DOWNLOAD_CURE);
  }
}

function checkKind(header: GgufHeader): void {
  const { architecture, metadata } = header;
  if (architecture === null || !GGUF_ARCHITECTURES.includes(architecture)) {
    throw failure(
      header,
      `Expected one of the architectures ${GGUF_ARCHITECTURES.join(", ")} but received ${describe(architecture)}.`,
      EXPORT_CURE,
    );
  }
  const parts = integerOf(metadata, "split.count") ?? 1;
  if (parts > 1) {
    const cure = "Merge the parts first: llama-gguf-split --merge.";
    throw failure(header, `Expected a model in one file but this is one of ${parts} parts.`, cure);
  }
  int32(header, "general.file_type", 0);
  if (metadata.get(`${architecture}.attention.layer_norm_rms_epsilon`)?.type !== GgufValueType.float32) {
    throw failure(
      header,
      `Expected a 32-bit float in ${architecture}.attention.layer_norm_rms_epsilon but received something else.`,
      EXPORT_CURE,
    );
  }
}

function checkTokenizer(header: GgufHeader): void {
  const { metadata } = header;
  const model = textOf(metadata, "tokenizer.ggml.model");
  if (model !== "gpt2") {
    const problem = `Expected a byte-level BPE tokenizer ("gpt2" in tokenizer.ggml.model) but received ${describe(model)}.`;
    throw failure(header, problem, EXPORT_CURE);
  }
  preTokenizerOf(header);
  const tokens = arrayLength(header, "tokenizer.ggml.tokens", GgufValueType.string);
  arrayLength(header, "tokenizer.ggml.merges", GgufValueType.string);
  const types = arrayLength(header, "tokenizer.ggml.token_type", GgufValueType.int32);
  if (tokens === 0 || types !== tokens) {
    throw failure(
      header,
      `Expected as many token types as tokens but received ${types} for ${tokens}.`,
      EXPORT_CURE,
    );
  }
  int32(header, "tokenizer.ggml.eos_token_id", 0);
  for (const name of ["bos", "eos", "unknown", "padding"]) {
    const key = `tokenizer.ggml.${name}_token_id`;
    if (metadata.has(key) && int32(header, key, 0) >= tokens) {
      const problem = `Expected a token id below ${tokens} in ${key} but received ${integerOf(metadata, key)}.`;
      throw failure(header, problem, EXPORT_CURE);
    }
  }
}

/**
 * How the model of a file cuts its text.
 *
 * @throws OpenVinoLlmError `ERR_MODEL_LOAD` where that is not known: other token ids would come, without a sign.
 */
export function preTokenizerOf(header: GgufHeader): PreTokenizer {
  const name = textOf(header.metadata, "tokenizer.ggml.pre");
  if (name === null)
    throw failure(
      header,
      "Expected a string in tokenizer.ggml.pre but received something else.",
      EXPORT_CURE,
    );
  const found = PRE_TOKENIZERS.get(name);
  if (found !== undefined) return found;
  const known = [...PRE_TOKENIZERS.keys()].join(", ");
  const problem =
    `Expected a model that cuts its text in a way that is known here (tokenizer.ggml.pre: ${known}) ` +
    `but received ${describe(name)}.`;
  const cure =
    "Export the original model (openvino-llm models prepare <its id on the hub>), or take its OpenVINO IR from the hub.";
  throw failure(header, problem, cure);
}

function checkTensors(header: GgufHeader): void {
  const { architecture } = header;
  const hidden = int32(header, `${architecture}.embedding_length`, 1);
  const heads = int32(header, `${architecture}.attention.head_count`, 1);
  const blocks = int32(header, `${architecture}.block_count`, 1);
  const headSize = optionalInt32(header, `${architecture}.attention.key_length`) ?? hidden / heads;
  const kvHeads = optionalInt32(header, `${architecture}.attention.head_count_kv`) ?? heads;
  if (!Number.isInteger(headSize) || headSize % 2 !== 0 || heads % kvHeads !== 0) {
    const problem = `Expected an even head size and query heads that divide evenly over key heads but received ${hidden} hidden elements, ${heads} heads of ${headSize} elements and ${kvHeads} key heads.`;
    throw failure(header, problem, EXPORT_CURE);
  }

  const tensors = new Map(header.tensors.map((tensor) => [tensor.name, tensor]));
  const check = new TensorCheck(header, tensors);
  check.tensor("token_embd.weight", [hidden, null], TABLE_TYPES);
  const vocabSize = header.vocabSize ?? 0;
  if (header.tokenCount !== null && vocabSize < header.tokenCount) {
    const problem = `Expected an embedding for each of ${header.tokenCount} tokens but received ${vocabSize}.`;
    throw failure(header, problem, EXPORT_CURE);
  }
  if (tensors.has("output.weight")) check.tensor("output.weight", [hidden, vocabSize], TABLE_TYPES);
  check.tensor("output_norm.weight", [hidden], NORM_TYPES);
  for (let i = 0; i < blocks; i++) {
    check.tensor(`blk.${i}.attn_norm.weight`, [hidden], NORM_TYPES);
    check.tensor(`blk.${i}.attn_q.weight`, [hidden, heads * headSize], LAYER_TYPES);
    check.tensor(`blk.${i}.attn_k.weight`, [hidden, kvHeads * headSize], LAYER_TYPES);
    check.tensor(`blk.${i}.attn_v.weight`, [hidden, kvHeads * headSize], LAYER_TYPES);
    check.tensor(`blk.${i}.attn_output.weight`, [heads * headSize, hidden], LAYER_TYPES);
    check.tensor(`blk.${i}.ffn_norm.weight`, [hidden], NORM_TYPES);
    const up = check.tensor(`blk.${i}.ffn_up.weight`, [hidden, null], LAYER_TYPES);
    check.tensor(`blk.${i}.ffn_gate.weight`, up.shape, LAYER_TYPES);
    check.tensor(`blk.${i}.ffn_down.weight`, [up.shape[1] ?? null, hidden], LAYER_TYPES);
  }
  // GenAI unpacks every tensor of the file, used or not.
  for (const { name, shape } of header.tensors) check.tensor(name, shape, TABLE_TYPES);
}

class TensorCheck {
  readonly #header: GgufHeader;
  readonly #tensors: ReadonlyMap<string, GgufTensorInfo>;

  constructor(header: GgufHeader, tensors: ReadonlyMap<string, GgufTensorInfo>) {
    this.#header = header;
    this.#tensors = tensors;
  }

  /** The tensor of that name, with the shape (null: any extent) and one of the types; GGML order. */
  tensor(name: string, shape: readonly (number | null)[], types: readonly string[]): GgufTensorInfo {
    const found = this.#tensors.get(name);
    if (found === undefined) {
      throw failure(this.#header, `Expected a tensor ${describe(name)} but there is none.`, EXPORT_CURE);
    }
    if (!types.includes(found.type)) {
      const problem = `Expected ${types.join(", ")} for tensor ${describe(name)} but received ${found.type}.`;
      throw failure(this.#header, problem, EXPORT_CURE);
    }
    const fits = shape.every((extent, i) => extent === null || extent === found.shape[i]);
    if (!fits || found.shape.length !== shape.length) {
      const expected = shape.map((extent) => extent ?? "any").join(", ");
      const problem = `Expected the shape [${expected}] for tensor ${describe(name)} but received [${found.shape.join(", ")}].`;
      throw failure(this.#header, problem, EXPORT_CURE);
    }
    return found;
  }
}

function arrayLength(header: GgufHeader, key: string, elementType: number): number {
  const array = arrayOf(header.metadata, key);
  if (array?.elementType === elementType) return array.length;
  const expected = elementType === GgufValueType.string ? "strings" : "32-bit integers";
  throw failure(
    header,
    `Expected an array of ${expected} in ${key} but received something else.`,
    EXPORT_CURE,
  );
}

/** GenAI reads every number of the geometry as a 32-bit integer and fails on any other type. */
function int32(header: GgufHeader, key: string, least: number): number {
  const entry = header.metadata.get(key);
  const value = integerOf(header.metadata, key);
  const is32Bit = entry?.type === GgufValueType.uint32 || entry?.type === GgufValueType.int32;
  if (!is32Bit || value === null || value < least || value > 2 ** 31 - 1) {
    const found = entry === undefined ? "nothing" : describe(entry.value);
    throw failure(
      header,
      `Expected a 32-bit integer of at least ${least} in ${key} but received ${found}.`,
      EXPORT_CURE,
    );
  }
  return value;
}

function optionalInt32(header: GgufHeader, key: string): number | null {
  return header.metadata.has(key) ? int32(header, key, 1) : null;
}

function failure(header: GgufHeader, problem: string, cure: string): OpenVinoLlmError {
  return errorAbout("ERR_MODEL_LOAD", header.path, problem, cure);
}
