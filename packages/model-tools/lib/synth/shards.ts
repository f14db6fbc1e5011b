import { open, writeFile, type FileHandle } from "node:fs/promises";
import { join } from "node:path";

import { throwIfAborted } from "../prepare/stage.js";
import type { TensorSpec } from "./checkpoint-tensors.js";
import { BLOCK_ELEMENTS, fillBlock, normalTable } from "./random-weights.js";

/** How far the writing has come. */
export interface ShardProgress {
  readonly writtenBytes: number;
  readonly totalBytes: number;
}

/** Options of {@link writeShards}. */
export interface WriteShardsOptions {
  readonly seed: number;
  /** A shard is closed before it would grow beyond; a tensor that is larger has one to itself. Default 1.5 GB. */
  readonly maxShardBytes?: number;
  /** Called after each block. */
  readonly onProgress?: (progress: ShardProgress) => void;
  readonly signal?: AbortSignal | undefined;
}

const ELEMENT_BYTES = 2;
const MAX_SHARD_BYTES = 1.5e9;

/**
 * Writes random tensors in bfloat16 as the safetensors files of a checkpoint, with their index. Memory is bounded by
 * three blocks of 4 MB, whatever the size of the model.
 *
 * @throws whatever the file system throws, and AbortError when the signal is aborted.
 */
export async function writeShards(
  dir: string,
  tensors: readonly TensorSpec[],
  options: WriteShardsOptions,
): Promise<void> {
  const { seed, maxShardBytes = MAX_SHARD_BYTES, onProgress, signal } = options;
  const shards = shardsOf(tensors, maxShardBytes);
  const totalBytes = tensors.reduce((total, tensor) => total + bytesOf(tensor), 0);
  const tables = { 0: normalTable(0), 1: normalTable(1) };
  const weightMap: Record<string, string> = {};
  let writtenBytes = 0;
  for (const [index, shard] of shards.entries()) {
    const number = (value: number) => String(value).padStart(5, "0");
    const name = `model-${number(index + 1)}-of-${number(shards.length)}.safetensors`;
    for (const tensor of shard) weightMap[tensor.name] = name;
    const file = await open(join(dir, name), "wx");
    try {
      await writeAll(file, header(shard));
      const blocks = new BlockWriter(file, (bytes) => {
        writtenBytes += bytes;
        onProgress?.({ writtenBytes, totalBytes });
      });
      for (const tensor of shard) {
        for (let block = 0; block * BLOCK_ELEMENTS < elementsOf(tensor); block++) {
          throwIfAborted(signal);
          const length = Math.min(BLOCK_ELEMENTS, elementsOf(tensor) - block * BLOCK_ELEMENTS);
          await blocks.write(length, (target) =>
            fillBlock(target, tables[tensor.mean], seed, tensor.name, block),
          );
        }
      }
      await blocks.end();
    } finally {
      await file.close();
    }
  }
  const index = { metadata: { total_size: totalBytes }, weight_map: weightMap };
  await writeFile(join(dir, "model.safetensors.index.json"), `${JSON.stringify(index, null, 2)}\n`);
}

/** Bytes of all shards of a checkpoint, headers not counted. */
export function checkpointBytes(tensors: readonly TensorSpec[]): number {
  return tensors.reduce((total, tensor) => total + bytesOf(tensor), 0);
}

/** Writes one block while the next one is filled. */
class BlockWriter {
  readonly #buffers = [new Uint16Array(BLOCK_ELEMENTS), new Uint16Array(BLOCK_ELEMENTS)];
  readonly #file: FileHandle;
  readonly #onWritten: (bytes: number) => void;
  #next = 0;
  #pending: Promise<void> = Promise.resolve();

  constructor(file: FileHandle, onWritten: (bytes: number) => void) {
    this.#file = file;
    this.#onWritten = onWritten;
  }

  async write(length: number, fill: (block: Uint16Array) => void): Promise<void> {
    const block = (this.#buffers[this.#next] ?? new Uint16Array(length)).subarray(0, length);
    this.#next = 1 - this.#next;
    fill(block);
    await this.#pending;
    const bytes = new Uint8Array(block.buffer, block.byteOffset, block.byteLength);
    this.#pending = writeAll(this.#file, bytes).then(() => this.#onWritten(bytes.length));
    // Its failure is thrown by the next write or the end; it must not count as unhandled until then.
    this.#pending.catch(() => undefined);
  }

  async end(): Promise<void> {
    await this.#pending;
  }
}

/** The system may take less than it was given, as on a disk that fills up. */
async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let offset = 0; offset < bytes.length;) {
    offset += (await file.write(bytes, offset, bytes.length - offset)).bytesWritten;
  }
}

function shardsOf(tensors: readonly TensorSpec[], maxBytes: number): TensorSpec[][] {
  const shards: TensorSpec[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const tensor of tensors) {
    const shard = shards.at(-1);
    if (shard === undefined || bytes + bytesOf(tensor) > maxBytes) {
      shards.push([tensor]);
      bytes = bytesOf(tensor);
    } else {
      shard.push(tensor);
      bytes += bytesOf(tensor);
    }
  }
  return shards;
}

/** The length of the header, then the header, filled up with spaces so that the numbers behind it are aligned. */
function header(tensors: readonly TensorSpec[]): Buffer {
  let end = 0;
  const entries = tensors.map((tensor) => {
    const begin = end;
    end += bytesOf(tensor);
    return [tensor.name, { dtype: "BF16", shape: tensor.shape, data_offsets: [begin, end] }] as const;
  });
  const text = JSON.stringify({ __metadata__: { format: "pt" }, ...Object.fromEntries(entries) });
  const json = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8), "latin1");
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json]);
}

function bytesOf(tensor: TensorSpec): number {
  return elementsOf(tensor) * ELEMENT_BYTES;
}

function elementsOf({ shape }: TensorSpec): number {
  return shape.reduce((product, size) => product * size, 1);
}
