import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import { IR_FILES } from "../../../../../lib/models/ir/ir-files.js";
import { GEOMETRIES } from "../../../lib/synth/geometries.js";
import { synthModel, synthName, type SynthModelOptions } from "../../../lib/synth/synth-model.js";
import { temporaryFolder } from "../../../../../test/helpers/chain.js";

let cache: string;
beforeEach(() => {
  cache = temporaryFolder();
  vi.stubEnv("OPENVINO_LLM_CACHE", cache);
});

const OPTIONS: SynthModelOptions = { weightFormat: "int4" };

test("a geometry or an option that makes no sense is refused before anything is written", async () => {
  const refused = async (name: unknown, options: unknown, message: RegExp) => {
    await expect(synthModel(name as "phi-4-mini", options as SynthModelOptions)).rejects.toThrow(message);
  };
  await refused(
    "phi-5",
    OPTIONS,
    /one of phi-4-mini, gpt-oss-20b, llama-3.2-1b for geometry but received "phi-5"/,
  );
  await refused(5, OPTIONS, /the name of a geometry for geometry but received 5/);
  await refused("phi-4-mini", null, /an object for options/);
  await refused("phi-4-mini", {}, /one of int4, int8, fp16 for options.weightFormat but received undefined/);
  await refused(
    "gpt-oss-20b",
    { ...OPTIONS, layers: 0 },
    /an integer from 1 to 24 for options.layers but received 0/,
  );
  await refused("gpt-oss-20b", { ...OPTIONS, layers: 25 }, /an integer from 1 to 24/);
  await refused("gpt-oss-20b", { ...OPTIONS, layers: 1.5 }, /an integer from 1 to 24/);
  await refused("gpt-oss-20b", { ...OPTIONS, layers: "3" }, /an integer for options.layers/);
  await refused("phi-4-mini", { ...OPTIONS, seed: -1 }, /options.seed/);
  await refused("phi-4-mini", { ...OPTIONS, seed: 2 ** 31 }, /options.seed/);
  expect(await readdir(cache)).toEqual([]);
});

test("a model whose export needs more memory or disk than there is is refused with the figures", async () => {
  const attempt = synthModel("gpt-oss-20b", { ...OPTIONS, layers: 24, out: join(cache, "all") });
  await expect(attempt).rejects.toMatchObject({
    code: expect.stringMatching(/^ERR_(?:DISK_FULL|OUT_OF_MEMORY)$/),
  });
  await expect(attempt).rejects.toThrow(/GB of free (?:memory|disk) .*24 layers of gpt-oss-20b/);
  expect(await readdir(cache)).toEqual([]);
});

test("the name says that the weights are random, which part of the model they are, and how they are stored", () => {
  const geometry = GEOMETRIES.get("gpt-oss-20b");
  if (geometry === undefined) throw new Error("no geometry");
  const plan = { geometry, layers: 24, seed: 0 };
  expect(synthName(plan, { weightFormat: "int8" })).toBe("gpt-oss-20b-random-int8");
  expect(
    synthName(
      { ...plan, layers: 3, seed: 5 },
      { weightFormat: "int4", groupSize: 32, sym: true, ratio: 0.8 },
    ),
  ).toBe("gpt-oss-20b-random-3-of-24-layers-seed-5-sym-g32-r0.8-int4");
  expect(synthName(plan, { weightFormat: "int4", groupSize: -1 })).toBe("gpt-oss-20b-random-channel-int4");
});

test("a model that is there already is found, by what its manifest says of its weights", async () => {
  const dir = join(cache, "models", "llama-3.2-1b-random-int8");
  await mkdir(dir, { recursive: true });
  for (const file of IR_FILES) await writeFile(join(dir, file), "x");
  const geometry = GEOMETRIES.get("llama-3.2-1b");
  const manifest = {
    weights: "random",
    seed: 0,
    layers: null,
    layersShare: 1,
    geometry: { of: geometry?.hubId, source: geometry?.source },
    preparation: { options: { weightFormat: "int8" } },
  };
  await writeFile(join(dir, "manifest.json"), JSON.stringify(manifest));
  expect(await synthModel("llama-3.2-1b", { weightFormat: "int8" })).toEqual({
    name: "llama-3.2-1b-random-int8",
    dir,
    checkpoint: null,
    isNew: false,
    layersShare: 1,
  });
});
