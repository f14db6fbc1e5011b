import { writeFile } from "node:fs/promises";

import { GGUF_DEFAULT_ALIGNMENT, GGUF_MAGIC, GgufValueType, ggmlTypeId } from "./gguf-format.js";

/** One metadata value together with the type it is stored as. */
export type GgufWriteValue =
  | { readonly type: "uint32"; readonly value: number }
  | { readonly type: "float32"; readonly value: number }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "strings"; readonly value: readonly string[] }
  | { readonly type: "int32s"; readonly value: readonly number[] };

/** One tensor: its raw little-endian bytes, already in the layout of its type. */
export interface GgufWriteTensor {
  readonly name: string;
  /** GGML order: the innermost (contiguous) dimension first. */
  readonly shape: readonly number[];
  /** GGML's type name, e.g. `F16`. */
  readonly type: string;
  readonly data: Uint8Array;
}

/** Everything a GGUF file holds; metadata keeps its order. */
export interface GgufContent {
  readonly metadata: Readonly<Record<string, GgufWriteValue>>;
  readonly tensors: readonly GgufWriteTensor[];
}

/** Writes a GGUF file (version 3, little endian). Meant for models of a few megabytes: it is made in memory. */
export async function writeGguf(path: string, content: GgufContent): Promise<void> {
  await writeFile(path, encodeGguf(content));
}

/** The bytes of a GGUF file. The same content gives the same bytes. */
export function encodeGguf({ metadata, tensors }: GgufContent): Buffer {
  const header = encodeGgufHeader(
    metadata,
    tensors.map((tensor) => ({ ...tensor, sizeBytes: tensor.data.byteLength })),
  );
  const data = tensors.flatMap(({ data: { buffer, byteOffset, byteLength } }) => [
    Buffer.from(buffer, byteOffset, byteLength),
    Buffer.alloc(ggufPadding(byteLength)),
  ]);
  return Buffer.concat([header, ...data]);
}

/**
 * All that stands before the first tensor's bytes. Behind them come the tensors in the same order, each with as many zeros
 * after it as {@link ggufPadding} says.
 */
export function encodeGgufHeader(
  metadata: GgufContent["metadata"],
  tensors: readonly (Omit<GgufWriteTensor, "data"> & { readonly sizeBytes: number })[],
): Buffer {
  const entries = Object.entries(metadata);
  const header = [
    Buffer.from(GGUF_MAGIC, "latin1"),
    uint32(3),
    uint64(tensors.length),
    uint64(entries.length),
  ];
  for (const [key, value] of entries) header.push(string(key), ...encodeValue(value));
  let offset = 0;
  for (const { name, shape, type, sizeBytes } of tensors) {
    header.push(string(name), uint32(shape.length), ...shape.map(uint64));
    header.push(uint32(ggmlTypeId(type)), uint64(offset));
    offset += sizeBytes + ggufPadding(sizeBytes);
  }
  const head = Buffer.concat(header);
  return Buffer.concat([head, Buffer.alloc(ggufPadding(head.length))]);
}

/** Zeros behind so many bytes. */
export function ggufPadding(length: number): number {
  return (GGUF_DEFAULT_ALIGNMENT - (length % GGUF_DEFAULT_ALIGNMENT)) % GGUF_DEFAULT_ALIGNMENT;
}

function encodeValue(entry: GgufWriteValue): Buffer[] {
  switch (entry.type) {
    case "uint32":
      return [uint32(GgufValueType.uint32), uint32(entry.value)];
    case "float32": {
      const bytes = Buffer.alloc(4);
      bytes.writeFloatLE(entry.value);
      return [uint32(GgufValueType.float32), bytes];
    }
    case "bool":
      return [uint32(GgufValueType.bool), Buffer.of(entry.value ? 1 : 0)];
    case "string":
      return [uint32(GgufValueType.string), string(entry.value)];
    case "strings":
      return [...arrayHead(GgufValueType.string, entry.value.length), Buffer.concat(entry.value.map(string))];
    case "int32s":
      return [...arrayHead(GgufValueType.int32, entry.value.length), Buffer.concat(entry.value.map(int32))];
  }
}

function arrayHead(elementType: number, length: number): Buffer[] {
  return [uint32(GgufValueType.array), uint32(elementType), uint64(length)];
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function string(value: string): Buffer {
  const bytes = Buffer.from(value, "utf8");
  return Buffer.concat([uint64(bytes.length), bytes]);
}
