import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { resolveSchedulerOptions } from "../../../lib/options/resolve-scheduler-options.js";

function errorOf(options: unknown): Error & { code?: unknown } {
  try {
    resolveSchedulerOptions(options);
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error(`No error for ${JSON.stringify(options)}`);
}

const defaults = resolveSchedulerOptions(undefined);

describe("what is not given", () => {
  it("has GenAI's defaults, nested objects too", () => {
    expect(defaults).toEqual({
      maxNumBatchedTokens: 256,
      numKvBlocks: 0,
      cacheSizeGb: 0,
      dynamicSplitFuse: true,
      maxNumSeqs: 256,
      enablePrefixCaching: false,
      useCacheEviction: false,
      cacheEvictionConfig: {
        startSize: 32,
        recentSize: 128,
        maxCacheSize: 672,
        aggregationMode: "norm-sum",
        snapkvWindowSize: 0,
        kvcrushConfig: { budget: 0, anchorPointMode: "random", rngSeed: 0 },
      },
      useSparseAttention: false,
      sparseAttentionConfig: {
        mode: "trishape",
        numLastDenseTokensInPrefill: 100,
        numRetainedStartTokensInCache: 128,
        numRetainedRecentTokensInCache: 1920,
        xattentionThreshold: 0.8,
        xattentionBlockSize: 64,
        xattentionStride: 8,
      },
    });
  });

  it("is the same for an empty object and for undefined values", () => {
    expect(resolveSchedulerOptions({})).toEqual(defaults);
    expect(
      resolveSchedulerOptions({
        maxNumSeqs: undefined,
        cacheEvictionConfig: undefined,
        useCacheEviction: undefined,
      }),
    ).toEqual(defaults);
  });

  it("keeps its default beside what is given, inside nested objects too", () => {
    expect(
      resolveSchedulerOptions({
        enablePrefixCaching: true,
        cacheEvictionConfig: { maxCacheSize: 1024, kvcrushConfig: { budget: 2 } },
        sparseAttentionConfig: { mode: "xattention" },
      }),
    ).toEqual({
      ...defaults,
      enablePrefixCaching: true,
      useCacheEviction: true,
      cacheEvictionConfig: {
        ...defaults.cacheEvictionConfig,
        maxCacheSize: 1024,
        kvcrushConfig: { ...defaults.cacheEvictionConfig.kvcrushConfig, budget: 2 },
      },
      useSparseAttention: true,
      sparseAttentionConfig: { ...defaults.sparseAttentionConfig, mode: "xattention" },
    });
  });

  it("lets maxNumSeqs follow a smaller maxNumBatchedTokens", () => {
    expect(resolveSchedulerOptions({ maxNumBatchedTokens: 64 }).maxNumSeqs).toBe(64);
    expect(resolveSchedulerOptions({ maxNumBatchedTokens: 1024 }).maxNumSeqs).toBe(256);
  });

  it("takes SnapKV's window as GenAI does with the mode that it works with", () => {
    const window = (cacheEvictionConfig: object): number =>
      resolveSchedulerOptions({ cacheEvictionConfig }).cacheEvictionConfig.snapkvWindowSize;
    expect(window({ aggregationMode: "sum" })).toBe(8);
    expect(window({ aggregationMode: "norm-sum" })).toBe(0);
    expect(window({ snapkvWindowSize: 1 })).toBe(1);
  });
});

describe("the switches of eviction and sparse attention", () => {
  it.each([
    [{ cacheEvictionConfig: {} }, true],
    [{ useCacheEviction: true }, true],
    [{ useCacheEviction: undefined, cacheEvictionConfig: {} }, true],
    [{ useCacheEviction: false, cacheEvictionConfig: { maxCacheSize: 1024 } }, false],
    [{ sparseAttentionConfig: {} }, false],
  ])("%j: eviction is %j", (options, expected) => {
    expect(resolveSchedulerOptions(options).useCacheEviction).toBe(expected);
  });

  it.each([
    [{ sparseAttentionConfig: {} }, true],
    [{ useSparseAttention: true }, true],
    [{ useSparseAttention: false, sparseAttentionConfig: { mode: "xattention" } }, false],
    [{ cacheEvictionConfig: {} }, false],
  ])("%j: sparse attention is %j", (options, expected) => {
    expect(resolveSchedulerOptions(options).useSparseAttention).toBe(expected);
  });

  it("keep the settings of what is switched off", () => {
    const off = resolveSchedulerOptions({
      useCacheEviction: false,
      cacheEvictionConfig: { maxCacheSize: 1024 },
    });
    expect(off.cacheEvictionConfig.maxCacheSize).toBe(1024);
  });
});

describe("the result", () => {
  it("is frozen all the way down and not reached by later changes", () => {
    const options = { cacheEvictionConfig: { kvcrushConfig: { budget: 1 } } };
    const config = resolveSchedulerOptions(options);
    options.cacheEvictionConfig.kvcrushConfig.budget = 2;
    expect(config.cacheEvictionConfig.kvcrushConfig.budget).toBe(1);
    const parts = [config, config.cacheEvictionConfig, config.cacheEvictionConfig.kvcrushConfig];
    for (const part of [...parts, config.sparseAttentionConfig]) expect(Object.isFrozen(part)).toBe(true);
  });

  it("resolves to itself", () => {
    expect(resolveSchedulerOptions(defaults)).toEqual(defaults);
  });
});

describe("values at the ends of their ranges", () => {
  it.each([
    { maxNumBatchedTokens: 2 ** 31 - 1, maxNumSeqs: 2 ** 31 - 1 },
    { maxNumBatchedTokens: 1 },
    { numKvBlocks: 2 ** 31 - 1, cacheSizeGb: 0 },
    { numKvBlocks: 0, cacheSizeGb: 2 ** 20 },
    { dynamicSplitFuse: false, maxNumBatchedTokens: 8, maxNumSeqs: 8 },
    { numKvBlocks: 8, useCacheEviction: false, cacheEvictionConfig: { maxCacheSize: 1024 } },
    { cacheEvictionConfig: { startSize: 32, recentSize: 32, maxCacheSize: 96 } },
    { cacheEvictionConfig: { aggregationMode: "sum", snapkvWindowSize: 2 ** 31 - 1 } },
    {
      cacheEvictionConfig: {
        kvcrushConfig: { budget: 3, anchorPointMode: "alternating", rngSeed: 2 ** 53 - 1 },
      },
    },
    { sparseAttentionConfig: { numRetainedStartTokensInCache: 0, numRetainedRecentTokensInCache: 0 } },
    { sparseAttentionConfig: { xattentionThreshold: 1, xattentionBlockSize: 96, xattentionStride: 96 } },
  ])("are taken unchanged: %j", (options) => {
    expect(resolveSchedulerOptions(options)).toMatchObject(options);
  });
});

describe("what is refused", () => {
  it.each<[unknown, string]>([
    [5, "options.scheduler"],
    [null, "options.scheduler"],
    [{ dynamicSplitFuse: 1 }, "options.scheduler.dynamicSplitFuse"],
    [{ maxNumSeqs: "8" }, "options.scheduler.maxNumSeqs"],
    [{ cacheEvictionConfig: true }, "options.scheduler.cacheEvictionConfig"],
    [{ cacheEvictionConfig: { kvcrushConfig: [] } }, "options.scheduler.cacheEvictionConfig.kvcrushConfig"],
    [{ sparseAttentionConfig: { mode: "TRISHAPE" } }, '"trishape" or "xattention"'],
    [{ cacheEvictionConfig: { aggregationMode: "adaptive-rkv" } }, '"sum" or "norm-sum"'],
    [{ cacheEvictionConfig: { kvcrushConfig: { anchorPointMode: 0 } } }, '"mean" or "alternating"'],
  ])("wrong types: %j", (options, text) => {
    const error = errorOf(options);
    expect(error).toBeInstanceOf(TypeError);
    expect(error.code).toBe("ERR_INVALID_ARG_TYPE");
    expect(error.message).toContain(text);
  });

  it.each<[object, string]>([
    [{ maxNumBatchedTokens: 0 }, "an integer from 1 to 2147483647"],
    [{ maxNumBatchedTokens: Infinity }, "an integer from 1"],
    [{ numKvBlocks: -1 }, "an integer from 0"],
    [{ numKvBlocks: 2 ** 31 }, "to 2147483647"],
    [{ cacheSizeGb: 0.5 }, "an integer from 0 to 1048576"],
    [{ maxNumSeqs: 0 }, "an integer from 1"],
    [{ cacheEvictionConfig: { startSize: 0 } }, "a multiple of 32 from 32"],
    [{ cacheEvictionConfig: { recentSize: 100 } }, "a multiple of 32 from 32"],
    [{ cacheEvictionConfig: { kvcrushConfig: { budget: -1 } } }, "an integer from 0"],
    [{ sparseAttentionConfig: { numRetainedStartTokensInCache: 1 } }, "a multiple of 32 from 0"],
    [{ sparseAttentionConfig: { xattentionThreshold: 0 } }, "a number above 0 to 1"],
    [{ sparseAttentionConfig: { xattentionThreshold: NaN } }, "a number above 0 to 1"],
    [{ sparseAttentionConfig: { xattentionBlockSize: 48 } }, "a multiple of 32 from 32"],
    [{ sparseAttentionConfig: { xattentionStride: 0 } }, "an integer from 1"],
  ])("values outside their range: %j", (options, text) => {
    const error = errorOf(options);
    expect(error).toBeInstanceOf(RangeError);
    expect(error.message).toContain(text);
  });

  it.each<[object, string]>([
    [
      { maxNumSeqs: 512 },
      "at most maxNumBatchedTokens (256) for options.scheduler.maxNumSeqs but received 512",
    ],
    [{ maxNumSeqs: 9, maxNumBatchedTokens: 8 }, "at most maxNumBatchedTokens (8)"],
    [{ numKvBlocks: 8, cacheSizeGb: 1 }, "0 or no value with cacheSizeGb"],
    [{ numKvBlocks: 8, useCacheEviction: true }, "0 or no value with cache eviction"],
    [
      { cacheSizeGb: 8, cacheEvictionConfig: {} },
      "for options.scheduler.cacheSizeGb but received 8. GenAI 2026.4.1 crashes",
    ],
    [{ cacheEvictionConfig: { maxCacheSize: 160 } }, "more than startSize + recentSize (32 + 128)"],
    [{ cacheEvictionConfig: { recentSize: 1024 } }, "more than startSize + recentSize (32 + 1024)"],
    [
      { useCacheEviction: false, cacheEvictionConfig: { maxCacheSize: 32 } },
      "more than startSize + recentSize",
    ],
    [{ cacheEvictionConfig: { snapkvWindowSize: 8 } }, '0 or 1 with aggregationMode "norm-sum"'],
    [{ sparseAttentionConfig: { xattentionStride: 12 } }, "a divisor of xattentionBlockSize (64)"],
    [{ sparseAttentionConfig: { xattentionStride: 128 } }, "a divisor of xattentionBlockSize (64)"],
  ])("options that do not go together: %j", (options, text) => {
    expect(errorOf(options).message).toContain(text);
  });

  it.each<[object, string]>([
    [{ max_num_seqs: 8 }, "Did you mean maxNumSeqs?"],
    [{ maxBatchSize: 8 }, "Did you mean maxNumSeqs?"],
    [{ cacheSize: 1 }, "Did you mean cacheSizeGb?"],
    [{ prefixCaching: true }, "Did you mean enablePrefixCaching?"],
    [{ cacheEviction: {} }, "Did you mean cacheEvictionConfig?"],
    [{ cacheEvictionConfig: { start_size: 32 } }, "Did you mean startSize?"],
    [{ sparseAttentionConfig: { stride: 8 } }, "Did you mean xattentionStride?"],
    [{ temperature: 1 }, "Known are maxNumBatchedTokens, numKvBlocks"],
    [{ blockSize: 16 }, "but received 16. A block of the cache has 32 tokens."],
    [
      { cacheEvictionConfig: { evictableSize: 512 } },
      "but received 512. It is maxCacheSize - startSize - recentSize.",
    ],
    [{ cacheEvictionConfig: { applyRotation: true } }, "GenAI 2026.4.1 writes beyond its buffers"],
    [{ cacheEvictionConfig: { adaptiveRkvConfig: {} } }, "GenAI 2026.4.1 fails at the first eviction"],
    [JSON.parse('{"__proto__": {"maxNumSeqs": 1}}') as object, "options.scheduler.__proto__"],
  ])("options that do not exist: %j", (options, text) => {
    const error = errorOf(options);
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toContain(text);
  });

  it("is named by the path that the caller passes", () => {
    expect(() => resolveSchedulerOptions({ maxNumSeqs: 0 }, "scheduler")).toThrow("for scheduler.maxNumSeqs");
  });
});

it("gives a config or a TypeError or RangeError, whatever comes", () => {
  const keys = [
    ...Object.keys(defaults),
    ...Object.keys(defaults.cacheEvictionConfig),
    "mode",
    "__proto__",
    "x",
  ];
  const value = fc.oneof(
    fc.anything(),
    fc.constantFrom(0, 1, 32, 64, 96, 1024, -0, true, "sum", "xattention"),
  );
  const inner = fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 3 });
  const options = fc.dictionary(fc.constantFrom(...keys), fc.oneof(value, inner), { maxKeys: 4 });
  fc.assert(
    fc.property(fc.oneof(options, fc.anything()), (input) => {
      try {
        const config = resolveSchedulerOptions(input);
        expect(Object.keys(config)).toEqual(Object.keys(defaults));
        expect(resolveSchedulerOptions(config)).toEqual(config);
      } catch (error) {
        expect([TypeError, RangeError]).toContain((error as Error).constructor);
        expect((error as Error).message).toMatch(/^Expected .* for options\.scheduler.* but received/s);
      }
    }),
    { numRuns: 2000, seed: 1 },
  );
});
