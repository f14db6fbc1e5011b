/**
 * The options of the scheduler behind `ContinuousBatchingPipeline`: GenAI's `SchedulerConfig` in camelCase.
 */

/** How attention scores are aggregated to choose the tokens to evict; "norm-sum" divides them by a token's age. */
export type AggregationMode = "sum" | "norm-sum";
/** What KVCrush compares blocks with. */
export type KvCrushAnchorPointMode = "random" | "zeros" | "ones" | "mean" | "alternating";
/** How sparse attention chooses what it leaves out: https://arxiv.org/abs/2412.10319, https://arxiv.org/abs/2503.16428. */
export type SparseAttentionMode = "trishape" | "xattention";

/** KVCrush: keeps some of the blocks that would be evicted, chosen to be unlike each other. */
export interface KvCrushOptions {
  /** Blocks of 32 tokens that are kept beyond `maxCacheSize`: 0 (off) to 2^31 - 1. Default 0. */
  readonly budget?: number | undefined;
  /** What blocks are compared with. Default "random". */
  readonly anchorPointMode?: KvCrushAnchorPointMode | undefined;
  /** Seed for "random": 0 to 2^53 - 1. Default 0. */
  readonly rngSeed?: number | undefined;
}

/**
 * Cache eviction: a sequence keeps its first tokens, its last, and of those between only the ones that get the most
 * attention. It saves cache and changes the text. Sizes are tokens, in whole blocks of 32; what can be evicted is
 * `maxCacheSize - startSize - recentSize`. A prompt needs its whole length while it is processed.
 *
 * Not offered, because GenAI 2026.4.1 does not survive them on a CPU: `apply_rotation`, the aggregation mode
 * `ADAPTIVE_RKV`, and eviction from a cache that `numKvBlocks` or `cacheSizeGb` bounds.
 */
export interface CacheEvictionOptions {
  /** First tokens, never evicted: a multiple of 32 from 32 to 2^31 - 32. Default 32. */
  readonly startSize?: number | undefined;
  /** Last tokens, not evicted yet: a multiple of 32 from 32 to 2^31 - 32. Default 128. */
  readonly recentSize?: number | undefined;
  /** Tokens of a sequence that stay: a multiple of 32 above `startSize + recentSize`. Default 672. */
  readonly maxCacheSize?: number | undefined;
  /** How scores are aggregated. Default "norm-sum". */
  readonly aggregationMode?: AggregationMode | undefined;
  /**
   * Last tokens of the prompt whose scores count at first (SnapKV, https://arxiv.org/abs/2404.14469): 0 (all) to
   * 2^31 - 1; with "norm-sum" 0 or 1, because with more GenAI fails at prompts that are less than that longer than
   * `startSize`. Default 8 with "sum", else 0, where GenAI's own is 8 too.
   */
  readonly snapkvWindowSize?: number | undefined;
  /** KVCrush. */
  readonly kvcrushConfig?: KvCrushOptions | undefined;
}

/** Sparse attention: long prompts are processed faster by leaving out part of the attention. It changes the text. */
export interface SparseAttentionOptions {
  /** How it is chosen what to leave out. Default "trishape". */
  readonly mode?: SparseAttentionMode | undefined;
  /** Tokens at the end of the prompt with full attention, rounded up to a step: 0 to 2^31 - 1. Default 100. */
  readonly numLastDenseTokensInPrefill?: number | undefined;
  /** "trishape": first tokens that all see: a multiple of 32 from 0 to 2^31 - 32. Default 128. */
  readonly numRetainedStartTokensInCache?: number | undefined;
  /** "trishape": tokens before its own step that each sees: a multiple of 32 from 0 to 2^31 - 32. Default 1920. */
  readonly numRetainedRecentTokensInCache?: number | undefined;
  /** "xattention": part of the attention to keep, less is faster: above 0, at most 1. Default 0.8. */
  readonly xattentionThreshold?: number | undefined;
  /** "xattention": tokens that are kept or left out together: a multiple of 32 from 32 to 2^31 - 32. Default 64. */
  readonly xattentionBlockSize?: number | undefined;
  /** "xattention": every how many tokens attention is estimated: a divisor of `xattentionBlockSize`. Default 8. */
  readonly xattentionStride?: number | undefined;
}

/**
 * How requests share the engine of a `ContinuousBatchingPipeline`. Names, meanings and defaults are GenAI's
 * (`SchedulerConfig`), in camelCase. What is not given keeps its default, inside the nested objects too.
 */
export interface SchedulerOptions {
  /**
   * Tokens that one step of the engine processes at most, of all requests together: 1 to 2^31 - 1. With smaller steps
   * running requests wait less for the prompt of another, and a cancelled prompt ends sooner. Default 256.
   */
  readonly maxNumBatchedTokens?: number | undefined;
  /**
   * Blocks of 32 tokens in the cache: 0 (it grows as needed) to 2^31 - 1. A request waits until it fits at its full length,
   * so give `maxNewTokens`. Not with `cacheSizeGb`. Default 0.
   */
  readonly numKvBlocks?: number | undefined;
  /**
   * Size of the cache, whole GB of 2^30 bytes: 0 (it grows as needed) to 2^20. Loading fails where the machine has less
   * free. A request waits until it fits at its full length, so give `maxNewTokens`. Not with `numKvBlocks`. Default 0.
   */
  readonly cacheSizeGb?: number | undefined;
  /** Process prompts in parts, together with the tokens of running requests. Default true. */
  readonly dynamicSplitFuse?: boolean | undefined;
  /**
   * Requests that run at once at most, the others wait: 1 to 2^31 - 1, at most `maxNumBatchedTokens`, since each takes a
   * token of a step. Default 256, or `maxNumBatchedTokens` where that is less.
   */
  readonly maxNumSeqs?: number | undefined;
  /** Keep the cache of what has been processed for prompts that begin alike. Default false. */
  readonly enablePrefixCaching?: boolean | undefined;
  /** Evict tokens from the cache. Not with `numKvBlocks` or `cacheSizeGb`. Default: whether `cacheEvictionConfig` is given. */
  readonly useCacheEviction?: boolean | undefined;
  /** How to evict. Giving it, even empty, switches eviction on unless `useCacheEviction` is false. */
  readonly cacheEvictionConfig?: CacheEvictionOptions | undefined;
  /** Leave out part of the attention in prompts. Default: whether `sparseAttentionConfig` is given. */
  readonly useSparseAttention?: boolean | undefined;
  /** What to leave out. Giving it, even empty, switches it on unless `useSparseAttention` is false. */
  readonly sparseAttentionConfig?: SparseAttentionOptions | undefined;
}

/** Options with every value present, nested ones too. */
export type ResolvedOptions<Options> = {
  readonly [Name in keyof Options]-?: NonNullable<Options[Name]> extends object
    ? ResolvedOptions<NonNullable<Options[Name]>>
    : NonNullable<Options[Name]>;
};

/** Every scheduler option with the value that holds. */
export type ResolvedSchedulerConfig = ResolvedOptions<SchedulerOptions>;
