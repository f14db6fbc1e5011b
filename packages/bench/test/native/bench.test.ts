import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  BenchFolder,
  captureEnvironment,
  MemoryStore,
  openGenerator,
  planBench,
  readBenchFolder,
  runBench,
  summarize,
  writeOutputs,
  type BenchOptions,
  type BenchSummary,
  type Environment,
  type SelfCheck,
} from "../../lib/index.js";
import { AbortError } from "../../../../lib/errors/errors.js";
import { openModel } from "../../../../lib/models/open.js";
import { writeProfileFile } from "../../../../lib/profiles/write-profile.js";
import { ALPHABET, chainModel, temporaryFolder } from "../../../../test/helpers/chain.js";
import { profileHere } from "../../../../test/helpers/profile-here.js";
import { PIPELINES } from "../../../../test/helpers/pipelines.js";

const root = mkdtempSync(join(tmpdir(), "openvino-llm-test-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const TINY: BenchOptions = { levels: [1, 2], inputLength: 8, outputLength: 8, numPrompts: 4, repeats: 2 };

let chain: string;
/** Repeats the alphabet for ever. */
let endless: string;
let environment: Environment;

beforeAll(async () => {
  chain = await chainModel();
  endless = await chainModel({ loop: true, text: ALPHABET, contextLength: 2 ** 20 });
  environment = await captureEnvironment();
});

function failedChecks({ selfChecks }: BenchSummary): SelfCheck[] {
  return selfChecks.filter(({ status }) => status === "fail");
}

function statusOf({ selfChecks }: BenchSummary, name: SelfCheck["name"]): string | undefined {
  return selfChecks.find((check) => check.name === name)?.status;
}

describe.each(["batching", "pipeline"] as const)("a sweep of a model with engine %s", (engine) => {
  it("passes its self-checks, and its files read back give the same summary", async () => {
    const plan = planBench([chain], { ...TINY, engine });
    const folder = await BenchFolder.create(join(root, engine), plan, environment);
    for await (const _ of runBench(folder));
    const summary = await writeOutputs(folder);

    expect(failedChecks(summary)).toEqual([]);
    for (const name of ["token-counts", "failed-requests", "distinct-prompts"] as const) {
      expect(statusOf(summary, name), name).toBe("ok");
    }
    // A token takes as long as its way to JavaScript here, so the identity may be off, but it is looked at.
    expect(["ok", "warn"]).toContain(statusOf(summary, "identity"));
    expect(
      summary.levels.map(({ concurrency, completed, repeats }) => [concurrency, completed, repeats]),
    ).toEqual([
      [1, 8, 2],
      [2, 8, 2],
    ]);
    for (const { latencies, outputThroughput } of summary.levels) {
      expect(latencies.ttftMs.n).toBe(8);
      // LLMPipeline hands tokens over together where its streamer has fallen behind.
      if (engine === "batching") expect(latencies.itlMs.n).toBe(56);
      expect(latencies.itlMs.n).toBeLessThanOrEqual(56);
      expect(latencies.tpotMs.n).toBe(8);
      expect(latencies.ttftMs.min).toBeGreaterThan(0);
      expect(latencies.e2elMs.min).toBeGreaterThan(latencies.ttftMs.min);
      expect(latencies.deliveryMs.min).toBeGreaterThanOrEqual(0);
      expect(outputThroughput.mean).toBeGreaterThan(0);
    }
    expect(summary.targets[0]).toMatchObject({
      label: "chain",
      engine,
      stamps: "engine",
      prefixCaching: engine === "pipeline",
      files: { precision: "FP16", isMoe: false },
      generationConfig: { doSample: false, ignoreEos: true, maxNewTokens: 8 },
    });

    // Whatever the processor multiplies in, and by the graph of the chain: how fast it is, is no test's matter.
    const [roofline] = summary.rooflines;
    expect(roofline).toMatchObject({ target: "chain", unknown: null });
    expect(roofline?.levels.map(({ sequences }) => sequences)).toEqual(
      engine === "batching" ? [1, 2] : [1, 1],
    );
    for (const { decode, prefill } of roofline?.levels ?? []) {
      expect(decode.bytes).toBeGreaterThan(2 * 288 * 288);
      expect(decode.limitMs).toBe(Math.max(decode.memoryMs, decode.computeMs));
      expect(decode.limitMs).toBeGreaterThan(0);
      expect(prefill?.limitMs).toBeGreaterThan(0);
    }

    const read = await readBenchFolder(folder.path);
    expect(read).toEqual(folder.data);
    expect(summarize(read)).toEqual(summary);
    const written = JSON.parse(readFileSync(join(folder.path, "summary.json"), "utf8")) as BenchSummary;
    expect(written.results).toHaveLength(4);
    expect(written.results[0]).toMatchObject({
      completed: 4,
      total_input_tokens: 32,
      total_output_tokens: 32,
    });
  });
});

it("runs at most as many requests at once as the level says, and at that many where the engine can", async () => {
  const store = new MemoryStore(
    planBench([chain], { ...TINY, levels: [3], repeats: 1, numPrompts: 6 }),
    environment,
  );
  for await (const _ of runBench(store, { profile: false }));
  const { results } = summarize(store.data);
  expect(results[0]?.max_concurrent_requests).toBe(3);
});

it("records what precisions were asked for, and how the engine was doing", async () => {
  const properties = { INFERENCE_PRECISION_HINT: "f32", KV_CACHE_PRECISION: "f32" };
  const options = { ...TINY, levels: [2], repeats: 1, outputLength: 256, warmupOutputLength: 1, properties };
  const store = new MemoryStore(planBench([endless], options), environment);
  for await (const _ of runBench(store, { progressEveryMs: 5, profile: false }));
  expect(store.data.targets[0]?.precisions).toEqual({
    inference: { value: "f32", from: "property" },
    kvCache: { value: "f32", from: "property" },
  });
  const samples = store.data.runs.flatMap((run) => run.samples);
  expect(samples.length).toBeGreaterThan(0);
  expect(samples.some(({ running, stepSequences }) => running === 2 && stepSequences === 2)).toBe(true);
  for (const { cacheSizeBytes } of samples) expect(cacheSizeBytes).toBeGreaterThan(0);
});

it("loads with a profile, and names it", async () => {
  const { dir } = await openModel(chain);
  const profile = join(temporaryFolder(), "p.json");
  const settings = {
    pipeline: "ContinuousBatchingPipeline",
    properties: { INFERENCE_PRECISION_HINT: "f32" },
    scheduler: { maxNumBatchedTokens: 64 },
  } as const;
  await writeProfileFile(await profileHere(dir, settings), profile);
  const options = { ...TINY, levels: [1], repeats: 1, profile };
  const store = new MemoryStore(planBench([chain], options), environment);
  for await (const _ of runBench(store));
  expect(store.data.targets).toMatchObject([
    {
      properties: { INFERENCE_PRECISION_HINT: "f32" },
      chosenProperties: [{ name: "INFERENCE_PRECISION_HINT", from: "profile" }],
      profile: { file: profile, settings: { scheduler: { maxNumBatchedTokens: 64 } } },
      scheduler: { maxNumBatchedTokens: 64, maxNumSeqs: 64 },
    },
  ]);
});

it("measures each number of batched tokens with an engine of its own", async () => {
  const options = { ...TINY, levels: [1], repeats: 1, maxNumBatchedTokens: [32, 64] };
  const store = new MemoryStore(planBench([chain], options), environment);
  for await (const _ of runBench(store));
  expect(store.data.targets.map(({ label, scheduler }) => [label, scheduler?.maxNumBatchedTokens])).toEqual([
    ["chain (32 batched tokens)", 32],
    ["chain (64 batched tokens)", 64],
  ]);
  expect(failedChecks(summarize(store.data))).toEqual([]);
});

it("takes prompts of a file, and does not mind what they are", async () => {
  const dataset = join(temporaryFolder(), "prompts.jsonl");
  const lines = Array.from({ length: 40 }, (_, index) =>
    JSON.stringify(
      index % 2 === 0 ? { prompt: `${index} times` } : { messages: [{ role: "user", content: `${index}` }] },
    ),
  );
  writeFileSync(dataset, lines.join("\n"));
  const store = new MemoryStore(planBench([chain], { ...TINY, repeats: 1, dataset }), environment);
  for await (const _ of runBench(store));
  const summary = summarize(store.data);
  expect(failedChecks(summary)).toEqual([]);
  expect(statusOf(summary, "identity")).toBe("not applicable");
});

it("ends at an abort with what was finished; the engine is gone", async () => {
  const plan = planBench([endless], {
    ...TINY,
    levels: [1],
    repeats: 2,
    outputLength: 2 ** 19,
    warmupOutputLength: 1,
  });
  const store = new MemoryStore(plan, environment);
  const controller = new AbortController();
  await expect(async () => {
    for await (const event of runBench(store, { signal: controller.signal, progressEveryMs: 5 })) {
      if (event.type === "progress" && event.tokensPerSecond > 0) controller.abort();
    }
  }).rejects.toBeInstanceOf(AbortError);
  expect(store.data.runs).toEqual([]);
});

it("refuses requests that do not fit into the context before it measures anything", async () => {
  const store = new MemoryStore(planBench([chain], { inputLength: 2000, outputLength: 100 }), environment);
  await expect(async () => {
    for await (const _ of runBench(store));
  }).rejects.toThrow("at most 2048 tokens together (the context of chain)");
});

describe.each(PIPELINES)("openGenerator with $name", (pipeline) => {
  it("measures a generator that the caller has loaded", async () => {
    const generator = await pipeline.load(chain);
    const plan = planBench(["mine"], { ...TINY, levels: [1], repeats: 1 });
    const store = new MemoryStore(plan, environment);
    const open = () => openGenerator(generator, plan.targets[0]!, plan.options);
    for await (const _ of runBench(store, { open }));
    const summary = summarize(store.data);
    expect(failedChecks(summary)).toEqual([]);
    expect(summary.targets[0]).toMatchObject({ label: "mine", prefixCaching: null });
    await expect(generator.generate("Is it closed?")).rejects.toMatchObject({ code: "ERR_CLOSED" });
  });
});
