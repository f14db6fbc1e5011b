import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { OpenVinoLlmError } from "../../../../lib/errors/errors.js";
import { readSafetensorsHeader } from "../../../../lib/models/files/safetensors.js";
import { encodeSafetensors, fileOf } from "../../../helpers/safetensors.js";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "openvino-llm-safetensors-"));
  path = join(folder, "adapter.safetensors");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function read(bytes: Uint8Array) {
  await writeFile(path, bytes);
  return readSafetensorsHeader(path);
}

const entry = (fields: object = {}): object => ({
  dtype: "F32",
  shape: [2, 3],
  data_offsets: [0, 24],
  ...fields,
});
/** A file with one tensor of 24 bytes, whose entry has other fields. */
const oneTensor = (fields: object, data = Buffer.alloc(24)): Buffer =>
  fileOf(JSON.stringify({ t: entry(fields) }), data);

describe("a header", () => {
  test("says name, type and shape of each tensor", async () => {
    const bytes = encodeSafetensors({
      a: { rows: 2, columns: 3 },
      b: { rows: 4, columns: 1, dtype: "F16" },
      c: { rows: 1, columns: 1, dtype: "BF16" },
    });
    expect(await read(bytes)).toEqual({
      path,
      tensors: [
        { name: "a", dtype: "F32", shape: [2, 3] },
        { name: "b", dtype: "F16", shape: [4, 1] },
        { name: "c", dtype: "BF16", shape: [1, 1] },
      ],
    });
  });

  test("may have metadata, spaces at its end, tensors in another order than their data, and single numbers", async () => {
    const header = {
      __metadata__: { format: "pt" },
      second: entry({ data_offsets: [4, 28] }),
      first: entry({ shape: [], data_offsets: [0, 4] }),
    };
    const { tensors } = await read(fileOf(`${JSON.stringify(header)}     `, Buffer.alloc(28)));
    expect(tensors.map(({ name }) => name)).toEqual(["second", "first"]);
  });

  test("may be without a tensor", async () => {
    expect(await read(fileOf("{}"))).toEqual({ path, tensors: [] });
  });

  test("of a name that objects have is one like any other", async () => {
    const text = '{"__proto__":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}';
    const { tensors } = await read(fileOf(text, Buffer.alloc(1)));
    expect(tensors).toEqual([{ name: "__proto__", dtype: "U8", shape: [1] }]);
  });
});

const lengthOnly = (length: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(length);
  return bytes;
};

