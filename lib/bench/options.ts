/** The options of a benchmark: one table of types, ranges and defaults. */
import { invalidArgType, outOfRange } from "../errors/errors.js";
import {
  checkOptionValue,
  plainObjectEntries,
  unknownOption,
  type OptionCheck,
} from "../options/option-checks.js";
import { normalizeProperties, type Properties } from "../options/properties.js";
import { resolveSchedulerOptions, type SchedulerOptions } from "../options/scheduler-options.js";
import { resolveHttpOptions, type HttpOptions, type ResolvedHttpOptions } from "./http/options.js";
import { ISA_LIMITS, propertiesUnder, type IsaLimit } from "../host/kernels/isa-limit.js";
import { DEFAULT_PERCENTILES, type ServiceLevels } from "./metrics.js";
import { PRESETS, type PresetName } from "./presets.js";

/** Which pipeline runs a model: `ContinuousBatchingPipeline`, or `LLMPipeline`, which takes one request after the other. */
export type EngineName = "batching" | "pipeline";

/** What to measure. `undefined` values count as absent. */
export interface BenchOptions {
  /** Options to begin with: "intel-128" (the published article) or "quick". Default none. */
  readonly preset?: PresetName | undefined;
  /** Which pipeline runs the models. Default "batching". */
  readonly engine?: EngineName | undefined;
  /** Levels of concurrency, each an integer from 1 to 65536, once. Default 1, 2, 4, 8, 16, 32. */
  readonly levels?: readonly number[] | undefined;
  /** Tokens of a random prompt: 1 to 2^31 - 1. Default 128. */
  readonly inputLength?: number | undefined;
  /** Tokens to generate: 1 to 2^31 - 1. Default 128. */
  readonly outputLength?: number | undefined;
  /** Both lengths are drawn uniformly from `length * (1 ± ratio)`: 0 to below 1. Default 0. */
  readonly rangeRatio?: number | undefined;
  /** Prompts of every level; rounded up to a multiple of the concurrency. Default: `promptsPerConcurrency`. */
  readonly numPrompts?: number | undefined;
  /** Prompts for each request in flight, where `numPrompts` is not given: 1 or more. Default: 4, and 32 in all at least. */
  readonly promptsPerConcurrency?: number | undefined;
  /** Requests that arrive in a second: above 0. Default Infinity: all at once, a closed loop. */
  readonly requestRate?: number | undefined;
  /** How even the gaps between arrivals are: above 0; 1 is a Poisson process. Default 1. */
  readonly burstiness?: number | undefined;
  /** How often each level is measured: 1 to 1000. Default 3. */
  readonly repeats?: number | undefined;
  /** Fixes prompts, lengths and arrivals: 0 to 2^53 - 1. Default 0. */
  readonly seed?: number | undefined;
  /** What a request has to keep to count for goodput. Default TTFT 3000 ms, TPOT 100 ms. */
  readonly serviceLevels?: ServiceLevels | undefined;
  /** Percentiles to report, 0 to 100. Default 50, 90, 95, 99. */
  readonly percentiles?: readonly number[] | undefined;
  /** "random", or the path of a file of prompts in JSON lines. Default "random". */
  readonly dataset?: string | undefined;
  /** Tokens that each request of a warm-up generates: 1 to 2^31 - 1. Default 16, or `outputLength` where that is less. */
  readonly warmupOutputLength?: number | undefined;
  /** OpenVINO device. Default "CPU". */
  readonly device?: string | undefined;
  /** OpenVINO plugin properties. Default none. */
  readonly properties?: Properties | undefined;
  /** The scheduler of "batching". Default: GenAI's own, which has prefix caching off. */
  readonly scheduler?: SchedulerOptions | undefined;
  /** Values of `scheduler.maxNumBatchedTokens` to measure one after the other. Default: the one of `scheduler`. */
  readonly maxNumBatchedTokens?: readonly number[] | undefined;
  /**
   * A server to measure over HTTP instead, or with its `inProcess` as well. Of a server alone nothing is loaded here:
   * `engine`, `scheduler`, `maxNumBatchedTokens`, `device` and `properties` are then refused. Default none.
   */
  readonly http?: HttpOptions | undefined;
  /**
   * Measures each model again with the instruction set limited to each of these, in a process of its own: what an instruction
   * set gains. `isaStepsHere` gives those that make a difference here. Below AVX512_CORE_BF16 inference is in "f32". Not with
   * `http`, and only on the device CPU. Default none.
   */
  readonly isaCompare?: readonly IsaLimit[] | undefined;
}

