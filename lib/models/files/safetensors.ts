import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";

import { describe, errorAbout, OpenVinoLlmError } from "../../errors/errors.js";
import { isJsonObject, type JsonObject } from "./json-file.js";

/** A tensor of a safetensors file. */
export interface SafetensorsTensor {
  readonly name: string;
  /** As the format spells it, e.g. `F16`. */
  readonly dtype: string;
  /** Rows first; empty for a single number. */
  readonly shape: readonly number[];
}

/** What the header of a safetensors file says. */
export interface SafetensorsHeader {
  readonly path: string;
  readonly tensors: readonly SafetensorsTensor[];
}

/** Bytes of an element of each type that GenAI's reader knows. */
const ELEMENT_BYTES: ReadonlyMap<string, number> = new Map([
  ["F64", 8],
  ["F32", 4],
  ["F16", 2],
  ["BF16", 2],
  ["I64", 8],
  ["I32", 4],
  ["I16", 2],
  ["I8", 1],
  ["U8", 1],
  ["BOOL", 1],
  ["F8_E4M3", 1],
  ["F8_E5M2", 1],
]);

/** The header's length, in 64 bits, stands before it. */
const LENGTH_BYTES = 8;
/** An adapter of tens of thousands of tensors has a few megabytes. */
const MAX_HEADER_BYTES = 32 * 1024 * 1024;
/** GenAI's reader writes beyond its memory when there are more than 100 entries, and refuses shapes from 20 on. */
const MAX_METADATA_ENTRIES = 99;
const MAX_DIMENSIONS = 8;
const METADATA = "__metadata__";

const SAVE_CURE = "Save it again: safetensors.torch.save_file(safetensors.torch.load_file(path), path).";
const DOWNLOAD_CURE = "Download or copy the file again.";

/**
 * Reads the header of a safetensors file and nothing behind it. The file may be hostile: lengths are judged by what the
 * file can hold before they are followed, and what GenAI's own reader would follow out of the file is refused.
 *
 * @throws OpenVinoLlmError `ERR_MODEL_NOT_FOUND` when there is no such file; `ERR_MODEL_LOAD` with the file and the
 * reason when it is not safetensors, is truncated, or contradicts itself.
 */
export async function readSafetensorsHeader(path: string): Promise<SafetensorsHeader> {
  const { text, dataBytes } = await readHeaderText(path);
  // GenAI's reader knows one white space in one line, and no escapes: it would end strings elsewhere than JSON does.
  if (/[\\\r\n]/.test(text)) {
    throw failure(
      path,
      "Expected a header in one line without escapes but received one that GenAI does not read.",
      SAVE_CURE,
    );
  }
  const { [METADATA]: metadata, ...entries } = parsed(path, text);
  checkMetadata(path, metadata);
  const extents: Extent[] = [];
  const tensors = Object.entries(entries).map(([name, entry]) => {
    const { tensor, extent } = tensorOf(path, name, entry);
    extents.push(extent);
    return tensor;
  });
  checkExtents(path, extents, dataBytes);
  return { path, tensors };
}

/** The bytes of a tensor, counted from the end of the header. */
interface Extent {
  readonly name: string;
  readonly begin: number;
  readonly end: number;
}

async function readHeaderText(path: string): Promise<{ text: string; dataBytes: number }> {
  const file = await openFile(path);
  try {
    const stats = await file.stat();
    if (!stats.isFile())
      throw failure(path, "Expected a file but received a folder or a device.", DOWNLOAD_CURE);
    const length = await readBytes(path, file, 0, LENGTH_BYTES, stats.size);
    const headerBytes = Number(length.readBigUInt64LE());
    if (headerBytes > MAX_HEADER_BYTES) {
      const start = describe(length.toString("latin1"));
      const problem = `Expected a safetensors file, which starts with the length of its header, at most ${MAX_HEADER_BYTES} bytes, but it starts with ${start}.`;
      throw failure(path, problem, "Pass the adapter_model.safetensors that PEFT writes.");
    }
    const header = await readBytes(path, file, LENGTH_BYTES, headerBytes, stats.size);
    return { text: header.toString("utf8"), dataBytes: stats.size - LENGTH_BYTES - headerBytes };
  } finally {
    await file.close();
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    // Without O_NONBLOCK, opening a named pipe would wait for a writer for ever.
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") {
      const problem = `Expected a LoRA adapter at ${path} but nothing is there.`;
      throw new OpenVinoLlmError("ERR_MODEL_NOT_FOUND", problem, { cause });
    }
    throw failure(path, `Expected a readable file but opening it failed: ${message}.`, DOWNLOAD_CURE, cause);
  }
}

