import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  MANIFEST_FILE,
  readManifest,
  writeManifest,
  type ModelManifest,
} from "../../../../lib/models/files/manifest.js";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "openvino-llm-manifest-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const FULL: ModelManifest = {
  name: "smollm2",
  source: {
    file: "a.gguf",
    sha256: "ab",
    sizeBytes: 10,
    package: "some-package==1.0",
    license: "Apache-2.0",
  },
  architecture: "llama",
  contextLength: 8192,
  vocabSize: 49152,
  bosTokenId: 0,
  eosTokenId: 2,
  tools: { openvino: "2026.4.1", genai: "2026.4.1.0" },
  created: "2026-01-01T00:00:00.000Z",
};
const EMPTY: ModelManifest = {
  ...FULL,
  source: { file: "a.gguf", sha256: "ab", sizeBytes: 10 },
  architecture: null,
  contextLength: null,
  vocabSize: null,
  bosTokenId: null,
  eosTokenId: null,
  tools: {},
};

const PREPARED: ModelManifest = {
  ...FULL,
  source: {
    kind: "hub",
    file: "owner/model",
    sha256: "ab",
    sizeBytes: 10,
    revision: "c0ffee",
    license: "mit",
  },
  weightFormat: "int4",
  preparation: {
    preset: "phi-4-mini-int4",
    recipe: null,
    options: { weightFormat: "int4", groupSize: 128, ratio: 1, awq: true },
    extraArguments: ["--x", "y"],
    datasetSha256: null,
    seconds: 12.5,
    peakMemoryBytes: 1_000_000,
  },
  files: [{ name: "openvino_model.bin", sizeBytes: 5, sha256: "cd" }],
  weights: "random",
  layersShare: 0.125,
  quality: { perplexity: 23.2 },
};
const PLAIN: ModelManifest = {
  ...EMPTY,
  source: { kind: "folder", file: "a", sha256: "ab", sizeBytes: 10 },
  weightFormat: null,
  preparation: {
    preset: null,
    recipe: "a",
    options: {},
    extraArguments: [],
    datasetSha256: "ef",
    seconds: 0,
    peakMemoryBytes: 0,
  },
  files: [],
  quality: null,
};

test.each([
  ["with every figure", FULL],
  ["with no figure", EMPTY],
  ["of a prepared model", PREPARED],
  ["of a prepared model of which little is known", PLAIN],
])("a manifest %s is read as it was written", async (_, manifest) => {
  await writeManifest(dir, manifest);
  expect(await readManifest(dir)).toEqual(manifest);
});

test("a folder without a manifest, or with another tool's, has none", async () => {
  expect(await readManifest(dir)).toBeNull();
  await writeFile(join(dir, MANIFEST_FILE), '{"format":"something else"}');
  expect(await readManifest(dir)).toBeNull();
});

test.each([
  ["another format version", { formatVersion: 2 }, /format version 1 but received 2/],
  ["no name", { name: undefined }, /name/],
  ["a source that is no object", { source: [] }, /source/],
  ["a hash that is no string", { source: { file: "a", sha256: 5, sizeBytes: 1 } }, /sha256/],
  [
    "a licence that is no string",
    { source: { file: "a", sha256: "a", sizeBytes: 1, license: 5 } },
    /license/,
  ],
  ["a context length of 0", { contextLength: 0 }, /contextLength.*0/],
  ["a token id that is negative", { eosTokenId: -1 }, /eosTokenId.*-1/],
  ["a tool version that is no string", { tools: { genai: 1 } }, /genai/],
  ["no date", { created: null }, /created/],
])("%s is refused with the file and the key", async (_, change, message) => {
  await writeManifest(dir, FULL);
  const path = join(dir, MANIFEST_FILE);
  await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, "utf8")), ...change }));
  await expect(readManifest(dir)).rejects.toMatchObject({
    code: "ERR_MODEL_LOAD",
    message: expect.stringMatching(message),
  });
  await expect(readManifest(dir)).rejects.toThrow(path);
});

test.each([
  ["no time", { preparation: { ...PREPARED.preparation, seconds: "12" } }, /seconds.*"12"/],
  [
    "an option that is a list",
    { preparation: { ...PREPARED.preparation, options: { awq: [] } } },
    /option awq/,
  ],
  ["files that are names", { files: ["openvino_model.bin"] }, /files/],
  ["a share that is no number", { layersShare: null }, /layersShare.*null/],
  ["a quality in words", { quality: "good" }, /quality.*"good"/],
])("a prepared model's manifest with %s is refused with the key", async (_, change, message) => {
  await writeManifest(dir, PREPARED);
  const path = join(dir, MANIFEST_FILE);
  await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, "utf8")), ...change }));
  await expect(readManifest(dir)).rejects.toMatchObject({
    code: "ERR_MODEL_LOAD",
    message: expect.stringMatching(message),
  });
});
