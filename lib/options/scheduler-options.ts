/**
 * The options of the scheduler behind `ContinuousBatchingPipeline`, as one table: GenAI's `SchedulerConfig` in camelCase,
 * with its types, ranges and defaults. GenAI itself checks little of it before the first request runs.
 */
import { checkOptionValue, plainObjectEntries, unknownOption, type OptionRange } from "./option-checks.js";
import { checkSchedulerRules } from "./scheduler-rules.js";

/** How attention scores are gathered to tell which tokens can go. */
export type AggregationMode = "sum" | "norm-sum" | "adaptive-rkv";
/** What KVCrush compares blocks with. */
export type KvCrushAnchorPointMode = "random" | "zeros" | "ones" | "mean" | "alternating";
/** How sparse attention chooses what it leaves out. */
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

/** Adaptive R-KV, used where `aggregationMode` is "adaptive-rkv". */
export interface AdaptiveRkvOptions {
  /** Part of the attention that the kept tokens make up; the rest are kept for being unlike: 0 to 1. Default 0.9. */
  readonly attentionMass?: number | undefined;
  /** Latest tokens whose scores count: 1 to 2^31 - 1. Default 8. */
  readonly windowSize?: number | undefined;
}

/**
 * Cache eviction: a sequence keeps its first tokens, its last, and of those between only the ones that get the most
 * attention. It saves cache and changes the text. Sizes are tokens, in whole blocks of 32. What lies between is
 * `maxCacheSize - startSize - recentSize`.
 */
export interface CacheEvictionOptions {
  /** First tokens, never evicted: a multiple of 32, from 32. Default 32. */
  readonly startSize?: number | undefined;
  /** Last tokens, not evicted yet: a multiple of 32, from 32. Default 128. */
  readonly recentSize?: number | undefined;
  /** Tokens of a sequence that stay: a multiple of 32, above `startSize + recentSize`. Default 672. */
  readonly maxCacheSize?: number | undefined;
  /** How scores are gathered. Default "norm-sum". */
  readonly aggregationMode?: AggregationMode | undefined;
  /** Turns what stays to its new position (RoPE). Default false. */
  readonly applyRotation?: boolean | undefined;
  /** Last tokens of the prompt whose scores count at first (SnapKV): 0 (all) to 2^31 - 1. Default 8. */
  readonly snapkvWindowSize?: number | undefined;
  /** KVCrush. Not with "adaptive-rkv". */
  readonly kvcrushConfig?: KvCrushOptions | undefined;
  /** Adaptive R-KV. */
  readonly adaptiveRkvConfig?: AdaptiveRkvOptions | undefined;
}

/** Sparse attention: the prompt is processed faster by leaving out part of the attention. It changes the text. */
export interface SparseAttentionOptions {
  /** How it is chosen what to leave out. Default "trishape". */
  readonly mode?: SparseAttentionMode | undefined;
  /** Tokens at the end of the prompt with full attention: 0 to 2^31 - 1. Default 100. */
  readonly numLastDenseTokensInPrefill?: number | undefined;
  /** "trishape": first tokens that all see: a multiple of 32, from 0. Default 128. */
  readonly numRetainedStartTokensInCache?: number | undefined;
  /** "trishape": last tokens before its own that each sees: a multiple of 32, from 0. Default 1920. */
  readonly numRetainedRecentTokensInCache?: number | undefined;
  /** "xattention": part of the attention to keep: above 0, at most 1. Default 0.8. */
  readonly xattentionThreshold?: number | undefined;
  /** "xattention": tokens of a block that is kept or left out as a whole. Default 64. */
  readonly xattentionBlockSize?: number | undefined;
  /** "xattention": every how many tokens attention is estimated. Default 8. */
  readonly xattentionStride?: number | undefined;
}

/**
 * How requests share the engine of a `ContinuousBatchingPipeline`. Names, meanings and defaults are GenAI's
 * (`SchedulerConfig`), in camelCase. What is not given keeps its default, inside the nested objects too.
 */
