/** What is worth trying on a processor. Pure. */
import type { Stage } from "./search/search.js";
import { changed, type TunedSettings } from "./search/settings.js";

/** What the candidates depend on. */
export interface SearchSpaceFacts {
  /** What the CPU plugin says that holds by default, by OpenVINO's names. */
  readonly inForce: Readonly<Record<string, string>>;
  /** Flags of the processor, as Linux names them: "amx_bf16", "avx512_fp16". */
  readonly flags: readonly string[];
  /** Physical cores that this process may use. */
  readonly cores: number;
  /** Hardware threads that this process may use. */
  readonly threads: number;
  /** Requests at once, ascending. */
  readonly levels: readonly number[];
  /** Tokens of a prompt. */
  readonly inputLength: number;
  /** Prompts are random tokens, in which a search of the prompt finds nothing that a real prompt would have. */
  readonly isRandom: boolean;
}

/** The stages of a search, and what is left out. */
export interface SearchSpace {
  /** In the order in which they are searched: what changes most comes first. */
  readonly stages: readonly Stage[];
  /** What is not tried and why, a sentence each. */
  readonly leftOut: readonly string[];
}

/** Values per scale: those that oneDNN has kernels for and that weights are grouped by. */
const GROUP_SIZES = [32, 64, 128];
/** Tokens of a step; GenAI's own limit is 256. */
const STEP_TOKENS = [128, 512, 1024, 2048];
const DEFAULT_STEP_TOKENS = 256;
/** Above it, requests that wait for each other are not worth measuring. */
const MAX_FOR_ONE_AT_A_TIME = 2;

/** All that tuning tries. */
export function searchSpace(facts: SearchSpaceFacts): SearchSpace {
  const { levels, isRandom } = facts;
  const highest = Math.max(...levels);
  const triesPipeline = highest <= MAX_FOR_ONE_AT_A_TIME;
  return {
    stages: [
      { name: "arithmetic", candidates: (base) => arithmetic(base, facts) },
      { name: "key-value cache", candidates: (base) => caches(base, facts) },
      { name: "threads", candidates: (base) => threads(base, facts) },
      { name: "scheduler", candidates: (base) => schedulers(base, facts) },
      {
        name: "pipeline",
        candidates: (base) => [
          ...(triesPipeline ? [changed(base, { engine: "pipeline" })] : []),
          ...(isRandom ? [] : [withLookup(base)]),
        ],
      },
    ],
    leftOut: [
      ...(triesPipeline
        ? []
        : [`LLMPipeline is not tried: it takes one request after the other, and ${highest} come at once.`]),
      ...(isRandom
        ? [
            "Prompt lookup is not tried: what it finds in random prompts says nothing of real ones. Give some with --dataset.",
          ]
        : []),
    ],
  };
}

/**
 * Precisions and how finely activations are quantised, together: oneDNN quantises them only in f32, where AMX has it
 * multiply in bf16 otherwise. Both are given, because a default of the library goes with neither of them given alone.
 */
function arithmetic(base: TunedSettings, { inForce, flags }: SearchSpaceFacts): TunedSettings[] {
  const [precision, group] = [
    inForce["INFERENCE_PRECISION_HINT"],
    inForce["DYNAMIC_QUANTIZATION_GROUP_SIZE"],
  ];
  const others = GROUP_SIZES.filter((size) => String(size) !== group);
  const withGroups = (INFERENCE_PRECISION_HINT: string) =>
    others.map((DYNAMIC_QUANTIZATION_GROUP_SIZE) =>
      changed(base, { properties: { INFERENCE_PRECISION_HINT, DYNAMIC_QUANTIZATION_GROUP_SIZE } }),
    );
  const isQuantisedToo = precision !== undefined && precision !== "f32" && !flags.includes("amx_tile");
  const offers: Array<[precision: string, isThere: boolean]> = [
    ["bf16", flags.includes("avx512_bf16") || flags.includes("amx_bf16")],
    ["f16", flags.includes("avx512_fp16") || flags.includes("amx_fp16")],
  ];
  return [
    ...(precision === "f32" ? [] : [changed(base, { properties: { INFERENCE_PRECISION_HINT: "f32" } })]),
    ...withGroups("f32"),
    ...(isQuantisedToo ? withGroups(precision) : []),
    ...offers
      .filter(([name, isThere]) => isThere && name !== precision)
      .map(([INFERENCE_PRECISION_HINT]) => changed(base, { properties: { INFERENCE_PRECISION_HINT } })),
  ];
}

/** Types of the cache that go with the precision; u8 goes with all. */
function caches(base: TunedSettings, { inForce }: SearchSpaceFacts): TunedSettings[] {
  const precision = String(
    base.properties["INFERENCE_PRECISION_HINT"] ?? inForce["INFERENCE_PRECISION_HINT"] ?? "f32",
  );
  const types = new Set(["u8", "f16", precision]);
  return [...types]
    .filter((type) => type !== inForce["KV_CACHE_PRECISION"])
    .map((KV_CACHE_PRECISION) => changed(base, { properties: { KV_CACHE_PRECISION } }));
}

function threads(base: TunedSettings, { inForce, cores, threads: all }: SearchSpaceFacts): TunedSettings[] {
  const counts = new Set([Math.ceil(cores / 2), cores, all]);
  counts.delete(Number(inForce["INFERENCE_NUM_THREADS"]));
  const isPinned = inForce["ENABLE_CPU_PINNING"] === "YES";
  return [
    ...[...counts].map((INFERENCE_NUM_THREADS) => changed(base, { properties: { INFERENCE_NUM_THREADS } })),
    changed(base, { properties: { ENABLE_CPU_PINNING: !isPinned } }),
    ...(all > cores
      ? [
          changed(base, {
            properties: { ENABLE_HYPER_THREADING: inForce["ENABLE_HYPER_THREADING"] !== "YES" },
          }),
        ]
      : []),
  ];
}

/** Steps that hold less or more of the prompts; fewer requests at once; prompts that are not cut. */
function schedulers(base: TunedSettings, { levels, inputLength }: SearchSpaceFacts): TunedSettings[] {
  const highest = Math.max(...levels);
  const atOnce = inputLength * highest;
  // A step that holds all prompts is the largest that makes a difference.
  const steps = STEP_TOKENS.filter(
    (tokens, index) => tokens < atOnce || (STEP_TOKENS[index - 1] ?? DEFAULT_STEP_TOKENS) < atOnce,
  );
  return [
    ...steps
      .filter((tokens) => tokens >= highest && !(tokens < DEFAULT_STEP_TOKENS && atOnce <= tokens))
      .map((maxNumBatchedTokens) => changed(base, { scheduler: { maxNumBatchedTokens } })),
    ...(highest >= 4 ? [changed(base, { scheduler: { maxNumSeqs: Math.ceil(highest / 2) } })] : []),
    ...(highest > 1 ? [changed(base, { scheduler: { dynamicSplitFuse: false } })] : []),
  ];
}

/** Prompt lookup needs the scheduler's own limits. */
function withLookup(base: TunedSettings): TunedSettings {
  return { ...base, scheduler: {}, promptLookup: true };
}
