import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { commandArguments, resolvePreparation } from "../../../lib/prepare/prepare-options.js";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "openvino-llm-prepare-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const env = { OPENVINO_LLM_CACHE: "/cache" };

test("an id on the hub goes into the cache under a name that says how it was made", async () => {
  const request = await resolvePreparation(
    "microsoft/Phi-4-mini-instruct",
    { weightFormat: "int4", groupSize: 128, awq: true, scaleEstimation: true, dataset: "wikitext2" },
    env,
  );
  expect(request).toMatchObject({
    source: { kind: "hub", id: "microsoft/Phi-4-mini-instruct", name: "Phi-4-mini-instruct" },
    name: "phi-4-mini-instruct-int4-g128-awq-se",
    dir: "/cache/models/phi-4-mini-instruct-int4-g128-awq-se",
    recipe: "Phi-4-mini-instruct",
    revision: "main",
    samples: null,
  });
});

test("a preset brings model, options and name; what is given stands above it", async () => {
  const published = await resolvePreparation(undefined, { preset: "phi-4-mini-int4" }, env);
  expect(published.source).toMatchObject({ kind: "hub", id: "microsoft/Phi-4-mini-instruct" });
  expect(published.name).toBe("phi-4-mini-int4");
  const changed = await resolvePreparation(
    undefined,
    { preset: "phi-4-mini-int4", dataset: "auto", groupSize: 64 },
    env,
  );
  expect(changed.options).toMatchObject({ dataset: "auto", groupSize: 64, awq: true, scaleEstimation: true });
});

test("a folder with a preset takes the recipe of the preset's model, whatever the folder's name", async () => {
  const folder = join(dir, "gpt-oss-20b-random-3-of-24");
  await mkdir(folder);
  const request = await resolvePreparation(folder, { preset: "gpt-oss-20b-int4" }, env);
  expect(request).toMatchObject({ recipe: "gpt-oss-20b", name: "gpt-oss-20b-random-3-of-24-int4" });
});

test("static INT8 is a preset for every model, calibrated on the text that the package brings along", async () => {
  const request = await resolvePreparation("a/Own-Model", { preset: "amx-int8" }, env);
  expect(request).toMatchObject({
    name: "own-model-amx-int8",
    recipe: "Own-Model",
    options: { quantMode: "int8", dataset: "bundled" },
  });
  expect(commandArguments(request)).toEqual([
    "--dataset=auto",
    "--quant-mode=int8",
    "--smooth-quant-alpha=0.7",
    "--task=text-generation-with-past",
  ]);
  const text = await readFile(request.samples ?? "", "utf8");
  expect(text.trim().split(/\n\s*\n/)).toHaveLength(48);
  await expect(resolvePreparation(undefined, { preset: "amx-int8" }, env)).rejects.toThrow(/for source/);
  const own = join(dir, "own.txt");
  await writeFile(own, "one\n\ntwo");
  const changed = await resolvePreparation(
    "a/b",
    { preset: "amx-int8", dataset: own, smoothQuantAlpha: 0.5 },
    env,
  );
  expect(changed).toMatchObject({ samples: own, options: { smoothQuantAlpha: 0.5, quantMode: "int8" } });
});

test("a text file takes the data set's place", async () => {
  const file = join(dir, "own words.txt");
  await writeFile(file, "one\n\ntwo");
  const request = await resolvePreparation("a/b", { weightFormat: "int4", awq: true, dataset: file }, env);
  expect(request.samples).toBe(file);
  expect(commandArguments(request)).toEqual([
    "--weight-format=int4",
    "--awq",
    "--dataset=auto",
    "--task=text-generation-with-past",
  ]);
});

test("what stands after -- comes last, so it has the last word", async () => {
  const request = await resolvePreparation("a/b", { extraArguments: ["--task", "text-generation"] }, env);
  expect(commandArguments(request)).toEqual([
    "--task=text-generation-with-past",
    "--task",
    "text-generation",
  ]);
});

test("out names folder and model", async () => {
  const request = await resolvePreparation("a/b", { out: join(dir, "x y") }, env);
  expect(request).toMatchObject({ dir: join(dir, "x y"), name: "x y" });
});

test.each<[string, string | undefined, object, RegExp]>([
  ["no source and no preset", undefined, {}, /id on the hub.*for source/],
  ["a path that is not there", "./nowhere/model", {}, /nothing is at .*nowhere\/model/],
  ["a bare word", "llama", {}, /owner\/name.*"llama"/],
  ["a preset that there is none of", "a/b", { preset: "phi-5" }, /options\.preset.*"phi-5"/],
  ["a data set that is no file", "a/b", { dataset: "missing.txt" }, /no file is at .*missing\.txt/],
  ["a name that climbs", "a/b", { name: "../x" }, /options\.name/],
  [
    "arguments in one text",
    "a/b",
    { extraArguments: "--x y" },
    /list of strings for options\.extraArguments/,
  ],
])("%s is refused", async (_, source, options, message) => {
  await expect(resolvePreparation(source, options, env)).rejects.toThrow(message);
});

test("an empty text file is refused", async () => {
  await writeFile(join(dir, "empty.txt"), "");
  await expect(resolvePreparation("a/b", { dataset: join(dir, "empty.txt") }, env)).rejects.toThrow(
    /text in it/,
  );
});

test("a file that is no GGUF file is refused", async () => {
  await writeFile(join(dir, "model.onnx"), "x");
  await expect(resolvePreparation(join(dir, "model.onnx"), {}, env)).rejects.toMatchObject({
    code: "ERR_MODEL_LOAD",
  });
});
