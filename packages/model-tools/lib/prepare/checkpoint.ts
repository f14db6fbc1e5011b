/** A checkpoint folder as Hugging Face keeps it: is it whole, how large is it, what does it say of the model. */
import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";

import { OpenVinoLlmError } from "openvino-llm";
import type { JsonObject } from "openvino-llm/models";
import {
  describe,
  outOfRange,
  fileError,
  isJsonObject,
  readJsonObject,
  MANIFEST_FILE,
  type StandIn,
} from "openvino-llm/internal";
import { isFourBit, asksForRecipe, type ExportOptions } from "./export-options.js";
import type { CheckpointSize } from "./needs.js";
import { whileThere } from "./vanished.js";

/** What is known of a checkpoint folder before it is loaded. */
export interface Checkpoint {
  readonly config: JsonObject;
  /** Names of what is in the folder. */
  readonly files: readonly string[];
  /** That the weights are random, where its manifest says so; it is true of what is made from them, too. */
  readonly standIn: StandIn;
  readonly size: CheckpointSize;
}

/** The group size that the exporter takes when other options are given but none of these. */
const DEFAULT_GROUP_SIZE = 128;
/** Headers of real checkpoints have some hundred kilobytes. */
const MAX_HEADER_BYTES = 100_000_000;
const TOKENIZER_FILES = ["tokenizer.json", "tokenizer.model", "vocab.json", "spiece.model", "vocab.txt"];
/** Blocks of gpt-oss's own compression: two 4-bit numbers in a byte; they are loaded as 16 bits each. */
const MXFP4_BLOCKS = /_blocks$/;
const MXFP4_LOADED_BYTES = 4;

/**
 * Looks at a checkpoint folder without loading it.
 * @throws OpenVinoLlmError `ERR_MODEL_LOAD` when it is no checkpoint, not whole, or deleted meanwhile
 */
export function readCheckpoint(dir: string): Promise<Checkpoint> {
  return whileThere(() => readFiles(dir));
}

async function readFiles(dir: string): Promise<Checkpoint> {
  const files = await readdir(dir);
  const config = await readJsonObject(join(dir, "config.json"));
  if (config === null) throw notACheckpoint(dir, files);
  const weights = await weightFiles(dir, files);
  if (!TOKENIZER_FILES.some((file) => files.includes(file))) {
    throw fileError(
      dir,
      `Expected a tokenizer (${TOKENIZER_FILES.join(", ")}) with the weights but found none.`,
    );
  }
  const sizes = await Promise.all(weights.map((file) => sizeOfWeights(join(dir, file))));
  return {
    config,
    files,
    standIn: standInOf(await readJsonObject(join(dir, MANIFEST_FILE)).catch(() => null)),
    size: {
      parameters: sizes.reduce((sum, { parameters }) => sum + parameters, 0),
      loadedBytes: sizes.reduce((sum, { loadedBytes }) => sum + loadedBytes, 0),
      isMoe: partsOf(config).some((part) =>
        ["num_local_experts", "num_experts", "n_routed_experts"].some((key) => Number(part[key] ?? 0) > 1),
      ),
    },
  };
}

/**
 * Refuses a group size that does not divide the model's width before minutes go into finding that out.
 * @throws RangeError
 */
export function checkGroupSize(config: JsonObject, options: ExportOptions): void {
  const groupSize = options.groupSize ?? DEFAULT_GROUP_SIZE;
  if (!isFourBit(options) || asksForRecipe(options) || groupSize === -1) return;
  if ((options.groupSizeFallback ?? "error") !== "error") return;
  for (const part of partsOf(config)) {
    const width = part["hidden_size"];
    if (typeof width === "number" && width > 0 && width % groupSize !== 0) {
      throw outOfRange(
        "options.groupSize",
        `a divisor of the model's width ${width} such as ${divisorBelow(width, groupSize)}`,
        groupSize,
        'Or set options.groupSizeFallback to "adjust".',
      );
    }
  }
}

function divisorBelow(width: number, groupSize: number): number {
  for (let size = 2 ** Math.floor(Math.log2(groupSize)); size > 1; size /= 2) {
    if (width % size === 0) return size;
  }
  return -1;
}

function standInOf(manifest: JsonObject | null): StandIn {
  if (manifest?.["weights"] !== "random") return {};
  const { layersShare, seed, layers, geometry } = manifest;
  const { of, source } = isJsonObject(geometry) ? geometry : {};
  return {
    weights: "random",
    layersShare: typeof layersShare === "number" ? layersShare : 1,
    ...(typeof seed === "number" ? { seed } : {}),
    ...(typeof layers === "number" || layers === null ? { layers } : {}),
    ...(typeof of === "string" && typeof source === "string" ? { geometry: { of, source } } : {}),
  };
}

