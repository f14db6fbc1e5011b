/** What a preparation needs of disk and memory, said before it begins. */
import { readFileSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { dirname } from "node:path";

import { readCgroupLimits, memoryFigure } from "openvino-llm/internal";
import { OpenVinoLlmError } from "openvino-llm";
import { isFourBit, type ExportOptions } from "./export-options.js";

/** What is known of a checkpoint's size. */
export interface CheckpointSize {
  readonly parameters: number;
  /** Bytes of the weights once they are loaded, which is more than in the files where those are compressed. */
  readonly loadedBytes: number;
  /** A mixture of experts. */
  readonly isMoe: boolean;
}

/** What an export takes, in bytes. */
export interface ExportNeeds {
  /** Of free disk where the result goes: the result, and beside it the model before it is quantised. */
  readonly diskBytes: number;
  /** Most that is resident at once. */
  readonly memoryBytes: number;
}

/** The tools themselves. */
const BASE_MEMORY_BYTES = 1_500_000_000;
/**
 * Resident bytes for each byte of loaded weights, as measured: Phi-4-mini (3.8 billion parameters, bfloat16) took
 * 12.5 GB, four layers of gpt-oss-20b (4.45 billion) 20.2 GB.
 */
const MEMORY_PER_BYTE = { dense: 1.5, moe: 2.1 };
/** Data-aware methods keep activations beside the weights. An estimate. */
const DATA_AWARE_PER_BYTE = 0.5;
/**
 * Quantising activations runs the model in OpenVINO several times, beside copies of it. As measured: SmolLM2-135M
 * (0.27 GB loaded) took 3.7 GB, Llama 3.2 1B (2.47 GB) 17.1 GB.
 */
const STATIC_MEMORY = { baseBytes: 2_100_000_000, perByte: 6.1 };
/** Bytes of the result for each parameter, as measured, with room: scales, zero points, and layers left in 8 bits. */
const RESULT_BYTES = { four: 0.7, eight: 1.05, sixteen: 2.05, thirtyTwo: 4.05 };
/** transformers makes 32-bit numbers of a GGUF file's blocks first. */
const GGUF_MEMORY_PER_PARAMETER = 6;

/** What an export of this checkpoint with these options takes. */
export function exportNeeds(size: CheckpointSize, options: ExportOptions): ExportNeeds {
  const isQuantised =
    isFourBit(options) || options.weightFormat === "int8" || options.quantMode !== undefined;
  return {
    diskBytes: Math.ceil(
      size.parameters * bytesPerParameter(size, options) + (isQuantised ? size.loadedBytes * 1.05 : 0),
    ),
    memoryBytes: Math.ceil(memoryBytes(size, options)),
  };
}

function memoryBytes({ loadedBytes, isMoe }: CheckpointSize, { quantMode, dataset }: ExportOptions): number {
  if (quantMode !== undefined) return STATIC_MEMORY.baseBytes + loadedBytes * STATIC_MEMORY.perByte;
  const perByte =
    (isMoe ? MEMORY_PER_BYTE.moe : MEMORY_PER_BYTE.dense) + (dataset === undefined ? 0 : DATA_AWARE_PER_BYTE);
  return BASE_MEMORY_BYTES + loadedBytes * perByte;
}

function bytesPerParameter(size: CheckpointSize, options: ExportOptions): number {
  if (isFourBit(options)) return RESULT_BYTES.four;
  if (options.weightFormat === "int8" || options.quantMode !== undefined) return RESULT_BYTES.eight;
  if (options.weightFormat === "fp32") return RESULT_BYTES.thirtyTwo;
  if (options.weightFormat === "fp16") return RESULT_BYTES.sixteen;
  return (size.loadedBytes / Math.max(1, size.parameters)) * 1.05;
}

/** What making a checkpoint from a GGUF file takes. */
export function checkpointNeeds(parameters: number): ExportNeeds {
  return {
    diskBytes: parameters * 2,
    memoryBytes: BASE_MEMORY_BYTES + parameters * GGUF_MEMORY_PER_PARAMETER,
  };
}

/** Bytes that can be written at a path that need not exist yet. */
export async function freeDiskBytes(path: string): Promise<number> {
  for (let folder = path; ; folder = dirname(folder)) {
    const stats = await statfs(folder).catch(() => null);
    if (stats !== null) return stats.bavail * stats.bsize;
    if (dirname(folder) === folder) return Number.POSITIVE_INFINITY;
  }
}

/** Bytes of memory that this process could still take, by the system and by its control group. */
export function freeMemoryBytes(): number {
  const available = memoryFigure(readText("/proc/meminfo") ?? "", "MemAvailable") ?? Number.POSITIVE_INFINITY;
  return Math.min(available, readCgroupLimits(readText).memoryLimitBytes ?? Number.POSITIVE_INFINITY);
}

/** @throws OpenVinoLlmError `ERR_DISK_FULL` when the disk has less room than is needed */
export async function checkDisk(path: string, neededBytes: number, what: string): Promise<void> {
  const free = await freeDiskBytes(path);
  if (free >= neededBytes) return;
  throw new OpenVinoLlmError(
    "ERR_DISK_FULL",
    `Expected ${gigabytes(neededBytes)} of free disk at ${path} for ${what} but there are ${gigabytes(free)}. Make room, ` +
      "choose another disk with OPENVINO_LLM_CACHE or --out, or go on all the same with --force.",
  );
}

/** @throws OpenVinoLlmError `ERR_OUT_OF_MEMORY` when less memory is free than is needed */
export function checkMemory(neededBytes: number, what: string): void {
  const free = freeMemoryBytes();
  if (free >= neededBytes) return;
  throw new OpenVinoLlmError(
    "ERR_OUT_OF_MEMORY",
    `Expected about ${gigabytes(neededBytes)} of free memory for ${what} but there are ${gigabytes(free)}. Close other ` +
      "programs, prepare the model on a larger machine and copy its folder, or go on all the same with --force.",
  );
}

/** "7.2 GB". */
export function gigabytes(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.ceil(bytes / 1e6)} MB`;
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
