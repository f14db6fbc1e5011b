import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import { checkGguf } from "../../../../../lib/models/gguf/gguf-check.js";
import { readGgufHeader } from "../../../../../lib/models/gguf/gguf.js";
import { readGgufTokenizer } from "../../../../../lib/models/gguf/gguf-tokenizer.js";
import { chainModel, temporaryFolder } from "../../../../../test/helpers/chain.js";
import { tinyGeometry } from "../../../../../test/helpers/tiny-geometry.js";
import { ggufTensors } from "../../../lib/synth/gguf-content.js";

import { ggufTensorBytes, tensorBytes } from "../../../lib/synth/random-blocks.js";
import { synthGguf, writeGgufFile, type SynthGgufOptions } from "../../../lib/synth/synth-gguf.js";

const FORMATS = ["q4_0", "q8_0"] as const;
const WEIGHTS = 1 << 16;

let cache: string;
beforeEach(() => {
  cache = temporaryFolder();
  vi.stubEnv("OPENVINO_LLM_CACHE", cache);
});

test.each(FORMATS)("a file in %s is one that GenAI takes, to its last byte", async (weightFormat) => {
  const path = join(temporaryFolder(), "tiny.gguf");
  const tokenizer = await readGgufTokenizer(await chainModel());
  const plan = { geometry: tinyGeometry("llama-3.2-1b"), layers: 2, seed: 3 };
  const fractions: number[] = [];
  const onEvent: SynthGgufOptions["onEvent"] = (event) => {
    if (event.type === "progress") fractions.push(event.fraction);
  };
  await writeGgufFile(path, plan, tokenizer, { weightFormat, onEvent });
  const header = await readGgufHeader(path);
  checkGguf(header);
  const { vocabSize } = plan.geometry.sizes;
  expect(header).toMatchObject({ architecture: "llama", vocabSize, tokenCount: vocabSize });
  expect(header.tensors.filter(({ type }) => type === weightFormat.toUpperCase())).toHaveLength(15);
  const ends = header.tensors.map(({ offsetBytes, sizeBytes }) => offsetBytes + sizeBytes);
  expect(header.fileSizeBytes - Math.max(...ends)).toBeLessThan(32);
  expect(fractions.at(-1)).toBe(1);
  await expect(writeGgufFile(path, plan, tokenizer, { weightFormat })).rejects.toMatchObject({
    code: "EEXIST",
  });
});

/** The numbers that the blocks stand for. */
function unpacked(bytes: Buffer, type: "Q4_0" | "Q8_0"): number[] {
  const blockBytes = type === "Q4_0" ? 18 : 34;
  const blocks = Array.from({ length: bytes.length / blockBytes }, (_, i) =>
    bytes.subarray(i * blockBytes, (i + 1) * blockBytes),
  );
  return blocks.flatMap((block) => {
    const bits = block.readUInt16LE(0);
    const scale = 2 ** ((bits >> 10) - 15) * (1 + (bits & 0x3ff) / 1024);
    const weights = [...block.subarray(2)];
    return type === "Q4_0"
      ? weights.flatMap((byte) => [(byte & 15) - 8, (byte >> 4) - 8]).map((weight) => weight * scale)
      : weights.map((byte) => ((byte << 24) >> 24) * scale);
  });
}

test.each(["Q4_0", "Q8_0"] as const)("weights in %s are 0.02 from their mean, 0", (type) => {
  const tensor = { name: "blk.0.ffn_up.weight", shape: [256, WEIGHTS / 256], type };
  const weights = unpacked(Buffer.concat([...tensorBytes(tensor, 0)]), type);
  expect(weights).toHaveLength(WEIGHTS);
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / WEIGHTS;
  const variance = weights.reduce((sum, weight) => sum + weight ** 2, 0) / WEIGHTS;
  // 4 bits say -8 to 7: half a step below 0.
  expect(Math.abs(mean)).toBeLessThan(0.003);
  expect(Math.sqrt(variance)).toBeCloseTo(0.02, 3);
});

test("the same seed and name give the same bytes, others give others, in whichever order", () => {
  const tensor = { name: "a", shape: [256, WEIGHTS / 256], type: "Q4_0" } as const;
  const bytesOf = (name: string, seed: number) =>
    Buffer.concat([...tensorBytes({ ...tensor, name }, seed)]).toString("base64");
  const other = bytesOf("b", 1);
  expect(bytesOf("a", 1)).toBe(bytesOf("a", 1));
  expect(other).not.toBe(bytesOf("a", 1));
  expect(bytesOf("a", 2)).not.toBe(bytesOf("a", 1));
});

test("tensors beyond one piece are whole", () => {
  const tensor = { name: "large", shape: [4096, 2048], type: "Q8_0" } as const;
  let [bytes, pieces] = [0, 0];
  for (const piece of tensorBytes(tensor, 0)) {
    bytes += piece.length;
    pieces += 1;
  }
  expect(pieces).toBeGreaterThan(1);
  expect(bytes).toBe(ggufTensorBytes(tensor));
});

test("a model whose output has a matrix of its own has that in the file", () => {
  const tied = tinyGeometry("llama-3.2-1b");
  const untied = { ...tied, sizes: { ...tied.sizes, isTied: false } };
  const names = (geometry: typeof tied) => ggufTensors(geometry, 1, "q4_0").map(({ name }) => name);
  expect(names(tied)).not.toContain("output.weight");
  expect(names(untied)).toContain("output.weight");
});

test("what makes no GGUF file is refused before anything is written", async () => {
  const refused = async (name: string, options: object, message: RegExp) => {
    await expect(synthGguf(name as "phi-4-mini", options as SynthGgufOptions)).rejects.toThrow(message);
  };
  await refused("phi-5", { weightFormat: "q4_0" }, /one of phi-4-mini, gpt-oss-20b, llama-3.2-1b/);
  await refused("phi-4-mini", { weightFormat: "q4_0" }, /family llama .* received "phi-4-mini"/);
  await refused("llama-3.2-1b", { weightFormat: "int4" }, /one of q4_0, q8_0 for options.weightFormat/);
  await refused("llama-3.2-1b", { weightFormat: "q4_0", layers: 17 }, /from 1 to 16 for options.layers/);
  expect(await readdir(cache)).toEqual([]);
});

test("an abort leaves nothing", async () => {
  const out = join(temporaryFolder(), "model.gguf");
  const controller = new AbortController();
  const onEvent = () => controller.abort();
  const options = { weightFormat: "q4_0", layers: 1, out, signal: controller.signal, onEvent } as const;
  await expect(synthGguf("llama-3.2-1b", options)).rejects.toMatchObject({ name: "AbortError" });
  await expect(readFile(out)).rejects.toMatchObject({ code: "ENOENT" });
  expect(await readdir(join(out, ".."))).toEqual([]);
});