/** A model of several parts keeps the figures of its language model under `text_config`. */
function partsOf(config: JsonObject): JsonObject[] {
  const text = config["text_config"];
  return isJsonObject(text) ? [config, text] : [config];
}

function notACheckpoint(dir: string, files: readonly string[]): OpenVinoLlmError {
  const gguf = files.find((file) => file.toLowerCase().endsWith(".gguf"));
  const cure = files.includes("openvino_model.xml")
    ? "The folder holds a model in OpenVINO IR, which is ready to be loaded."
    : gguf !== undefined
      ? `The folder holds a GGUF file; to prepare that, pass ${join(dir, gguf)}.`
      : "Pass the folder of a checkpoint: config.json, weights as .safetensors, and a tokenizer.";
  return new OpenVinoLlmError(
    "ERR_MODEL_LOAD",
    `Expected a checkpoint at ${dir} but it has no config.json. ${cure}`,
  );
}

/** The files with the weights, all of them there. */
async function weightFiles(dir: string, files: readonly string[]): Promise<string[]> {
  for (const kind of [".safetensors", ".bin"]) {
    const index = files.find((file) => file.endsWith(`${kind}.index.json`));
    if (index !== undefined) {
      const map = (await readJsonObject(join(dir, index)))?.["weight_map"];
      if (!isJsonObject(map))
        throw fileError(join(dir, index), `Expected an object for weight_map but received ${describe(map)}.`);
      const shards = [...new Set(Object.values(map).map(String))].sort();
      const missing = shards.filter((shard) => !files.includes(shard));
      if (missing.length > 0) {
        throw fileError(
          dir,
          `${missing.length} of ${shards.length} files with weights are missing: ${missing[0]}.`,
        );
      }
      return shards;
    }
    const weights = files.filter(
      (file) => file.endsWith(kind) && !/^(?:training_args|optimizer|scheduler)/.test(file),
    );
    if (weights.length > 0) return weights;
  }
  throw fileError(dir, "Expected weights (model.safetensors) with config.json but found none.");
}

async function sizeOfWeights(path: string): Promise<Omit<CheckpointSize, "isMoe">> {
  const { size } = await stat(path);
  // PyTorch's own format is left to PyTorch: 16 bits are usual.
  if (!path.endsWith(".safetensors")) return { parameters: size / 2, loadedBytes: size };
  const header = await readHeader(path, size);
  let [parameters, loadedBytes] = [0, 0];
  for (const [name, tensor] of Object.entries(header)) {
    if (!isJsonObject(tensor) || name === "__metadata__") continue;
    const [start, end] = Array.isArray(tensor["data_offsets"]) ? tensor["data_offsets"].map(Number) : [];
    const elements = Array.isArray(tensor["shape"])
      ? tensor["shape"].reduce((product: number, length) => product * Number(length), 1)
      : 0;
    const bytes = Number(end) - Number(start);
    const isPacked = MXFP4_BLOCKS.test(name) && tensor["dtype"] === "U8";
    parameters += isPacked ? elements * 2 : elements;
    loadedBytes += isPacked ? bytes * MXFP4_LOADED_BYTES : bytes;
  }
  return { parameters, loadedBytes };
}

/** The header of a safetensors file, whose data have to end where the file does. */
async function readHeader(path: string, sizeBytes: number): Promise<JsonObject> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(8), 0, 8, 0);
    const length = bytesRead === 8 ? Number(buffer.readBigUInt64LE()) : 0;
    if (length < 2 || length > Math.min(MAX_HEADER_BYTES, sizeBytes - 8)) {
      throw fileError(
        path,
        `Expected a safetensors file but its header would have ${length} of ${sizeBytes} bytes.`,
      );
    }
    const text = (await file.read(Buffer.alloc(length), 0, length, 8)).buffer.toString("utf8");
    const header: unknown = parseJson(text);
    if (!isJsonObject(header))
      throw fileError(path, "Expected a safetensors file but its header is not a JSON object.");
    const end = Object.values(header).reduce((most: number, tensor) => {
      const offsets = isJsonObject(tensor) ? tensor["data_offsets"] : undefined;
      return Array.isArray(offsets) ? Math.max(most, Number(offsets[1])) : most;
    }, 0);
    if (8 + length + end !== sizeBytes) {
      throw fileError(
        path,
        `Expected the ${8 + length + end} bytes of its header and tensors but it has ${sizeBytes}.`,
      );
    }
    return header;
  } finally {
    await file.close();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
