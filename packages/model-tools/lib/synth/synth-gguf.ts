import { open, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

import {
  cacheDir,
  encodeGgufHeader,
  ggufPadding,
  makeEntry,
  outOfRange,
  writing,
  type GgufTokenizer,
} from "openvino-llm/internal";
import { checkDisk } from "../prepare/needs.js";
import { throwIfAborted } from "../prepare/stage.js";
import { planName, standInFacts, type CheckpointPlan } from "./checkpoint.js";
import type { GeometryName } from "./geometries.js";
import { ggufMetadata, ggufTensors, type GgufTensorSpec, type GgufWeightFormat } from "./gguf-content.js";
import { ggufTensorBytes, tensorBytes } from "./random-blocks.js";
import type { SynthEvent } from "./synth-model.js";
import { planOf, smallTokenizer, type SynthPlanOptions } from "./synth-plan.js";

/** Options of {@link synthGguf}. */
export interface SynthGgufOptions extends SynthPlanOptions {
  /** How all matrices are stored, the table of embeddings too. */
  readonly weightFormat: GgufWeightFormat;
  /** The file to write, in place of one in the cache. One that is there is replaced. */
  readonly out?: string;
  /** Goes on where the disk seems too small. Default false. */
  readonly force?: boolean;
  /** Ends the work; nothing of it is left. */
  readonly signal?: AbortSignal;
  /** Receives progress. */
  readonly onEvent?: (event: SynthEvent) => void;
}

/** A GGUF file of real sizes and random weights. */
export interface SynthesizedGguf {
  /** It says that the weights are random, and which part of the real model's layers they are. */
  readonly name: string;
  /** The file, absolute. */
  readonly path: string;
  /** False when it was there already, or another process made it meanwhile. */
  readonly isNew: boolean;
  /** Part of the real model's layers: above 0 to 1. */
  readonly layersShare: number;
}

/** What {@link synthGguf} can store matrices as. */
export const GGUF_WEIGHT_FORMATS: readonly GgufWeightFormat[] = ["q4_0", "q8_0"];

/**
 * Makes a GGUF file that has the sizes of a published llama and random weights, to measure what else reads such files beside
 * this library. It needs no Python. Real files have the factors of Llama 3's longer context too, which change no speed and
 * are left out here.
 *
 * @throws TypeError or RangeError naming the option: only geometries of the family llama, because GenAI reads no others.
 * @throws OpenVinoLlmError `ERR_DOWNLOAD` when the tokenizer cannot be had; `ERR_MODEL_LOAD` or `ERR_DISK_FULL` when the
 * disk is too small.
 * @throws AbortError when the signal is aborted.
 */
export async function synthGguf(geometry: GeometryName, options: SynthGgufOptions): Promise<SynthesizedGguf> {
  const plan = planOf(geometry, options, GGUF_WEIGHT_FORMATS);
  if (plan.geometry.family !== "llama") {
    throw outOfRange("geometry", "a geometry of the family llama for a GGUF file", geometry);
  }
  const { out } = options;
  const name = `${planName(plan)}-${options.weightFormat}`;
  const { layersShare } = standInFacts(plan);
  if (out !== undefined) {
    const path = resolve(out);
    await writing({ folder: dirname(path), elsewhere: "with out" }, () => replaceFile(path, plan, options));
    return { name, path, isNew: true, layersShare };
  }
  const entry = join(cacheDir(), "checkpoints", name);
  const path = join(entry, `${name}.gguf`);
  const { signal, onEvent } = options;
  const isNew = await makeEntry(entry, (tmp) => writeRandomGguf(join(tmp, `${name}.gguf`), plan, options), {
    purpose: "make the GGUF file",
    signal,
    onWait: (holder) => onEvent?.({ type: "phase", phase: "wait", holder }),
  });
  return { name, path, isNew, layersShare };
}

/** Whole or not at all. */
async function replaceFile(path: string, plan: CheckpointPlan, options: SynthGgufOptions): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeRandomGguf(temporary, plan, options);
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function writeRandomGguf(path: string, plan: CheckpointPlan, options: SynthGgufOptions): Promise<void> {
  const { geometry, layers } = plan;
  const { weightFormat, force = false, onEvent } = options;
  const bytes = bytesOf(ggufTensors(geometry, layers, weightFormat));
  if (!force) await checkDisk(dirname(path), bytes, "the GGUF file");
  const tokenizer = await smallTokenizer();
  onEvent?.({ type: "phase", phase: "weights" });
  await writeGgufFile(path, plan, tokenizer, options);
}

/** Writes the file of a plan, which is a llama, where none is yet. */
export async function writeGgufFile(
  path: string,
  plan: CheckpointPlan,
  tokenizer: GgufTokenizer,
  { weightFormat, signal, onEvent }: Pick<SynthGgufOptions, "weightFormat" | "signal" | "onEvent">,
): Promise<void> {
  const metadata = ggufMetadata(plan.geometry, plan.layers, weightFormat, tokenizer);
  const tensors = ggufTensors(plan.geometry, plan.layers, weightFormat);
  const totalBytes = bytesOf(tensors);
  const sized = tensors.map((tensor) => ({ ...tensor, sizeBytes: ggufTensorBytes(tensor) }));
  const file = await open(path, "wx");
  try {
    await file.writeFile(encodeGgufHeader(metadata, sized));
    let writtenBytes = 0;
    for (const tensor of sized) {
      for (const bytes of tensorBytes(tensor, plan.seed)) {
        throwIfAborted(signal);
        await file.writeFile(bytes);
        writtenBytes += bytes.length;
        onEvent?.({ type: "progress", label: "random weights", fraction: writtenBytes / totalBytes });
      }
      await file.writeFile(Buffer.alloc(ggufPadding(tensor.sizeBytes)));
    }
  } finally {
    await file.close();
  }
}

function bytesOf(tensors: readonly GgufTensorSpec[]): number {
  return tensors.reduce((total, tensor) => total + ggufTensorBytes(tensor), 0);
}