/** Options with every value present. */
export interface ResolvedBenchOptions {
  /** Which pipeline runs the models of this process. */
  readonly engine: EngineName;
  /** Requests in flight at each level, in the order of measurement. */
  readonly levels: readonly number[];
  /** Tokens of a random prompt, before `rangeRatio`. */
  readonly inputLength: number;
  /** Tokens to generate, before `rangeRatio`. */
  readonly outputLength: number;
  /** Both lengths are drawn from `length * (1 ± ratio)`: 0 to below 1. */
  readonly rangeRatio: number;
  /** Prompts of every level, not yet rounded up; null where `promptsPerConcurrency` decides. */
  readonly numPrompts: number | null;
  /** Prompts for each request in flight; null: 4, and 32 in all at least. */
  readonly promptsPerConcurrency: number | null;
  /** "inf": JSON has no infinity. */
  readonly requestRate: number | "inf";
  /** Evenness of the gaps between arrivals: above 0; 1 is a Poisson process. */
  readonly burstiness: number;
  /** How often each level is measured: 1 to 1000. */
  readonly repeats: number;
  /** Fixes prompts, lengths and arrivals: 0 to 2^53 - 1. */
  readonly seed: number;
  /** Limits for goodput, in milliseconds; empty for none. */
  readonly serviceLevels: ServiceLevels;
  /** Percentiles to report, 0 to 100. */
  readonly percentiles: readonly number[];
  /** "random", or the path of a file of prompts. */
  readonly dataset: string;
  /** Tokens that each request of a warm-up generates. */
  readonly warmupOutputLength: number;
  /** OpenVINO device, such as "CPU". */
  readonly device: string;
  /** OpenVINO plugin properties that were given; empty for none. */
  readonly properties: Properties;
  /** Scheduler options that were given; empty leaves all to GenAI. */
  readonly scheduler: SchedulerOptions;
  /** Values that are measured one after the other; null where it is not swept. */
  readonly maxNumBatchedTokens: readonly number[] | null;
  /** Null where everything is measured in this process; absent in the folders of earlier versions. */
  readonly http: ResolvedHttpOptions | null;
  /** From the highest to the lowest; null for no comparison, absent in the folders of earlier versions. */
  readonly isaCompare: readonly IsaLimit[] | null;
}

const LENGTH: OptionCheck = { kind: "size", range: { min: 1, max: 2 ** 31 - 1 } };
const ABOVE_ZERO: OptionCheck = { kind: "float", range: { above: 0 } };

const CHECKS: Readonly<Partial<Record<keyof BenchOptions, OptionCheck>>> = {
  preset: { kind: "choice", choices: Object.keys(PRESETS) },
  engine: { kind: "choice", choices: ["batching", "pipeline"] },
  inputLength: LENGTH,
  outputLength: LENGTH,
  rangeRatio: { kind: "float", range: { min: 0, below: 1 } },
  numPrompts: LENGTH,
  promptsPerConcurrency: LENGTH,
  requestRate: ABOVE_ZERO,
  burstiness: ABOVE_ZERO,
  repeats: { kind: "size", range: { min: 1, max: 1000 } },
  seed: { kind: "size", range: { min: 0, max: Number.MAX_SAFE_INTEGER } },
  warmupOutputLength: LENGTH,
};

const LISTS: Readonly<Partial<Record<keyof BenchOptions, OptionCheck>>> = {
  levels: { kind: "size", range: { min: 1, max: 65_536 } },
  percentiles: { kind: "float", range: { min: 0, max: 100 } },
  maxNumBatchedTokens: LENGTH,
};

const OTHERS = {
  serviceLevels: 1,
  dataset: 1,
  device: 1,
  properties: 1,
  scheduler: 1,
  http: 1,
  isaCompare: 1,
} as const;
/** What the names of vLLM and of the command line are called here. */
const ALIASES = {
  inputlen: "inputLength",
  outputlen: "outputLength",
  concurrency: "levels",
  maxconcurrency: "levels",
  slo: "serviceLevels",
  goodput: "serviceLevels",
  runs: "repeats",
} as const;
const SERVICE_LEVELS = { ttftMs: 1, tpotMs: 1, e2elMs: 1 } as const;
const DEFAULT_SERVICE_LEVELS: ServiceLevels = { ttftMs: 3000, tpotMs: 100 };
const DEFAULT_WARMUP_TOKENS = 16;

/**
 * Checks options and fills in the defaults; those of a preset come before.
 *
 * @param where - what the options are called in error messages
 * @throws TypeError, RangeError naming the option
 */
