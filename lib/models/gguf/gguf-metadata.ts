import { describe } from "../../errors/errors.js";
import { GgufValueType } from "./gguf-format.js";
import type { HeaderReader } from "../files/header-reader.js";

/** An array of the metadata: its elements are counted, not kept. */
export interface GgufArray {
  /** The elements' type tag, see {@link GgufValueType}. */
  readonly elementType: number;
  readonly length: number;
}

/** A metadata value with the type tag that it has in the file. 64-bit integers beyond 2^53 are rounded. */
export interface GgufMetadataValue {
  readonly type: number;
  readonly value: number | boolean | string | GgufArray;
}

/** The metadata of a GGUF file in its order. */
export type GgufMetadata = ReadonlyMap<string, GgufMetadataValue>;

/** The format's own limit for keys; tensor names are shorter still. */
export const MAX_NAME_BYTES = 65535;
const MAX_STRING_BYTES = 16 * 1024 * 1024;

/** The size of a value by its type tag; texts and arrays have none. */
export const SCALAR_BYTES: ReadonlyMap<number, number> = new Map([
  [GgufValueType.uint8, 1],
  [GgufValueType.int8, 1],
  [GgufValueType.uint16, 2],
  [GgufValueType.int16, 2],
  [GgufValueType.uint32, 4],
  [GgufValueType.int32, 4],
  [GgufValueType.float32, 4],
  [GgufValueType.bool, 1],
  [GgufValueType.uint64, 8],
  [GgufValueType.int64, 8],
  [GgufValueType.float64, 8],
]);

/** Reads the metadata entries at the reader's position. */
export async function readMetadata(reader: HeaderReader, count: number): Promise<GgufMetadata> {
  const metadata = new Map<string, GgufMetadataValue>();
  for (let i = 0; i < count; i++) {
    const key = await reader.string(`metadata key ${i}`, MAX_NAME_BYTES);
    if (metadata.has(key)) throw reader.error(`Metadata key ${describe(key)} occurs twice.`);
    const type = await reader.uint32(`the type of ${key}`);
    metadata.set(key, { type, value: await readValue(reader, type, key) });
  }
  return metadata;
}

async function readValue(
  reader: HeaderReader,
  type: number,
  key: string,
): Promise<GgufMetadataValue["value"]> {
  if (type === GgufValueType.string) return reader.string(`the value of ${key}`, MAX_STRING_BYTES);
  if (type === GgufValueType.array) return readArray(reader, key);
  const size = SCALAR_BYTES.get(type);
  if (size === undefined) throw reader.error(`Metadata key ${describe(key)} has the unknown type ${type}.`);
  return scalar(await reader.bytes(size, `the value of ${key}`), type);
}

async function readArray(reader: HeaderReader, key: string): Promise<GgufArray> {
  const what = `the array ${key}`;
  const elementType = await reader.uint32(what);
  const length = await reader.uint64(what);
  const size = elementType === GgufValueType.string ? 8 : SCALAR_BYTES.get(elementType);
  if (size === undefined) {
    const problem =
      elementType === GgufValueType.array ? "nested arrays" : `elements of the unknown type ${elementType}`;
    throw reader.error(`The array ${key} has ${problem}.`);
  }
  checkCount(reader, length, `elements of ${key}`, size);
  if (elementType === GgufValueType.string) await reader.skipStrings(length, what);
  else reader.skip(length * size, what);
  return { elementType, length };
}

function scalar(bytes: Buffer, type: number): number | boolean {
  switch (type) {
    case GgufValueType.bool:
      return bytes.readUInt8() !== 0;
    case GgufValueType.float32:
      return bytes.readFloatLE();
    case GgufValueType.float64:
      return bytes.readDoubleLE();
    case GgufValueType.uint64:
      return Number(bytes.readBigUInt64LE());
    case GgufValueType.int64:
      return Number(bytes.readBigInt64LE());
    case GgufValueType.int8:
    case GgufValueType.int16:
    case GgufValueType.int32:
      return bytes.readIntLE(0, bytes.length);
    default:
      return bytes.readUIntLE(0, bytes.length);
  }
}

/** Refuses a count that the rest of the file cannot hold, so that none is followed blindly. */
export function checkCount(reader: HeaderReader, count: number, what: string, minBytes: number): void {
  const most = Math.floor(reader.remainingBytes / minBytes);
  if (count > most) {
    throw reader.error(
      `The file is damaged or truncated: its header announces ${count} ${what} but the ${reader.remainingBytes} bytes left ` +
        `of its ${reader.sizeBytes} have room for ${most} at most.`,
    );
  }
}

/** The string under a key, or null. */
export function textOf(metadata: GgufMetadata, key: string): string | null {
  const value = metadata.get(key)?.value;
  return typeof value === "string" ? value : null;
}

/** The non-negative integer under a key, or null. */
export function integerOf(metadata: GgufMetadata, key: string): number | null {
  const value = metadata.get(key)?.value;
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

/** The array under a key, or null. */
export function arrayOf(metadata: GgufMetadata, key: string): GgufArray | null {
  const value = metadata.get(key)?.value;
  return typeof value === "object" ? value : null;
}
