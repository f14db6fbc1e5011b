import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import { IR_FILES } from "../../../lib/models/ir/ir-files.js";
import { listModels } from "../../../lib/models/list.js";
import { removeModel } from "../../../lib/models/store/remove.js";
import { temporaryFolder } from "../../helpers/chain.js";
import { IrText } from "../../helpers/ir-files.js";

let cache: string;
beforeEach(() => {
  cache = temporaryFolder();
  vi.stubEnv("OPENVINO_LLM_CACHE", cache);
  vi.stubEnv("HF_HUB_CACHE", join(cache, "hub"));
});

async function addModel(name: string, manifest?: object): Promise<string> {
  const dir = join(cache, "models", name);
  await mkdir(dir, { recursive: true });
  const ir = new IrText();
  ir.constant("u4", [8, 8], 4);
  for (const file of IR_FILES) await writeFile(join(dir, file), file.endsWith("model.xml") ? ir.text() : "x");
  if (manifest !== undefined) await writeFile(join(dir, "manifest.json"), JSON.stringify(manifest));
  return dir;
}

test("the list has size, precision, random weights and source", async () => {
  const source = { kind: "folder", file: "gpt-oss-20b" };
  const dir = await addModel("a", { weights: "random", seed: 0, layers: 3, layersShare: 0.125, source });
  const plain = await addModel("b");
  await addModel("c", {
    weights: "random",
    layersShare: 1,
    geometry: { of: "openai/gpt-oss-20b" },
    weightFormat: "int8",
  });
  const [a, b, c, known] = await listModels();
  expect(a).toMatchObject({
    name: "a",
    dir,
    isFetchable: false,
    precision: "INT4",
    randomWeights: { seed: 0, layers: 3, layersShare: 0.125 },
    source: "gpt-oss-20b",
  });
  expect(a?.sizeBytes).toBeGreaterThan(5);
  expect(b).toMatchObject({ dir: plain, randomWeights: null, source: null });
  expect(c).toMatchObject({ precision: "INT8", source: "sizes of openai/gpt-oss-20b" });
  expect(known).toMatchObject({ name: "smollm2-135m-instruct", dir: null, sizeBytes: null });
});

test("locks, unfinished entries and folders that hold no model are not listed", async () => {
  await addModel("a.1-0a1b2c3d.tmp");
  await mkdir(join(cache, "models", "empty"));
  await writeFile(join(cache, "models", "a.lock"), "");
  expect((await listModels()).map(({ name }) => name)).toEqual(["smollm2-135m-instruct"]);
});

test("a model is removed by its name, with nothing left of it", async () => {
  const dir = await addModel("a");
  await addModel("b");
  expect(await removeModel("a")).toBe(dir);
  expect(await readdir(join(cache, "models"))).toEqual(["b"]);
  await expect(removeModel("a")).rejects.toMatchObject({ code: "ERR_MODEL_NOT_FOUND" });
});

test("a folder in the cache is removed by its path: models and checkpoints", async () => {
  const dir = await addModel("a");
  const checkpoint = join(cache, "checkpoints", "big-random");
  await mkdir(join(checkpoint, "big"), { recursive: true });
  expect(await removeModel(dir)).toBe(dir);
  expect(await removeModel(checkpoint)).toBe(checkpoint);
  await mkdir(join(checkpoint, "big"), { recursive: true });
  await writeFile(join(checkpoint, "big", "config.json"), "{}");
  await expect(removeModel(join(checkpoint, "other"))).rejects.toMatchObject({ code: "ERR_OUT_OF_RANGE" });
  expect(await removeModel(join(checkpoint, "big"))).toBe(checkpoint);
  expect(await readdir(join(cache, "checkpoints"))).toEqual([]);
});

test("nothing outside the cache is removed, whatever the path looks like", async () => {
  const outside = join(temporaryFolder(), "models", "a");
  await mkdir(outside, { recursive: true });
  await addModel("a");
  const paths = [
    outside,
    join(cache, "models", "..", "..", "x"),
    join(cache, "models", "a", "openvino_model.bin"),
    cache,
    "..",
    ".",
  ];
  for (const path of [...paths, join(cache, "models")]) {
    await expect(removeModel(path)).rejects.toMatchObject({ code: "ERR_OUT_OF_RANGE" });
  }
  await expect(removeModel("")).rejects.toThrow(TypeError);
  expect(await readdir(outside)).toEqual([]);
  expect(await readdir(join(cache, "models"))).toEqual(["a"]);
});

test("of a link in the cache only the link is removed", async () => {
  const real = temporaryFolder();
  await writeFile(join(real, "kept"), "x");
  await mkdir(join(cache, "models"), { recursive: true });
  await symlink(real, join(cache, "models", "linked"));
  await removeModel("linked");
  expect(await readdir(real)).toEqual(["kept"]);
});

test("locks and unfinished entries cannot be removed by their names", async () => {
  await mkdir(join(cache, "models", "a.4194305-0a1b2c3d.tmp"), { recursive: true });
  await expect(removeModel("a.4194305-0a1b2c3d.tmp")).rejects.toMatchObject({ code: "ERR_MODEL_NOT_FOUND" });
});

test("what a killed process left of a removal goes with the next one", async () => {
  await addModel("a");
  await mkdir(join(cache, "models", "a.4194305-0a1b2c3d.tmp"));
  await removeModel("a");
  expect(await readdir(join(cache, "models"))).toEqual([]);
});
