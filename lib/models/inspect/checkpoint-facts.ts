import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

import { isJsonObject, type JsonObject } from "../files/json-file.js";
import { readSafetensorsHeader, type SafetensorsTensor } from "../files/safetensors.js";
import { elementCount, safetensorsType } from "./element-types.js";
import type { StoredTensor, TensorRole } from "./weights.js";

/** What the files of a Hugging Face checkpoint hold. */
export interface CheckpointTensors {
  readonly tensors: readonly StoredTensor[];
  /** What could not be read, as sentences. */
  readonly notes: readonly string[];
}

/** A packed weight of 4 bits (MXFP4): two in a byte. */
const PACKED_SUFFIX = "_blocks";

/** The safetensors files of a folder, by name. */
export async function safetensorsFiles(dir: string): Promise<string[]> {
  return (await readdir(dir)).filter((name) => name.endsWith(".safetensors")).sort();
}

/** Reads the headers of safetensors files. What cannot be read is said in a note. */
export async function checkpointTensors(dir: string, files: readonly string[]): Promise<CheckpointTensors> {
  const notes: string[] = [];
  const found: SafetensorsTensor[] = [];
  for (const file of files) {
    try {
      found.push(...(await readSafetensorsHeader(join(dir, file))).tensors);
    } catch (error) {
      notes.push(error instanceof Error ? error.message : String(error));
    }
  }
  const missing = (await namedShards(dir)).filter((file) => !files.includes(file));
  if (missing.length > 0) {
    notes.push(
      `model.safetensors.index.json names ${missing.join(", ")}, which ${isOrAre(missing)} not there.`,
    );
  }
  const hasOutput = found.some(({ name }) => name === "lm_head.weight");
  return { tensors: found.map((tensor) => storedTensor(tensor, hasOutput)), notes };
}

/** The shards that the index of a checkpoint names; none where there is no index. */
async function namedShards(dir: string): Promise<string[]> {
  const text = await readFile(join(dir, "model.safetensors.index.json"), "utf8").catch(() => "{}");
  let index: unknown;
  try {
    index = JSON.parse(text);
  } catch {
    return [];
  }
  const map: JsonObject = isJsonObject(index) && isJsonObject(index["weight_map"]) ? index["weight_map"] : {};
  return [...new Set(Object.values(map).filter((file) => typeof file === "string"))].sort();
}

function storedTensor({ name, dtype, shape }: SafetensorsTensor, hasOutput: boolean): StoredTensor {
  const type = safetensorsType(dtype);
  const stored = elementCount(shape);
  const isPacked = dtype === "U8" && name.endsWith(PACKED_SUFFIX);
  const role = roleOf(name, dtype);
  return {
    role,
    elementType: isPacked ? "MXFP4" : dtype,
    precision: role !== "weight" ? null : isPacked ? "FP4" : (type?.precision ?? null),
    elements: isPacked ? stored * 2 : stored,
    sizeBytes: (stored * (type?.bits ?? 8)) / 8,
    quantization: isPacked ? { groupSize: 32, isSymmetric: true, scaleType: "E8M0" } : null,
    isExpert: name.includes(".experts."),
    isLookup: hasOutput && /(?:embed_tokens|wte|word_embeddings)\.weight$/.test(name),
    isMultiplied: null,
  };
}

function roleOf(name: string, dtype: string): TensorRole {
  if (/(?:scales?|scale_inv|absmax)$/.test(name)) return "scale";
  if (/zeros|zero_point$/.test(name)) return "zeroPoint";
  return /^(?:I16|I32|I64|BOOL)$/.test(dtype) ? "other" : "weight";
}

function isOrAre(things: readonly unknown[]): string {
  return things.length === 1 ? "is" : "are";
}
