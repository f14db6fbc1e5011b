import { execFile } from "node:child_process";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { chainModelContent } from "../../../../lib/models/gguf/chain-model.js";
import { checkGguf } from "../../../../lib/models/gguf/gguf-check.js";
import { GgufValueType } from "../../../../lib/models/gguf/gguf-format.js";
import { encodeGguf, type GgufWriteValue } from "../../../../lib/models/gguf/gguf-writer.js";
import { readGgufHeader } from "../../../../lib/models/gguf/gguf.js";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "openvino-llm-gguf-"));
  path = join(folder, "model.gguf");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** The chain model's file with other metadata. */
function chain(metadata: Record<string, GgufWriteValue> = {}): Buffer {
  const content = chainModelContent();
  return encodeGguf({ ...content, metadata: { ...content.metadata, ...metadata } });
}

async function read(bytes: Uint8Array) {
  await writeFile(path, bytes);
  return readGgufHeader(path);
}

/** Bytes of a file head: pieces are numbers of 32 bits, bigints of 64 bits, and strings with their length before them. */
function head(...parts: (number | bigint | string)[]): Buffer {
  const encoded = parts.map((part) => {
    if (typeof part === "string")
      return Buffer.concat([head(BigInt(Buffer.byteLength(part))), Buffer.from(part)]);
    const bytes = Buffer.alloc(typeof part === "number" ? 4 : 8);
    if (typeof part === "number") bytes.writeUInt32LE(part);
    else bytes.writeBigUInt64LE(part);
    return bytes;
  });
  return Buffer.concat(encoded);
}
const MAGIC = 0x46554747;

const loadError = (message: RegExp) => ({ code: "ERR_MODEL_LOAD", message: expect.stringMatching(message) });

describe("what a header says", () => {
  test("the figures of the model, its metadata and where each tensor lies", async () => {
    const content = chainModelContent();
    const bytes = encodeGguf(content);
    const header = await read(bytes);
    expect(header).toMatchObject({ path, version: 3, fileSizeBytes: bytes.length, architecture: "llama" });
    expect([...header.metadata.keys()]).toEqual(Object.keys(content.metadata));
    expect(header.metadata.get("tokenizer.ggml.merges")?.value).toEqual({
      elementType: GgufValueType.string,
      length: 28,
    });
    expect(header.metadata.get("llama.attention.layer_norm_rms_epsilon")?.value).toBeCloseTo(1e-6, 12);
    for (const [i, tensor] of content.tensors.entries()) {
      const found = header.tensors[i];
      expect(found).toMatchObject({ name: tensor.name, shape: tensor.shape, type: tensor.type });
      const start = found?.offsetBytes ?? 0;
      expect(bytes.subarray(start, start + (found?.sizeBytes ?? 0)).equals(tensor.data)).toBe(true);
    }
  });

  test("version 2 reads like version 3", async () => {
    const bytes = chain();
    bytes.writeUInt32LE(2, 4);
    expect(await read(bytes)).toMatchObject({ version: 2, vocabSize: 288 });
  });

  test("every scalar type is understood", async () => {
    const scalars = [
      { type: GgufValueType.uint8, stored: new Uint8Array([200]), value: 200 },
      { type: GgufValueType.int8, stored: new Int8Array([-56]), value: -56 },
      { type: GgufValueType.uint16, stored: new Uint16Array([60_000]), value: 60_000 },
      { type: GgufValueType.int16, stored: new Int16Array([-2]), value: -2 },
      { type: GgufValueType.uint32, stored: new Uint32Array([4e9]), value: 4e9 },
      { type: GgufValueType.int32, stored: new Int32Array([-3]), value: -3 },
      { type: GgufValueType.float32, stored: new Float32Array([0.5]), value: 0.5 },
      { type: GgufValueType.bool, stored: new Uint8Array([1]), value: true },
      { type: GgufValueType.uint64, stored: new BigUint64Array([5n]), value: 5 },
      { type: GgufValueType.int64, stored: new BigInt64Array([-5n]), value: -5 },
      { type: GgufValueType.float64, stored: new Float64Array([1.25]), value: 1.25 },
    ];
    const entries = scalars.map(({ type, stored }, i) =>
      Buffer.concat([head(`key${i}`, type), Buffer.from(stored.buffer)]),
    );
    const header = await read(Buffer.concat([head(MAGIC, 3, 0n, BigInt(entries.length)), ...entries]));
    expect([...header.metadata.values()]).toEqual(scalars.map(({ type, value }) => ({ type, value })));
  });

  test("keys that are missing give null", async () => {
    const header = await read(head(MAGIC, 3, 0n, 0n));
    expect(header).toMatchObject({
      architecture: null,
      name: null,
      contextLength: null,
      vocabSize: null,
      tokenCount: null,
      bosTokenId: null,
      eosTokenId: null,
    });
  });

  test("a vocabulary larger than one read is counted", async () => {
    const tokens = Array.from({ length: 60_000 }, (_, i) => `token${i}`);
    const header = await read(chain({ "tokenizer.ggml.tokens": { type: "strings", value: tokens } }));
    expect(header.tokenCount).toBe(60_000);
    expect(header.eosTokenId).toBe(287);
  });

  test("only the header is read: a file of 50 GB that is mostly a hole takes no longer", async () => {
    await writeFile(path, chain());
    await truncate(path, 50e9);
    const header = await readGgufHeader(path);
    checkGguf(header);
    expect(header.fileSizeBytes).toBe(50e9);
  });
});

