import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  MANIFEST_FILE,
  readManifest,
  writeManifest,
  type ModelManifest,
} from "../../../lib/models/manifest.js";

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

test.each([
  ["with every figure", FULL],
  ["with no figure", EMPTY],
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