describe("refused with the file's path and the reason", () => {
  test.each<[string, Buffer, string]>([
    ["an empty file", Buffer.alloc(0), "truncated: it has 0 bytes but its header reaches to byte 8"],
    ["half a length", Buffer.alloc(7), "truncated: it has 7 bytes"],
    [
      "a length beyond the file",
      lengthOnly(100n),
      "truncated: it has 8 bytes but its header reaches to byte 108",
    ],
    ["a length of 2^64 - 1", lengthOnly(2n ** 64n - 1n), "at most 33554432 bytes"],
    ["a length of 2^63", lengthOnly(2n ** 63n), "at most 33554432 bytes"],
    ["a GGUF file", Buffer.from("GGUF\x03\0\0\0\0\0\0\0"), 'but it starts with "GGUF'],
    ["a file of PyTorch", Buffer.from("PK\x03\x04\x14\0\x08\x08"), "Expected a safetensors file"],
    ["no header", fileOf(""), 'in JSON but it starts with ""'],
    ["a header that is no JSON", fileOf("{'a':1}"), "in JSON but it starts with \"{'a':1}\""],
    ["a header that is no object", fileOf("[]"), "a JSON object as the header but received an array of 0"],
    ["a header that ends early", fileOf('{"t":'), "in JSON"],
    // GenAI's reader would take what follows the quotation mark for more of the header.
    ["escapes", fileOf('{"__metadata__":{"a":"b\\\\"}}'), "without escapes"],
    ["line breaks", fileOf("{\n}"), "in one line"],
    ["metadata that is no object", fileOf('{"__metadata__":"a"}'), "strings in __metadata__"],
    ["metadata that is no text", fileOf('{"__metadata__":{"a":1}}'), "strings in __metadata__"],
    // GenAI's reader has room for 100.
    [
      "too much metadata",
      fileOf(
        JSON.stringify({ __metadata__: Object.fromEntries(Array.from({ length: 100 }, (_, i) => [i, ""])) }),
      ),
      "at most 99 entries in __metadata__ but received 100",
    ],
    ["a tensor that is no object", fileOf('{"t":[1]}'), 'for tensor "t" but received undefined'],
    ["an unknown type", oneTensor({ dtype: "F128" }), 'for tensor "t" but received "F128"'],
    ["a type that is no text", oneTensor({ dtype: 1 }), 'for tensor "t" but received 1'],
    ["no shape", oneTensor({ shape: undefined }), 'a shape of up to 8 dimensions for tensor "t"'],
    ["a negative dimension", oneTensor({ shape: [-2, -3] }), "a shape of up to 8 dimensions"],
    ["a fractional dimension", oneTensor({ shape: [1.5, 4] }), "a shape of up to 8 dimensions"],
    [
      "too many dimensions",
      oneTensor({ shape: [2, 3, 1, 1, 1, 1, 1, 1, 1] }),
      "a shape of up to 8 dimensions",
    ],
    ["a shape beyond all memory", oneTensor({ shape: [2 ** 40, 2 ** 40] }), "data_offsets"],
    ["a shape larger than its bytes", oneTensor({ shape: [2, 4] }), "that are 32 apart"],
    ["no offsets", oneTensor({ data_offsets: undefined }), "but received undefined"],
    ["one offset", oneTensor({ data_offsets: [24] }), "but received [24]"],
    ["offsets the wrong way round", oneTensor({ data_offsets: [24, 0] }), "but received [24, 0]"],
    ["a negative offset", oneTensor({ data_offsets: [-24, 0] }), "data_offsets"],
    ["an offset beyond the file", oneTensor({ data_offsets: [1e15, 1e15 + 24] }), "to begin at byte 0"],
    ["an unknown entry", oneTensor({ strides: [3, 1] }), 'has an unknown entry "strides"'],
    [
      "a truncated end",
      oneTensor({}, Buffer.alloc(23)),
      "truncated: its data has 23 bytes but the tensors end at 24",
    ],
    ["more data than tensors", oneTensor({}, Buffer.alloc(25)), "more than its tensors"],
    [
      "tensors that share bytes",
      fileOf(JSON.stringify({ a: entry(), b: entry({ data_offsets: [20, 44] }) }), Buffer.alloc(44)),
      'tensor "b" to begin at byte 24 of the data but received 20',
    ],
    [
      "bytes between tensors",
      fileOf(JSON.stringify({ a: entry(), b: entry({ data_offsets: [28, 52] }) }), Buffer.alloc(52)),
      'tensor "b" to begin at byte 24 of the data but received 28',
    ],
  ])("%s", async (_, bytes, message) => {
    await expect(read(bytes)).rejects.toMatchObject({ code: "ERR_MODEL_LOAD" });
    await expect(read(bytes)).rejects.toThrow(`${path}: `);
    await expect(read(bytes)).rejects.toThrow(message);
  });

  test("a folder, and a named pipe that nobody writes to", async () => {
    await expect(readSafetensorsHeader(folder)).rejects.toThrow(`${folder}: Expected a file`);
    execFileSync("mkfifo", [path]);
    await expect(readSafetensorsHeader(path)).rejects.toThrow(`${path}: Expected a file`);
  });

  test("a file that is not there, by a code of its own", async () => {
    await expect(readSafetensorsHeader(path)).rejects.toMatchObject({
      code: "ERR_MODEL_NOT_FOUND",
      message: `Expected a LoRA adapter at ${path} but nothing is there.`,
    });
    await expect(readSafetensorsHeader(join(path, "x"))).rejects.toMatchObject({
      code: "ERR_MODEL_NOT_FOUND",
    });
  });
});

test("any damage gives either a header whose tensors lie in the file, or an error with a code", async () => {
  const whole = encodeSafetensors({ a: { rows: 2, columns: 3 }, b: { rows: 4, columns: 1, dtype: "F16" } });
  const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(damage, fc.nat(whole.length), async (edits, length) => {
      const bytes = Buffer.from(whole);
      for (const [at, value] of edits) bytes[at] = value;
      const result = await read(bytes.subarray(0, length % 3 === 0 ? length : whole.length)).catch(
        (error: unknown) => error,
      );
      if (result instanceof OpenVinoLlmError) return result.code === "ERR_MODEL_LOAD";
      const { tensors } = result as Awaited<ReturnType<typeof read>>;
      const sizes = { F32: 4, F16: 2 } as Record<string, number>;
      const total = tensors.reduce(
        (sum, { dtype, shape }) => sum + shape.reduce((a, b) => a * b, sizes[dtype] ?? 1),
        0,
      );
      return total <= whole.length;
    }),
    { numRuns: 300, seed: 7 },
  );
});