describe("files that are something else", () => {
  test("a missing file", async () => {
    await expect(readGgufHeader(path)).rejects.toMatchObject({
      code: "ERR_MODEL_NOT_FOUND",
      message: expect.stringContaining(path),
    });
  });

  test("an empty file", async () => {
    await expect(read(Buffer.alloc(0))).rejects.toMatchObject(loadError(/model\.gguf: .*empty/));
  });

  test("a text file", async () => {
    await expect(read(Buffer.from("Hello, this is text."))).rejects.toMatchObject(
      loadError(/starts with "Hello, this/),
    );
  });

  test("a Git LFS pointer", async () => {
    const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";
    await expect(read(Buffer.from(pointer))).rejects.toMatchObject(loadError(/git lfs pull/));
  });

  test("a folder", async () => {
    await expect(readGgufHeader(folder)).rejects.toMatchObject(loadError(/not a regular file/));
  });

  test("a named pipe, without waiting for a writer", async () => {
    await promisify(execFile)("mkfifo", [path]);
    await expect(readGgufHeader(path)).rejects.toMatchObject(loadError(/not a regular file/));
  });

  test("another version", async () => {
    const bytes = chain();
    bytes.writeUInt32LE(1, 4);
    await expect(read(bytes)).rejects.toMatchObject(loadError(/version 2 or 3.*received version 1\b/));
  });

  test("big-endian byte order", async () => {
    const bytes = chain();
    bytes.writeUInt32BE(3, 4);
    await expect(read(bytes)).rejects.toMatchObject(loadError(/version 3 in big-endian/));
  });
});

describe("hostile and damaged headers", () => {
  const HUGE = 2n ** 63n;
  const tensor = (shape: bigint[], type: number, offset = 0n) =>
    head(MAGIC, 3, 1n, 0n, "t", shape.length, ...shape, type, offset);

  test.each([
    ["2^63 tensors", head(MAGIC, 3, HUGE, 0n), /tensors/],
    ["2^63 metadata entries", head(MAGIC, 3, 0n, HUGE), /metadata entries/],
    [
      "more tensors than the file has room for",
      head(MAGIC, 3, 1000n, 0n),
      /1000 tensors.*of its 24 have room for 0/,
    ],
    ["a key of 2^63 bytes", head(MAGIC, 3, 0n, 1n, HUGE, 0, 0n), /metadata key 0/],
    ["a string of 2^63 bytes", head(MAGIC, 3, 0n, 1n, "k", GgufValueType.string, HUGE), /value of k/],
    [
      "an array of 2^63 strings",
      head(MAGIC, 3, 0n, 1n, "k", GgufValueType.array, GgufValueType.string, HUGE),
      /elements of k/,
    ],
    [
      "an array of 2^63 numbers",
      head(MAGIC, 3, 0n, 1n, "k", GgufValueType.array, GgufValueType.uint8, HUGE),
      /elements of k/,
    ],
    [
      "a string in an array that is longer than the file",
      head(MAGIC, 3, 0n, 1n, "k", GgufValueType.array, GgufValueType.string, 1n, HUGE),
      /truncated.*array k/,
    ],
    [
      "an array of arrays",
      head(MAGIC, 3, 0n, 1n, "k", GgufValueType.array, GgufValueType.array, 1n),
      /nested/,
    ],
    ["a value of an unknown type", head(MAGIC, 3, 0n, 1n, "k", 99, 0n), /unknown type 99/],
    [
      "a key twice",
      head(MAGIC, 3, 0n, 2n, "k", GgufValueType.uint32, 1, "k", GgufValueType.uint32, 1),
      /"k" occurs twice/,
    ],
    ["an alignment of 3", head(MAGIC, 3, 0n, 1n, "general.alignment", GgufValueType.uint32, 3), /alignment/],
    ["a tensor of no dimensions", tensor([], 0), /1 to 4 dimensions.*received 0/],
    ["a tensor of five dimensions", tensor([1n, 1n, 1n, 1n, 1n], 0), /1 to 4 dimensions.*received 5/],
    ["a dimension of zero", tensor([32n, 0n], 0), /shape/],
    ["more elements than a number can hold", tensor([2n ** 62n, 2n ** 62n], 0), /shape/],
    ["an unknown tensor type", tensor([32n], 99), /unknown type 99/],
    ["a quantised row that is no whole number of blocks", tensor([33n], 2), /multiple of 32.*Q4_0.*33/],
    ["a tensor that starts off the alignment", tensor([32n], 0, 8n), /multiple of 32 bytes/],
    ["no room for the second of two tensors", head(MAGIC, 3, 2n, 0n, "t", 1, 1n, 0, 0n), /2 tensors/],
  ])("%s", async (_, bytes, message) => {
    await expect(read(bytes)).rejects.toMatchObject(loadError(message));
  });

  test("a tensor twice", async () => {
    const info = ["t", 1, 1n, 0, 0n] as const;
    await expect(read(head(MAGIC, 3, 2n, 0n, ...info, ...info))).rejects.toMatchObject(
      loadError(/"t" occurs twice/),
    );
  });

  test("a file cut anywhere is refused, and a cut behind the header is reported with both sizes", async () => {
    const whole = chain();
    const dataOffset = Math.min(...(await read(whole)).tensors.map(({ offsetBytes }) => offsetBytes));
    const cuts = new Set([dataOffset - 1, dataOffset, dataOffset + 1, whole.length - 1]);
    for (let cut = 1; cut < dataOffset; cut += 97) cuts.add(cut);
    for (let cut = dataOffset; cut < whole.length; cut += 33_333) cuts.add(cut);
    for (const cut of cuts) {
      const outcome = read(whole.subarray(0, cut)).then(checkGguf);
      const message =
        cut < dataOffset ? /truncated|room for/ : new RegExp(`has ${cut} bytes.*${whole.length}`);
      await expect(outcome, `cut at ${cut}`).rejects.toMatchObject(
        cut < 4 ? loadError(/GGUF/) : loadError(message),
      );
    }
  });

  test("flipped bits are noticed or harmless, and never end in another kind of error", async () => {
    const whole = chain();
    const dataOffset = Math.min(...(await read(whole)).tensors.map(({ offsetBytes }) => offsetBytes));
    const random = generator(20_26);
    let refused = 0;
    for (let round = 0; round < 200; round++) {
      const damaged = Buffer.from(whole);
      const flips = 1 + (round % 3);
      const places = Array.from({ length: flips }, () => [random() % dataOffset, random() % 8] as const);
      for (const [at, bit] of places) damaged.writeUInt8(damaged.readUInt8(at) ^ (1 << bit), at);
      await read(damaged)
        .then(checkGguf)
        .catch((error: unknown) => {
          expect(error, JSON.stringify(places)).toMatchObject({ code: "ERR_MODEL_LOAD" });
          refused++;
        });
    }
    // Most of the header is token text, where a flip only changes a token.
    expect(refused).toBeGreaterThan(25);
  });
});

/** A linear congruential generator: the same numbers on every run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 8;
  };
}