export function resolveBenchOptions(options: BenchOptions, where = "options"): ResolvedBenchOptions {
  check(options, where);
  const given = withoutUndefined(options);
  const { preset = "intel-128" } = given;
  const chosen: BenchOptions = { ...PRESETS[preset], ...given };
  const { outputLength = 128, requestRate = Infinity, scheduler = {}, engine = "batching" } = chosen;
  if (engine === "pipeline" && (given.scheduler ?? given.maxNumBatchedTokens) !== undefined) {
    throw invalidArgType(
      `${where}.scheduler`,
      'nothing: engine "pipeline" has no scheduler',
      given.scheduler,
    );
  }
  const http = given.http === undefined ? null : resolveHttpOptions(given.http, `${where}.http`);
  if (http !== null) checkBesideHttp(given, http, where);
  return {
    engine,
    levels: [...(chosen.levels ?? [])].sort((a, b) => a - b),
    inputLength: chosen.inputLength ?? 128,
    outputLength,
    rangeRatio: chosen.rangeRatio ?? 0,
    numPrompts: chosen.numPrompts ?? null,
    promptsPerConcurrency: chosen.promptsPerConcurrency ?? null,
    requestRate: requestRate === Infinity ? "inf" : requestRate,
    burstiness: chosen.burstiness ?? 1,
    repeats: chosen.repeats ?? 3,
    seed: chosen.seed ?? 0,
    serviceLevels: chosen.serviceLevels ?? DEFAULT_SERVICE_LEVELS,
    percentiles: chosen.percentiles ?? DEFAULT_PERCENTILES,
    dataset: chosen.dataset ?? "random",
    warmupOutputLength: chosen.warmupOutputLength ?? Math.min(DEFAULT_WARMUP_TOKENS, outputLength),
    device: chosen.device ?? "CPU",
    properties: chosen.properties ?? {},
    scheduler,
    maxNumBatchedTokens: chosen.maxNumBatchedTokens ?? null,
    http,
    isaCompare: isaCompareOf(given, where),
  };
}

function isaCompareOf({ isaCompare, http, device = "CPU", properties = {} }: BenchOptions, where: string) {
  const name = `${where}.isaCompare`;
  if (isaCompare === undefined) return null;
  if (http !== undefined) {
    throw invalidArgType(
      name,
      "nothing (a server, as http names one, runs with the instruction set that it has)",
      isaCompare,
    );
  }
  if (device !== "CPU")
    throw outOfRange(
      name,
      `nothing (on the device ${device}; the limits are those of the device CPU)`,
      isaCompare,
    );
  checkList(name, { kind: "choice", choices: ISA_LIMITS }, isaCompare);
  for (const limit of isaCompare) propertiesUnder(limit, properties, where);
  return ISA_LIMITS.filter((limit) => isaCompare.includes(limit)).toReversed();
}

const OF_THIS_PROCESS = ["engine", "scheduler", "maxNumBatchedTokens", "device", "properties"] as const;

/** What a server does not hear of would only look as if it had an effect. */
function checkBesideHttp(given: BenchOptions, { inProcess }: ResolvedHttpOptions, where: string): void {
  const idle = inProcess ? undefined : OF_THIS_PROCESS.find((name) => given[name] !== undefined);
  if (idle !== undefined) {
    throw invalidArgType(
      `${where}.${idle}`,
      "nothing beside http: a server is configured where it is started",
      given[idle],
    );
  }
  const { maxNumBatchedTokens = [] } = given;
  if (maxNumBatchedTokens.length > 1) {
    throw invalidArgType(
      `${where}.maxNumBatchedTokens`,
      "a single number beside http: the server has one too",
      maxNumBatchedTokens,
    );
  }
}

function check(options: BenchOptions, where: string): void {
  const known = { ...CHECKS, ...LISTS, ...OTHERS };
  for (const [name, value] of plainObjectEntries(where, options)) {
    const full = `${where}.${name}`;
    if (!Object.hasOwn(known, name)) throw unknownOption(full, name, value, known, ALIASES);
    if (value === undefined) continue;
    const key = name as keyof BenchOptions;
    const single = CHECKS[key];
    const item = LISTS[key];
    if (single !== undefined) checkOptionValue(full, single, value, null);
    if (item !== undefined) checkList(full, item, value);
  }
  const { serviceLevels, dataset, device, properties, scheduler } = options;
  for (const [name, value] of plainObjectEntries(`${where}.serviceLevels`, serviceLevels)) {
    const full = `${where}.serviceLevels.${name}`;
    if (!Object.hasOwn(SERVICE_LEVELS, name)) throw unknownOption(full, name, value, SERVICE_LEVELS);
    checkOptionValue(full, ABOVE_ZERO, value, null);
  }
  checkText(`${where}.dataset`, '"random" or the path of a file', dataset);
  checkText(`${where}.device`, 'the name of a device such as "CPU"', device);
  normalizeProperties(properties ?? {});
  resolveSchedulerOptions(scheduler, `${where}.scheduler`);
}

function checkList(name: string, item: OptionCheck, value: unknown): void {
  if (!Array.isArray(value) || value.length === 0) {
    throw invalidArgType(name, "an array of at least one number", value);
  }
  for (const [index, one] of value.entries()) checkOptionValue(`${name}[${index}]`, item, one, null);
  if (new Set(value).size !== value.length) throw invalidArgType(name, "an array without repetition", value);
}

function checkText(name: string, expected: string, value: unknown): void {
  if (value !== undefined && (typeof value !== "string" || value === "")) {
    throw invalidArgType(name, expected, value);
  }
}

function withoutUndefined(options: BenchOptions): BenchOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