export interface SchedulerOptions {
  /**
   * Tokens that one step of the engine processes at most, of all requests together: 1 to 2^31 - 1. Smaller steps let
   * running requests go on sooner, and a cancelled one end sooner, while a long prompt is processed. Default 256.
   */
  readonly maxNumBatchedTokens?: number | undefined;
  /** Blocks of 32 tokens in the cache: 0 (grows as needed) to 2^31 - 1. An alternative to `cacheSizeGb`. Default 0. */
  readonly numKvBlocks?: number | undefined;
  /**
   * Size of the cache in whole GB of 2^30 bytes: 0 (grows as needed) to 2^20. Loading fails where it is more than the
   * machine has free. An alternative to `numKvBlocks`. Default 0.
   */
  readonly cacheSizeGb?: number | undefined;
  /** Process prompts in parts, together with the tokens of running requests. Default true. */
  readonly dynamicSplitFuse?: boolean | undefined;
  /**
   * Requests that run at once at most; others wait: 1 to 2^31 - 1, at most `maxNumBatchedTokens`. Default 256, or
   * `maxNumBatchedTokens` where that is less.
   */
  readonly maxNumSeqs?: number | undefined;
  /** Keep the cache of earlier requests for prompts that begin alike. Default false. */
  readonly enablePrefixCaching?: boolean | undefined;
  /** Evict tokens from the cache. Default: whether `cacheEvictionConfig` is given. */
  readonly useCacheEviction?: boolean | undefined;
  /** How to evict. Giving it, even empty, switches eviction on, unless `useCacheEviction` is false. */
  readonly cacheEvictionConfig?: CacheEvictionOptions | undefined;
  /** Leave out part of the attention in prompts. Default: whether `sparseAttentionConfig` is given. */
  readonly useSparseAttention?: boolean | undefined;
  /** How to leave out. Giving it, even empty, switches it on, unless `useSparseAttention` is false. */
  readonly sparseAttentionConfig?: SparseAttentionOptions | undefined;
}

/** Options with every value present, nested ones too. */
type Resolved<Options> = {
  readonly [Name in keyof Options]-?: NonNullable<Options[Name]> extends object
    ? Resolved<NonNullable<Options[Name]>>
    : NonNullable<Options[Name]>;
};

/** Every scheduler option with the value that holds. */
export type ResolvedSchedulerConfig = Resolved<SchedulerOptions>;

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