async function readBytes(
  path: string,
  file: FileHandle,
  position: number,
  count: number,
  sizeBytes: number,
): Promise<Buffer> {
  const truncated = (): OpenVinoLlmError => {
    const problem = `The file is truncated: it has ${sizeBytes} bytes but its header reaches to byte ${position + count}.`;
    return failure(path, problem, DOWNLOAD_CURE);
  };
  if (position + count > sizeBytes) throw truncated();
  const buffer = Buffer.alloc(count);
  let filled = 0;
  while (filled < count) {
    const { bytesRead } = await file.read(buffer, filled, count - filled, position + filled);
    if (bytesRead === 0) throw truncated();
    filled += bytesRead;
  }
  return buffer;
}

function parsed(path: string, text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const problem = `Expected a header in JSON but it starts with ${describe(text.slice(0, 40))}.`;
    throw failure(path, problem, SAVE_CURE, cause);
  }
  if (isJsonObject(value)) return value;
  throw failure(path, `Expected a JSON object as the header but received ${describe(value)}.`, SAVE_CURE);
}

function checkMetadata(path: string, metadata: unknown): void {
  if (metadata === undefined) return;
  const other = isJsonObject(metadata)
    ? Object.values(metadata).find((value) => typeof value !== "string")
    : metadata;
  if (other !== undefined) {
    throw failure(path, `Expected strings in ${METADATA} but received ${describe(other)}.`, SAVE_CURE);
  }
  const count = Object.keys(metadata ?? {}).length;
  if (count > MAX_METADATA_ENTRIES) {
    const problem = `Expected at most ${MAX_METADATA_ENTRIES} entries in ${METADATA} but received ${count}.`;
    throw failure(path, problem, SAVE_CURE);
  }
}

function tensorOf(path: string, name: string, entry: unknown): { tensor: SafetensorsTensor; extent: Extent } {
  const what = `tensor ${describe(name)}`;
  const fields = isJsonObject(entry) ? entry : {};
  const { dtype, shape, data_offsets: offsets, ...others } = fields;
  const elementBytes = typeof dtype === "string" ? ELEMENT_BYTES.get(dtype) : undefined;
  if (typeof dtype !== "string" || elementBytes === undefined) {
    const problem = `Expected one of the types ${[...ELEMENT_BYTES.keys()].join(", ")} for ${what} but received ${describe(dtype)}.`;
    throw failure(path, problem, "Save the adapter as F32, F16 or BF16.");
  }
  if (!isCounts(shape) || shape.length > MAX_DIMENSIONS) {
    throw failure(
      path,
      `Expected a shape of up to ${MAX_DIMENSIONS} dimensions for ${what} but received another.`,
      SAVE_CURE,
    );
  }
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw failure(path, `The ${what} has an unknown entry ${describe(unknown)}.`, SAVE_CURE);
  const [begin, end] = isCounts(offsets) && offsets.length === 2 ? offsets : [];
  const sizeBytes = shape.reduce((product, dimension) => product * dimension, elementBytes);
  if (begin === undefined || end === undefined || end - begin !== sizeBytes) {
    const found = isCounts(offsets) ? `[${offsets.slice(0, 4).join(", ")}]` : describe(offsets);
    const problem = `Expected data_offsets of two integers that are ${sizeBytes} apart for ${what}, ${dtype} [${shape.join(", ")}], but received ${found}.`;
    throw failure(path, problem, SAVE_CURE);
  }
  return { tensor: { name, dtype, shape }, extent: { name, begin, end } };
}

/** The format leaves no byte between tensors, none before the first and none behind the last. */
function checkExtents(path: string, extents: readonly Extent[], dataBytes: number): void {
  let reached = 0;
  for (const { name, begin, end } of extents.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== reached) {
      const problem = `Expected tensor ${describe(name)} to begin at byte ${reached} of the data but received ${begin}.`;
      throw failure(path, problem, SAVE_CURE);
    }
    reached = end;
  }
  if (reached === dataBytes) return;
  const what = reached > dataBytes ? "The file is truncated: its" : "The file has more than its tensors: the";
  throw failure(
    path,
    `${what} data has ${dataBytes} bytes but the tensors end at ${reached}.`,
    DOWNLOAD_CURE,
  );
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

function failure(path: string, problem: string, cure: string, cause?: unknown): OpenVinoLlmError {
  return errorAbout("ERR_MODEL_LOAD", path, problem, cure, cause);
}
