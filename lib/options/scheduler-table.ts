/**
 * Scheduler options as data: type, range and GenAI's default of each. The defaults are proved equal to the library's own
 * by test/native/scheduler-defaults.
 */
import type { OptionRange } from "./option-checks.js";
import type {
  CacheEvictionOptions,
  KvCrushOptions,
  SchedulerOptions,
  SparseAttentionOptions,
} from "./scheduler-options.js";

interface NumberSpec {
  readonly kind: "size" | "float";
  readonly range: OptionRange;
  readonly default: number;
}

interface BooleanSpec {
  readonly kind: "boolean";
  readonly default: boolean;
}

interface ChoiceSpec<Name extends string> {
  readonly kind: "choice";
  readonly choices: readonly Name[];
  readonly default: Name;
}

/** An options object, alone or inside another. */
export interface GroupSpec<Options> {
  readonly kind: "group";
  readonly options: Options;
  /** What other libraries' names, in small letters alone, are called here. */
  readonly aliases: Readonly<Record<string, string>>;
  /** What GenAI has and this library does not, with the reason. */
  readonly notOffered: Readonly<Record<string, string>>;
}

/** Has exactly the keys of the interface, each with a kind that fits its type; anything else does not compile. */
type Table<Options> = { readonly [Name in keyof Options]-?: SpecOf<NonNullable<Options[Name]>> };
type SpecOf<Value> = [Value] extends [number]
  ? NumberSpec
  : [Value] extends [boolean]
    ? BooleanSpec
    : [Value] extends [string]
      ? ChoiceSpec<Value>
      : GroupSpec<Table<Value>>;

/** A table of any options, for code that walks through it. */
export interface AnyTable {
  readonly [name: string]: NumberSpec | BooleanSpec | ChoiceSpec<string> | GroupSpec<AnyTable>;
}

const BLOCK_SIZE = 32;
const MAX_INT32 = 2 ** 31 - 1;
const COUNT = { min: 1, max: MAX_INT32 };
const COUNT_OR_ZERO = { min: 0, max: MAX_INT32 };
const SEED = { min: 0, max: Number.MAX_SAFE_INTEGER };
const BLOCKS = { multipleOf: BLOCK_SIZE, min: BLOCK_SIZE, max: 2 ** 31 - BLOCK_SIZE };
const BLOCKS_OR_ZERO = { ...BLOCKS, min: 0 };

const KVCRUSH: Table<KvCrushOptions> = {
  budget: { kind: "size", range: COUNT_OR_ZERO, default: 0 },
  anchorPointMode: {
    kind: "choice",
    choices: ["random", "zeros", "ones", "mean", "alternating"],
    default: "random",
  },
  rngSeed: { kind: "size", range: SEED, default: 0 },
};

const CACHE_EVICTION: Table<CacheEvictionOptions> = {
  startSize: { kind: "size", range: BLOCKS, default: 32 },
  recentSize: { kind: "size", range: BLOCKS, default: 128 },
  maxCacheSize: { kind: "size", range: BLOCKS, default: 672 },
  aggregationMode: { kind: "choice", choices: ["sum", "norm-sum"], default: "norm-sum" },
  snapkvWindowSize: { kind: "size", range: COUNT_OR_ZERO, default: 8 },
  kvcrushConfig: {
    kind: "group",
    options: KVCRUSH,
    aliases: { anchorpoint: "anchorPointMode", seed: "rngSeed" },
    notOffered: {},
  },
};

const SPARSE_ATTENTION: Table<SparseAttentionOptions> = {
  mode: { kind: "choice", choices: ["trishape", "xattention"], default: "trishape" },
  numLastDenseTokensInPrefill: { kind: "size", range: COUNT_OR_ZERO, default: 100 },
  numRetainedStartTokensInCache: { kind: "size", range: BLOCKS_OR_ZERO, default: 128 },
  numRetainedRecentTokensInCache: { kind: "size", range: BLOCKS_OR_ZERO, default: 1920 },
  xattentionThreshold: { kind: "float", range: { above: 0, max: 1 }, default: 0.8 },
  xattentionBlockSize: { kind: "size", range: BLOCKS, default: 64 },
  xattentionStride: { kind: "size", range: COUNT, default: 8 },
};

/** Every scheduler option. */
export const SCHEDULER: GroupSpec<Table<SchedulerOptions>> = {
  kind: "group",
  options: {
    maxNumBatchedTokens: { kind: "size", range: COUNT, default: 256 },
    numKvBlocks: { kind: "size", range: COUNT_OR_ZERO, default: 0 },
    // GenAI multiplies it by 2^30 and does not look whether that fits into 64 bits.
    cacheSizeGb: { kind: "size", range: { min: 0, max: 2 ** 20 }, default: 0 },
    dynamicSplitFuse: { kind: "boolean", default: true },
    maxNumSeqs: { kind: "size", range: COUNT, default: 256 },
    enablePrefixCaching: { kind: "boolean", default: false },
    useCacheEviction: { kind: "boolean", default: false },
    cacheEvictionConfig: {
      kind: "group",
      options: CACHE_EVICTION,
      aliases: { cachesize: "maxCacheSize", kvcrush: "kvcrushConfig" },
      notOffered: {
        adaptiveRkvConfig: "GenAI 2026.4.1 fails at the first eviction in this mode.",
        applyRotation: "GenAI 2026.4.1 writes beyond its buffers with it.",
        evictableSize: "It is maxCacheSize - startSize - recentSize.",
      },
    },
    useSparseAttention: { kind: "boolean", default: false },
    sparseAttentionConfig: {
      kind: "group",
      options: SPARSE_ATTENTION,
      aliases: {
        blocksize: "xattentionBlockSize",
        stride: "xattentionStride",
        threshold: "xattentionThreshold",
      },
      notOffered: {},
    },
  },
  aliases: {
    batchsize: "maxNumSeqs",
    cacheeviction: "cacheEvictionConfig",
    chunkedprefill: "dynamicSplitFuse",
    chunksize: "maxNumBatchedTokens",
    enablechunkedprefill: "dynamicSplitFuse",
    kvcachesize: "cacheSizeGb",
    maxbatchsize: "maxNumSeqs",
    maxconcurrency: "maxNumSeqs",
    parallel: "maxNumSeqs",
    prefixcaching: "enablePrefixCaching",
    sequences: "maxNumSeqs",
    sparseattention: "sparseAttentionConfig",
  },
  notOffered: { blockSize: "A block of the cache has 32 tokens." },
};
