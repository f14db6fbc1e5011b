import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ContinuousBatchingPipeline } from "../../lib/index.js";
import { NativePipeline } from "../../lib/native/native-pipeline.js";
import type { SchedulerOptions } from "../../lib/options/scheduler-options.js";
import { resolveSchedulerOptions } from "../../lib/options/resolve-scheduler-options.js";
import { ALPHABET, chainModel } from "../helpers/chain.js";

/** Repeats the alphabet; a raw prompt goes on after its last letter. */
let path: string;
const open: Array<{ close(): Promise<void> }> = [];
beforeAll(async () => {
  path = (await load({})).model.path;
});
afterAll(() => Promise.all(open.map((pipeline) => pipeline.close())));

async function load(scheduler: SchedulerOptions): Promise<ContinuousBatchingPipeline> {
  const model = await chainModel({ text: ALPHABET, loop: true, contextLength: 100_000 });
  const pipeline = await ContinuousBatchingPipeline.load(model, { scheduler });
  open.push(pipeline);
  return pipeline;
}

/** What comes after a prompt of that many letters, and what should. */
async function answer(pipeline: ContinuousBatchingPipeline, promptTokens: number, maxNewTokens: number) {
  const text = ALPHABET.repeat(Math.ceil((promptTokens + maxNewTokens) / 26));
  const options = { applyChatTemplate: false, maxNewTokens };
  const result = await pipeline.generate(text.slice(0, promptTokens), options);
  return { text: result.text, expected: text.slice(promptTokens, promptTokens + maxNewTokens) };
}

async function expectRightAnswers(
  pipeline: ContinuousBatchingPipeline,
  lengths: readonly number[],
  tokens: number,
) {
  const answers = await Promise.all(lengths.map((length) => answer(pipeline, length, tokens)));
  for (const [index, { text, expected }] of answers.entries())
    expect(text, `prompt ${lengths[index]}`).toBe(expected);
}

describe("the way to GenAI's config and back", () => {
  const every: SchedulerOptions = {
    maxNumBatchedTokens: 300,
    dynamicSplitFuse: false,
    maxNumSeqs: 12,
    enablePrefixCaching: true,
    useCacheEviction: true,
    cacheEvictionConfig: {
      startSize: 64,
      recentSize: 96,
      maxCacheSize: 320,
      aggregationMode: "sum",
      snapkvWindowSize: 5,
      kvcrushConfig: { budget: 3, anchorPointMode: "mean", rngSeed: 2 ** 53 - 1 },
    },
    useSparseAttention: true,
    sparseAttentionConfig: {
      mode: "xattention",
      numLastDenseTokensInPrefill: 7,
      numRetainedStartTokensInCache: 160,
      numRetainedRecentTokensInCache: 192,
      xattentionThreshold: 0.625,
      xattentionBlockSize: 128,
      xattentionStride: 4,
    },
  };

  it.each<SchedulerOptions>([
    {},
    every,
    { numKvBlocks: 11 },
    { cacheSizeGb: 1 },
    { cacheEvictionConfig: { kvcrushConfig: { anchorPointMode: "random" } } },
    { cacheEvictionConfig: { kvcrushConfig: { anchorPointMode: "zeros" } } },
    { cacheEvictionConfig: { kvcrushConfig: { anchorPointMode: "ones" } } },
    { cacheEvictionConfig: { kvcrushConfig: { anchorPointMode: "alternating" } } },
  ])("keeps %j", async (options) => {
    const scheduler = resolveSchedulerOptions(options);
    const native = new NativePipeline({ path, device: "CPU", properties: [], maxQueue: null, scheduler });
    try {
      await native.loaded;
      expect(native.schedulerConfig()).toEqual(scheduler);
    } finally {
      await native.close();
    }
  });

  it("tries every option with a value that is not its default", () => {
    const differs = (value: unknown, usual: unknown): boolean =>
      typeof value === "object" && value !== null
        ? Object.entries(value).every(([name, item]) =>
            differs(item, (usual as Record<string, unknown>)[name]),
          )
        : value !== usual;
    const { numKvBlocks: _, cacheSizeGb: __, ...others } = resolveSchedulerOptions(every); // not with eviction
    expect(differs(others, resolveSchedulerOptions({}))).toBe(true);
  });
});

describe("cache eviction", () => {
  it.each<SchedulerOptions>([
    { cacheEvictionConfig: {} },
    { cacheEvictionConfig: { aggregationMode: "sum" } },
    { cacheEvictionConfig: { snapkvWindowSize: 1 } },
  ])("answers prompts of every length around startSize: %j", async (scheduler) => {
    const pipeline = await load(scheduler);
    for (let length = 25; length <= 45; length++) await expectRightAnswers(pipeline, [length], 3);
  });

  it("bounds the cache of a sequence", async () => {
    const whole = await load({});
    await expectRightAnswers(whole, [20], 700);
    const bounded = await load({ cacheEvictionConfig: { recentSize: 32, maxCacheSize: 128 } });
    await expectRightAnswers(bounded, [20], 700);
    expect(bounded.metrics().cacheSizeBytes).toBeLessThan(whole.metrics().cacheSizeBytes / 2);
  });

  it("goes with KVCrush and with prefix caching", async () => {
    const kvcrushConfig = { budget: 2, anchorPointMode: "mean" } as const;
    const eviction = { recentSize: 32, maxCacheSize: 128, kvcrushConfig };
    const pipeline = await load({ enablePrefixCaching: true, cacheEvictionConfig: eviction });
    for (const length of [300, 300, 330]) await expectRightAnswers(pipeline, [length, length + 64], 200);
  });
});

describe("sparse attention", () => {
  it.each<SchedulerOptions>([
    { sparseAttentionConfig: { numRetainedStartTokensInCache: 32, numRetainedRecentTokensInCache: 32 } },
    { sparseAttentionConfig: { numRetainedStartTokensInCache: 0, numRetainedRecentTokensInCache: 0 } },
    { sparseAttentionConfig: { mode: "xattention" } },
    { sparseAttentionConfig: { mode: "xattention", xattentionBlockSize: 96, xattentionStride: 3 } },
  ])("processes prompts of many steps: %j", async (scheduler) => {
    await expectRightAnswers(await load(scheduler), [1500, 1027, 300, 5], 20);
  });
});

describe("maxNumBatchedTokens", () => {
  it("of 1 still answers, one token of one request at a time", async () => {
    await expectRightAnswers(await load({ maxNumBatchedTokens: 1 }), [5, 9], 10);
  });
});
