import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { checkGroupSize, readCheckpoint } from "../../../lib/prepare/checkpoint.js";
import type { ExportOptions } from "../../../lib/prepare/export-options.js";
import { checkMemory, exportNeeds } from "../../../lib/prepare/needs.js";
import { writeCheckpoint, writeWeights } from "./write-checkpoint.js";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "openvino-llm-checkpoint-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe("readCheckpoint", () => {
  test("counts parameters and bytes over all files of an index", async () => {
    await writeCheckpoint(dir, { config: { hidden_size: 4 }, weights: null });
    await writeWeights(join(dir, "a.safetensors"), { x: { dtype: "BF16", shape: [3, 4] } });
    await writeWeights(join(dir, "b.safetensors"), { y: { dtype: "F32", shape: [5] } });
    const map = { x: "a.safetensors", y: "b.safetensors" };
    await writeFile(join(dir, "model.safetensors.index.json"), JSON.stringify({ weight_map: map }));
    expect(await readCheckpoint(dir)).toEqual({
      config: { hidden_size: 4 },
      files: expect.arrayContaining(["a.safetensors", "b.safetensors", "config.json"]),
      standIn: {},
      size: { parameters: 17, loadedBytes: 44, isMoe: false },
    });
  });

  test("counts packed 4-bit experts as the 16-bit numbers that they are loaded as", async () => {
    await writeCheckpoint(dir, {
      config: { num_local_experts: 8 },
      weights: { experts_blocks: { dtype: "U8", shape: [10] }, router: { dtype: "BF16", shape: [2] } },
    });
    expect((await readCheckpoint(dir)).size).toEqual({ parameters: 22, loadedBytes: 44, isMoe: true });
  });

  test.each<[string, () => Promise<void>, RegExp]>([
    ["an empty folder", () => Promise.resolve(), /no config\.json.*Pass the folder of a checkpoint/],
    [
      "a folder with OpenVINO IR",
      () => writeFile(join(dir, "openvino_model.xml"), "x"),
      /ready to be loaded/,
    ],
    ["a folder with a GGUF file", () => writeFile(join(dir, "m.gguf"), "x"), /pass .*m\.gguf/],
    [
      "a config that is no JSON",
      () => writeFile(join(dir, "config.json"), "{"),
      /config\.json: Expected JSON/,
    ],
    ["no weights", () => writeFile(join(dir, "config.json"), "{}"), /Expected weights/],
  ])("refuses %s", async (_, make, message) => {
    await make();
    await expect(readCheckpoint(dir)).rejects.toMatchObject({
      code: "ERR_MODEL_LOAD",
      message: expect.stringMatching(message),
    });
  });

  test("refuses weights without a tokenizer", async () => {
    await writeCheckpoint(dir, {});
    await rm(join(dir, "tokenizer.json"));
    await expect(readCheckpoint(dir)).rejects.toThrow(/Expected a tokenizer/);
  });

  test("names the first file that an index promises and that is missing", async () => {
    await writeCheckpoint(dir, {});
    const map = { x: "model-00001-of-00002.safetensors", y: "model.safetensors" };
    await writeFile(join(dir, "model.safetensors.index.json"), JSON.stringify({ weight_map: map }));
    await expect(readCheckpoint(dir)).rejects.toThrow(/1 of 2 .* missing: model-00001-of-00002\.safetensors/);
  });

  test.each([0, 4, 20, 200])("refuses a file with weights that ends after %d bytes", async (bytes) => {
    await writeCheckpoint(dir, { weights: { x: { dtype: "F16", shape: [100, 10] } } });
    await truncate(join(dir, "model.safetensors"), bytes);
    await expect(readCheckpoint(dir)).rejects.toMatchObject({
      code: "ERR_MODEL_LOAD",
      message: expect.stringContaining("model.safetensors: Expected"),
    });
  });
});

describe("checkGroupSize", () => {
  test("names a size that divides the width", () => {
    const config = { hidden_size: 576 };
    expect(() => checkGroupSize(config, { weightFormat: "int4", groupSize: 128 })).toThrow(
      /width 576 such as 64 .*128/,
    );
    expect(() => checkGroupSize(config, { weightFormat: "int4", awq: true })).toThrow(/128/);
  });

  test.each<ExportOptions>([
    { weightFormat: "int4", groupSize: 64 },
    { weightFormat: "int4", groupSize: -1 },
    { weightFormat: "int4", groupSize: 128, groupSizeFallback: "adjust" },
    { weightFormat: "int4" },
    { weightFormat: "int8", groupSize: 128 },
  ])("accepts what divides it, what may give way, and what is the exporter's to choose: %j", (options) => {
    expect(() => checkGroupSize({ text_config: { hidden_size: 576 } }, options)).not.toThrow();
  });
});

test("needs agree with what was measured on real geometries", () => {
  const phi = { parameters: 3.836e9, loadedBytes: 7.672e9, isMoe: false };
  const gptOss = { parameters: 4.45e9, loadedBytes: 8.9e9, isMoe: true };
  // Phi-4-mini INT8 took 12.5 GB of memory, four layers of gpt-oss-20b 20.2 GB.
  expect(exportNeeds(phi, { weightFormat: "int8" }).memoryBytes / 12.5e9).toBeCloseTo(1, 1);
  expect(exportNeeds(gptOss, { weightFormat: "int8" }).memoryBytes / 20.2e9).toBeCloseTo(1, 1);
  // Static INT8 of SmolLM2-135M and Llama 3.2 1B, calibrated on 48 samples.
  const smol = { parameters: 0.1345e9, loadedBytes: 0.269e9, isMoe: false };
  const llama = { parameters: 1.236e9, loadedBytes: 2.472e9, isMoe: false };
  const staticInt8: ExportOptions = { quantMode: "int8", dataset: "bundled" };
  expect(exportNeeds(smol, staticInt8).memoryBytes / 3.74e9).toBeCloseTo(1, 1);
  expect(exportNeeds(llama, staticInt8).memoryBytes / 17.12e9).toBeCloseTo(1, 1);
  // Results of 2.35, 3.84 and 4.46 GB, beside an unquantised model of the loaded size.
  expect(exportNeeds(phi, { weightFormat: "int4" }).diskBytes).toBeGreaterThan(2.35e9 + 7.672e9);
  expect(exportNeeds(phi, { weightFormat: "int8" }).diskBytes).toBeGreaterThan(3.84e9 + 7.672e9);
  expect(exportNeeds(gptOss, { weightFormat: "int8" }).diskBytes).toBeGreaterThan(4.46e9 + 8.9e9);
});

test("too little memory is said with the numbers", () => {
  expect(() => checkMemory(5e15, "the export of x")).toThrow(
    /about 5000000\.0 GB of free memory for the export of x but there are \d+(?:\.\d)? [GM]B.*--force/,
  );
  expect(() => checkMemory(1, "the export of x")).not.toThrow();
});