interface GroupSpec<Options> {
  readonly kind: "group";
  readonly options: Options;
  /** What the names of other libraries are called here. */
  readonly aliases: Readonly<Record<string, string>>;
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

/** A table of any options, for the code that walks through it. */
interface AnyTable {
  readonly [name: string]: NumberSpec | BooleanSpec | ChoiceSpec<string> | GroupSpec<AnyTable>;
}

const MAX_INT32 = 2 ** 31 - 1;
const COUNT = { min: 1, max: MAX_INT32 };
const COUNT_OR_ZERO = { min: 0, max: MAX_INT32 };
const BLOCK_SIZE = 32;
const BLOCKS = { multipleOf: BLOCK_SIZE, min: BLOCK_SIZE, max: 2 ** 31 - BLOCK_SIZE };
const SEED = { min: 0, max: Number.MAX_SAFE_INTEGER };

const KVCRUSH: Table<KvCrushOptions> = {
  budget: { kind: "size", range: COUNT_OR_ZERO, default: 0 },
  anchorPointMode: {
    kind: "choice",
    choices: ["random", "zeros", "ones", "mean", "alternating"],
    default: "random",
  },
  rngSeed: { kind: "size", range: SEED, default: 0 },
};

const ADAPTIVE_RKV: Table<AdaptiveRkvOptions> = {
  attentionMass: { kind: "float", range: { min: 0, max: 1 }, default: 0.9 },
  // GenAI takes the oldest score of an empty queue where it is 0.
  windowSize: { kind: "size", range: COUNT, default: 8 },
};

const CACHE_EVICTION: Table<CacheEvictionOptions> = {
  startSize: { kind: "size", range: BLOCKS, default: 32 },
  recentSize: { kind: "size", range: BLOCKS, default: 128 },
  maxCacheSize: { kind: "size", range: BLOCKS, default: 672 },
  aggregationMode: { kind: "choice", choices: ["sum", "norm-sum", "adaptive-rkv"], default: "norm-sum" },
  applyRotation: { kind: "boolean", default: false },
  snapkvWindowSize: { kind: "size", range: COUNT_OR_ZERO, default: 8 },
  kvcrushConfig: { kind: "group", options: KVCRUSH, aliases: { seed: "rngSeed" } },
  adaptiveRkvConfig: { kind: "group", options: ADAPTIVE_RKV, aliases: {} },
};

const SPARSE_ATTENTION: Table<SparseAttentionOptions> = {
  mode: { kind: "choice", choices: ["trishape", "xattention"], default: "trishape" },
  numLastDenseTokensInPrefill: { kind: "size", range: COUNT_OR_ZERO, default: 100 },
  numRetainedStartTokensInCache: { kind: "size", range: { ...BLOCKS, min: 0 }, default: 128 },
  numRetainedRecentTokensInCache: { kind: "size", range: { ...BLOCKS, min: 0 }, default: 1920 },
  xattentionThreshold: { kind: "float", range: { above: 0, max: 1 }, default: 0.8 },
  xattentionBlockSize: { kind: "size", range: BLOCKS, default: 64 },
  xattentionStride: { kind: "size", range: COUNT, default: 8 },
};

/** Every scheduler option. The defaults are proved equal to the library's own by test/native/scheduler-defaults. */
const SCHEDULER: GroupSpec<Table<SchedulerOptions>> = {
  kind: "group",
  options: {
    maxNumBatchedTokens: { kind: "size", range: COUNT, default: 256 },
    numKvBlocks: { kind: "size", range: COUNT_OR_ZERO, default: 0 },
    // GenAI multiplies it by 2^30 without looking whether that fits.
    cacheSizeGb: { kind: "size", range: { min: 0, max: 2 ** 20 }, default: 0 },
    dynamicSplitFuse: { kind: "boolean", default: true },
    maxNumSeqs: { kind: "size", range: COUNT, default: 256 },
    enablePrefixCaching: { kind: "boolean", default: false },
    useCacheEviction: { kind: "boolean", default: false },
    cacheEvictionConfig: {
      kind: "group",
      options: CACHE_EVICTION,
      aliases: { evictablesize: "maxCacheSize", cachesize: "maxCacheSize", kvcrush: "kvcrushConfig" },
    },
    useSparseAttention: { kind: "boolean", default: false },
    sparseAttentionConfig: {
      kind: "group",
      options: SPARSE_ATTENTION,
      aliases: {
        threshold: "xattentionThreshold",
        blocksize: "xattentionBlockSize",
        stride: "xattentionStride",
      },
    },
  },
  aliases: {
    maxbatchsize: "maxNumSeqs",
    batchsize: "maxNumSeqs",
    maxconcurrency: "maxNumSeqs",
    parallel: "maxNumSeqs",
    sequences: "maxNumSeqs",
    chunksize: "maxNumBatchedTokens",
    chunkedprefill: "dynamicSplitFuse",
    enablechunkedprefill: "dynamicSplitFuse",
    kvcachesize: "cacheSizeGb",
    prefixcaching: "enablePrefixCaching",
    cacheeviction: "cacheEvictionConfig",
    sparseattention: "sparseAttentionConfig",
  },
};

/**
 * Checks scheduler options and merges them over GenAI's defaults. `undefined` values count as absent.
 *
 * @returns a deeply frozen copy with every value present.
 * @throws TypeError for an unknown option, a value of the wrong type, and options that contradict each other.
 * @throws RangeError for a value outside its range, or outside what another option leaves of it.
 */
export function resolveSchedulerOptions(
  options: unknown,
  where = "options.scheduler",
): ResolvedSchedulerConfig {
  const given: Readonly<Record<string, unknown>> = Object.fromEntries(plainObjectEntries(where, options));
  // Every name of the table has a value now, and each passed its check.
  const merged = merge(SCHEDULER, given, where) as ResolvedSchedulerConfig;
  const isOn = (flag: keyof SchedulerOptions, config: keyof SchedulerOptions): boolean =>
    given[flag] === undefined ? given[config] !== undefined : given[flag] === true;
  const config: ResolvedSchedulerConfig = {
    ...merged,
    useCacheEviction: isOn("useCacheEviction", "cacheEvictionConfig"),
    useSparseAttention: isOn("useSparseAttention", "sparseAttentionConfig"),
    maxNumSeqs:
      given["maxNumSeqs"] === undefined
        ? Math.min(merged.maxNumSeqs, merged.maxNumBatchedTokens)
        : merged.maxNumSeqs,
  };
  checkSchedulerRules(config, where);
  return Object.freeze(config);
}

function merge({ options, aliases }: GroupSpec<AnyTable>, value: unknown, where: string): object {
  const given = new Map(plainObjectEntries(where, value).filter(([, item]) => item !== undefined));
  for (const [name, item] of given) {
    if (Object.hasOwn(options, name)) continue;
    throw unknownOption(`${where}.${name}`, name, item, options, aliases);
  }
  const entries = Object.entries(options).map(([name, spec]) => {
    const full = `${where}.${name}`;
    if (spec.kind === "group") return [name, merge(spec, given.get(name), full)];
    return [name, given.has(name) ? checkOptionValue(full, spec, given.get(name), null) : spec.default];
  });
  return Object.freeze(Object.fromEntries(entries));
}
