import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readModelInfo } from "../../../lib/models/config.js";
import { writeManifest, type ModelManifest } from "../../../lib/models/files/manifest.js";

let folder: string;
let dir: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "openvino-llm-config-"));
  dir = join(folder, "my-model");
  await mkdir(dir);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const write = (file: string, content: unknown) => writeFile(join(dir, file), JSON.stringify(content));

const MANIFEST: ModelManifest = {
  name: "converted",
  source: { file: "a.gguf", sha256: "00", sizeBytes: 1 },
  architecture: "llama",
  contextLength: 512,
  vocabSize: 300,
  bosTokenId: null,
  eosTokenId: 7,
  tools: {},
  created: "2026-01-01T00:00:00.000Z",
};

test("a folder without any of the files is known by its name only", async () => {
  const unknown = { contextLength: null, vocabSize: null, generationConfig: {} };
  expect(await readModelInfo(dir)).toEqual({ name: "my-model", ...unknown });
});

test("an exported model has its figures in config.json and its defaults in generation_config.json", async () => {
  const generationConfig = {
    do_sample: true,
    temperature: 0.6,
    eos_token_id: [1, 2],
    transformers_version: "5.5.4",
  };
  await write("config.json", { max_position_embeddings: 8192, vocab_size: 49152 });
  await write("generation_config.json", generationConfig);
  expect(await readModelInfo(dir)).toEqual({
    name: "my-model",
    contextLength: 8192,
    vocabSize: 49152,
    generationConfig,
  });
});

test("the figures of a model with several parts are those of its language model", async () => {
  await write("config.json", {
    vocab_size: null,
    text_config: { max_position_embeddings: 4096, vocab_size: 1000 },
  });
  expect(await readModelInfo(dir)).toMatchObject({ contextLength: 4096, vocabSize: 1000 });
});

test.each(["n_positions", "seq_length"])("the context length may stand under %s", async (key) => {
  await write("config.json", { [key]: 1024 });
  expect(await readModelInfo(dir)).toMatchObject({ contextLength: 1024 });
});

test("a converted model has its figures in the manifest, its end-of-sequence token included", async () => {
  await writeManifest(dir, MANIFEST);
  expect(await readModelInfo(dir)).toEqual({
    name: "converted",
    contextLength: 512,
    vocabSize: 300,
    generationConfig: { eos_token_id: 7 },
  });
});

test("config.json and generation_config.json go before the manifest", async () => {
  await writeManifest(dir, MANIFEST);
  await write("config.json", { max_position_embeddings: 100 });
  await write("generation_config.json", {});
  expect(await readModelInfo(dir)).toEqual({
    name: "converted",
    contextLength: 100,
    vocabSize: 300,
    generationConfig: {},
  });
});

test("another tool's manifest.json is left alone", async () => {
  await write("manifest.json", { name: "of something else", contextLength: 1 });
  expect(await readModelInfo(dir)).toMatchObject({ name: "my-model", contextLength: null });
});

test.each(["config.json", "generation_config.json", "manifest.json"])(
  "a broken %s is named",
  async (file) => {
    const path = join(dir, file);
    for (const text of ["{", "", "[]", "null"]) {
      await writeFile(path, text);
      await expect(readModelInfo(dir), text).rejects.toMatchObject({
        code: "ERR_MODEL_LOAD",
        message: expect.stringContaining(path),
      });
    }
  },
);

test.each(["8192", 0, -1, 1.5, 1e300, {}])("a context length of %j is refused", async (value) => {
  await write("config.json", { max_position_embeddings: value });
  await expect(readModelInfo(dir)).rejects.toMatchObject({
    code: "ERR_MODEL_LOAD",
    message: expect.stringMatching(/config\.json: .*max_position_embeddings/),
  });
});

test("a file that cannot be read is named", async () => {
  await mkdir(join(dir, "config.json"));
  await expect(readModelInfo(dir)).rejects.toMatchObject({
    code: "ERR_MODEL_LOAD",
    message: expect.stringContaining("config.json"),
  });
});
