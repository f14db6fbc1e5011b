import { describe } from "../../errors/errors.js";
import { GGML_TYPES, GGUF_DEFAULT_ALIGNMENT, GGUF_MAGIC } from "./gguf-format.js";
import {
  MAX_NAME_BYTES,
  arrayOf,
  checkCount,
  integerOf,
  readMetadata,
  textOf,
  type GgufMetadata,
} from "./gguf-metadata.js";
import { HeaderReader } from "../files/header-reader.js";

/** Where a tensor is and how it is stored. */
export interface GgufTensorInfo {
  readonly name: string;
  /** GGML order: the innermost (contiguous) dimension first; one to four dimensions. */
  readonly shape: readonly number[];
  /** GGML's type name, e.g. `Q4_1`. */
  readonly type: string;
  /** Offset in the file. */
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

/** What the header of a GGUF file says. A field is null where the file has no such key or another type there. */
export interface GgufHeader {
  readonly path: string;
  readonly fileSizeBytes: number;
  /** GGUF version: 2 or 3. */
  readonly version: number;
  readonly metadata: GgufMetadata;
  readonly tensors: readonly GgufTensorInfo[];
  /** `general.architecture`, e.g. `llama`. */
  readonly architecture: string | null;
  /** `general.name`. */
  readonly name: string | null;
  /** Tokens that the model was made for. */
  readonly contextLength: number | null;
  /** Rows of the embedding: every token id below it is safe to run. It may exceed {@link tokenCount} by padding. */
  readonly vocabSize: number | null;
  /** Entries of the tokenizer's vocabulary. */
  readonly tokenCount: number | null;
  readonly bosTokenId: number | null;
  readonly eosTokenId: number | null;
}

/** No real header comes near it (a vocabulary of a million tokens takes 50 MB); beyond it the file is damaged. */
const MAX_HEADER_BYTES = 128 * 1024 * 1024;
/** Far above every real model; it bounds the memory that the header's own entries take. */
const MAX_ENTRIES = 65536;
const MAX_DIMENSIONS = 4;
const MAX_ALIGNMENT = 65536;
/** The least that one entry can take in the file, so that a count can be judged before anything is read. */
const MIN_METADATA_BYTES = 8 + 4 + 1;
const MIN_TENSOR_INFO_BYTES = 8 + 4 + 8 + 4 + 8;

/**
 * Reads the header of a GGUF file (version 2 or 3, little endian) and nothing behind it. The file may be hostile:
 * counts and lengths are judged by what the file can hold before they are followed. What the header says about the
 * model is judged by `checkGguf`.
 *
 * @throws OpenVinoLlmError `ERR_MODEL_NOT_FOUND` when there is no such file; `ERR_MODEL_LOAD` when it is not GGUF, of
 * another version, truncated within the header, or contradicts itself.
 */
export async function readGgufHeader(path: string): Promise<GgufHeader> {
  const reader = await HeaderReader.open(path, MAX_HEADER_BYTES);
  try {
    const version = await readVersion(reader);
    const tensorCount = await readCount(reader, "tensors", MIN_TENSOR_INFO_BYTES);
    const metadataCount = await readCount(reader, "metadata entries", MIN_METADATA_BYTES);
    const metadata = await readMetadata(reader, metadataCount);
    const tensors = await readTensorInfos(reader, tensorCount, alignmentOf(reader, metadata));
    const architecture = textOf(metadata, "general.architecture");
    return {
      path,
      fileSizeBytes: reader.sizeBytes,
      version,
      metadata,
      tensors,
      architecture,
      name: textOf(metadata, "general.name"),
      contextLength: integerOf(metadata, `${architecture}.context_length`),
      vocabSize: tensors.find(({ name }) => name === "token_embd.weight")?.shape[1] ?? null,
      tokenCount: arrayOf(metadata, "tokenizer.ggml.tokens")?.length ?? null,
      bosTokenId: integerOf(metadata, "tokenizer.ggml.bos_token_id"),
      eosTokenId: integerOf(metadata, "tokenizer.ggml.eos_token_id"),
    };
  } finally {
    await reader.close();
  }
}

async function readVersion(reader: HeaderReader): Promise<number> {
  if (reader.sizeBytes === 0)
    throw reader.error("Expected a GGUF file but the file is empty.", "Download the file again.");
  const start = await reader.peek(Math.min(reader.sizeBytes, 40), "the beginning");
  if (start.toString("latin1", 0, 4) !== GGUF_MAGIC) {
    if (start.toString("latin1").startsWith("version https://git-lfs.")) {
      throw reader.error(
        "Expected a GGUF file but this is a Git LFS pointer to one.",
        "Fetch the file itself: git lfs pull.",
      );
    }
    throw reader.error(
      `Expected a GGUF file, which starts with "GGUF", but it starts with ${describe(start.toString("latin1"))}.`,
    );
  }
  if (start.length < 8)
    throw reader.error(`The file is truncated: it has ${start.length} bytes, no version in them.`);
  const version = start.readUInt32LE(4);
  if (version !== 2 && version !== 3) {
    const other = start.readUInt32BE(4);
    const found = other === 2 || other === 3 ? `version ${other} in big-endian order` : `version ${version}`;
    throw reader.error(
      `Expected GGUF version 2 or 3 in little-endian order but received ${found}.`,
      "Convert the model again.",
    );
  }
  reader.skip(8, "the version");
  return version;
}

async function readCount(reader: HeaderReader, what: string, minBytes: number): Promise<number> {
  const count = await reader.uint64(`the number of ${what}`);
  if (count > MAX_ENTRIES)
    throw reader.error(`Expected at most ${MAX_ENTRIES} ${what} but received ${count}.`);
  checkCount(reader, count, what, minBytes);
  return count;
}

function alignmentOf(reader: HeaderReader, metadata: GgufMetadata): number {
  if (!metadata.has("general.alignment")) return GGUF_DEFAULT_ALIGNMENT;
  const alignment = integerOf(metadata, "general.alignment") ?? 0;
  if (alignment < 1 || alignment > MAX_ALIGNMENT || (alignment & (alignment - 1)) !== 0) {
    throw reader.error(
      `Expected general.alignment to be a power of two up to ${MAX_ALIGNMENT} but received ${alignment}.`,
    );
  }
  return alignment;
}

async function readTensorInfos(
  reader: HeaderReader,
  count: number,
  alignment: number,
): Promise<GgufTensorInfo[]> {
  const relative: GgufTensorInfo[] = [];
  const names = new Set<string>();
  for (let i = 0; i < count; i++) {
    const tensor = await readTensorInfo(reader, i, alignment);
    if (names.has(tensor.name)) throw reader.error(`Tensor ${describe(tensor.name)} occurs twice.`);
    names.add(tensor.name);
    relative.push(tensor);
  }
  const dataOffset = Math.ceil(reader.position / alignment) * alignment;
  return relative.map((tensor) => ({ ...tensor, offsetBytes: dataOffset + tensor.offsetBytes }));
}

/** The offset is still relative to the start of the tensor data, which is known only behind the last entry. */
async function readTensorInfo(
  reader: HeaderReader,
  index: number,
  alignment: number,
): Promise<GgufTensorInfo> {
  const name = await reader.string(`the name of tensor ${index}`, MAX_NAME_BYTES);
  const what = `tensor ${describe(name)}`;
  const dimensions = await reader.uint32(what);
  if (dimensions < 1 || dimensions > MAX_DIMENSIONS) {
    throw reader.error(`Expected 1 to ${MAX_DIMENSIONS} dimensions for ${what} but received ${dimensions}.`);
  }
  const shape: number[] = [];
  for (let i = 0; i < dimensions; i++) shape.push(await reader.uint64(what));
  const elements = shape.reduce((product, dimension) => product * dimension, 1);
  if (elements < 1 || elements > Number.MAX_SAFE_INTEGER) {
    throw reader.error(`Expected a shape that can exist for ${what} but received [${shape.join(", ")}].`);
  }
  const typeId = await reader.uint32(what);
  const type = GGML_TYPES.get(typeId);
  if (type === undefined) throw reader.error(`The ${what} has the unknown type ${typeId}.`);
  if ((shape[0] ?? 0) % type.blockElements !== 0) {
    throw reader.error(
      `Expected rows of a multiple of ${type.blockElements} for ${what} (${type.name}) but received ${shape[0]}.`,
    );
  }
  const offsetBytes = await reader.uint64(what);
  if (offsetBytes % alignment !== 0) {
    throw reader.error(
      `Expected ${what} to start at a multiple of ${alignment} bytes but received ${offsetBytes}.`,
    );
  }
  return {
    name,
    shape,
    type: type.name,
    offsetBytes,
    sizeBytes: (elements / type.blockElements) * type.blockBytes,
  };
}
