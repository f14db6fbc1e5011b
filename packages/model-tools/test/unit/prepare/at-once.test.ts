import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { makeHeldEntry } from "../../../../../lib/cache/held-entry.js";
import type { PrepareEvent, PrepareModelOptions } from "../../../lib/prepare/prepare-options.js";
import { prepareModel } from "../../../lib/prepare/prepare.js";
import { temporaryFolder } from "../../../../../test/helpers/chain.js";
import { fakeEnvironment, makeGate } from "./fake-environment.js";
import { writeCheckpoint } from "./write-checkpoint.js";

let dir: string;
let checkpoint: string;
let gate: Awaited<ReturnType<typeof makeGate>>;
beforeEach(async () => {
  dir = temporaryFolder();
  checkpoint = join(dir, "my-model");
  await writeCheckpoint(checkpoint, { config: { model_type: "llama", vocab_size: 300 } });
  gate = await makeGate(join(dir, "gate"));
  await fakeEnvironment(join(dir, "cache"));
  vi.stubEnv("OPENVINO_LLM_CACHE", join(dir, "cache"));
  vi.stubEnv("FAKE_GATE", gate.path);
});

/** A preparation, and when it says something: "half way" or the name of a phase. */
function start(source: string, options: PrepareModelOptions = {}) {
  const listeners = new Map<string, () => void>();
  const onEvent = (event: PrepareEvent) => {
    if (event.type === "log") listeners.get(event.line)?.();
    if (event.type === "phase") listeners.get(event.phase)?.();
  };
  const says = (words: string) => new Promise<void>((resolve) => listeners.set(words, resolve));
  const isHalfWay = says("half way");
  const isWaiting = says("wait");
  const result = prepareModel(source, { ...options, onEvent });
  // Kept from the beginning, so that it does not count as unhandled while a test looks at something else.
  const failure = result.then(
    () => null,
    (error: unknown) => error,
  );
  return { result, failure, isHalfWay, isWaiting };
}

const models = () => readdir(join(dir, "cache", "models"));

describe("of two preparations of one model at once", () => {
  test("one makes it, the other waits for that", async () => {
    const first = start(checkpoint, { name: "x" });
    await first.isHalfWay;
    const second = start(checkpoint, { name: "x" });
    await second.isWaiting;
    await gate.open();
    const made = await first.result;
    expect(made.isNew).toBe(true);
    expect(await second.result).toEqual({ ...made, isNew: false });
    expect(await models()).toEqual(["x"]);
  });

  test("the second one makes it where the first one fails, whose log it does not take away before", async () => {
    vi.stubEnv("FAKE_EXPORTER", "failing");
    const first = start(checkpoint, { name: "x" });
    await first.isHalfWay;
    vi.stubEnv("FAKE_EXPORTER", "good");
    const controller = new AbortController();
    const aborted = start(checkpoint, { name: "x", signal: controller.signal });
    await aborted.isWaiting;
    controller.abort();
    await expect(aborted.result).rejects.toMatchObject({ name: "AbortError" });
    expect(await models()).toContain("x.log");
    const second = start(checkpoint, { name: "x" });
    await second.isWaiting;
    await gate.open();
    await expect(first.result).rejects.toMatchObject({ code: "ERR_MODEL_LOAD" });
    await second.isHalfWay;
    await gate.open();
    expect(await second.result).toMatchObject({ isNew: true });
    expect(await models()).toEqual(["x"]);
  });

  test("the second one does not take what was made otherwise for its own", async () => {
    const first = start(checkpoint, { name: "x", weightFormat: "int8" });
    await first.isHalfWay;
    const refused = start(checkpoint, { name: "x", weightFormat: "fp16" });
    await refused.isWaiting;
    await gate.open();
    expect(await first.result).toMatchObject({ isNew: true, manifest: { weightFormat: "int8" } });
    expect(await refused.failure).toMatchObject({
      code: "ERR_MODEL_LOAD",
      message: expect.stringMatching(/made otherwise.*--overwrite/),
    });
  });

  test("the second one replaces what was made otherwise where it was asked to", async () => {
    const first = start(checkpoint, { name: "x", weightFormat: "int8" });
    await first.isHalfWay;
    const second = start(checkpoint, { name: "x", weightFormat: "fp16", overwrite: true });
    await second.isWaiting;
    await gate.open();
    expect(await first.result).toMatchObject({ isNew: true });
    await second.isHalfWay;
    await gate.open();
    expect(await second.result).toMatchObject({ isNew: true, manifest: { weightFormat: "fp16" } });
    expect(await models()).toEqual(["x"]);
  });
});

describe("a checkpoint in the cache", () => {
  const entry = () => join(dir, "cache", "checkpoints", "my-model-random");
  const inCache = () => join(entry(), "my-model");
  const hold = () =>
    makeHeldEntry(entry(), (tmp) =>
      writeCheckpoint(join(tmp, "my-model"), { config: { model_type: "llama" } }),
    );

  test("stays while a model is made from it, and goes afterwards where who made it wanted that", async () => {
    const held = await hold();
    const preparation = start(inCache(), { name: "x" });
    await preparation.isHalfWay;
    await held.release("remove");
    expect(await readdir(inCache())).toContain("config.json");
    await gate.open();
    expect(await preparation.result).toMatchObject({ isNew: true });
    expect(await readdir(join(dir, "cache", "checkpoints"))).toEqual([]);
  });

  test("is not taken away by a preparation alone", async () => {
    await (await hold()).release("keep");
    const preparation = start(inCache(), { name: "x" });
    await preparation.isHalfWay;
    await gate.open();
    await preparation.result;
    expect(await readdir(inCache())).toContain("config.json");
  });
});

describe("a checkpoint that is deleted by hand while a model is made from it", () => {
  test.each([
    ["the exporter had read already", "good"],
    ["the exporter fails for want of", "failing"],
  ])("that %s is an error that names it", async (_, behaviour) => {
    vi.stubEnv("FAKE_EXPORTER", behaviour);
    const preparation = start(checkpoint, { name: "x" });
    await preparation.isHalfWay;
    await rm(checkpoint, { recursive: true });
    await gate.open();
    expect(await preparation.failure).toMatchObject({
      code: "ERR_MODEL_LOAD",
      message: expect.stringMatching(
        /^Expected \S+my-model to stay .* deleted or moved meanwhile.*run the same again/,
      ),
    });
    expect(await models()).toEqual(["x.log"]);
  });

  test("names the file where only that has gone", async () => {
    vi.stubEnv("FAKE_EXPORTER", "failing");
    const preparation = start(checkpoint, { name: "x" });
    await preparation.isHalfWay;
    await rm(join(checkpoint, "model.safetensors"));
    await gate.open();
    expect(await preparation.failure).toMatchObject({
      message: expect.stringMatching(/my-model\/model\.safetensors to stay/),
    });
  });
});
