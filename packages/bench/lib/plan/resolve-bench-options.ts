/** The options of a benchmark: one table of types, ranges and defaults. */
import {
  invalidArgType,
  outOfRange,
  checkOptionValue,
  checkProfileOptions,
  plainObjectEntries,
  unknownOption,
  type OptionCheck,
  normalizeProperties,
  resolveSchedulerOptions,
  ISA_LIMITS,
  propertiesUnder,
} from "openvino-llm/internal";
import { resolveHttpOptions, type ResolvedHttpOptions } from "./http-options.js";
import { resolveServeOptions } from "./serve-options.js";
import { DEFAULT_PERCENTILES, type ServiceLevels } from "../measure/metrics.js";
import type { BenchOptions, ResolvedBenchOptions } from "./bench-options.js";
import { PRESETS } from "./presets.js";

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
  profile: 1,
  performanceHint: 1,
  scheduler: 1,
  promptLookup: 1,
  http: 1,
  serve: 1,
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
      'no value with engine "pipeline"',
      given.scheduler,
      "It has no scheduler.",
    );
  }
  const http = given.http === undefined ? null : resolveHttpOptions(given.http, `${where}.http`);
  if (http !== null) checkBesideHttp(given, http, where);
  const serve = given.serve === undefined ? null : resolveServeOptions(given.serve, `${where}.serve`);
  if (serve !== null) checkBesideServe(given, where);
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
    ...(chosen.profile === undefined ? {} : { profile: chosen.profile }),
    ...(chosen.performanceHint === undefined ? {} : { performanceHint: chosen.performanceHint }),
    scheduler,
    ...(chosen.promptLookup === true ? { promptLookup: true } : {}),
    maxNumBatchedTokens: chosen.maxNumBatchedTokens ?? null,
    http,
    ...(serve === null ? {} : { serve }),
    isaCompare: isaCompareOf(given, where),
  };
}

function isaCompareOf(given: BenchOptions, where: string) {
  const { isaCompare, http, device = "CPU", properties = {}, profile } = given;
  const name = `${where}.isaCompare`;
  if (isaCompare === undefined) return null;
  if (http !== undefined) {
    throw invalidArgType(
      name,
      "no value with http",
      isaCompare,
      "A server runs with the instruction set that it has.",
    );
  }
  if (device !== "CPU")
    throw outOfRange(
      name,
      `no value with the device ${device}`,
      isaCompare,
      "The limits are those of the device CPU.",
    );
  if (profile !== undefined) {
    throw invalidArgType(
      `${where}.profile`,
      "no value with isaCompare",
      profile,
      "A profile holds for one instruction set.",
    );
  }
  checkList(name, { kind: "choice", choices: ISA_LIMITS }, isaCompare);
  for (const limit of isaCompare) propertiesUnder(limit, properties, where);
  return ISA_LIMITS.filter((limit) => isaCompare.includes(limit)).toReversed();
}

/** Options that say how a model is loaded in this process; a server has its own. */
export const OF_THIS_PROCESS: readonly string[] = [
  "engine",
  "scheduler",
  "promptLookup",
  "maxNumBatchedTokens",
  "device",
  "properties",
  "profile",
  "performanceHint",
] satisfies ReadonlyArray<keyof BenchOptions>;

/** What does not reach a server would only look as if it had an effect. */
function checkBesideHttp(given: BenchOptions, { inProcess }: ResolvedHttpOptions, where: string): void {
  const values: Readonly<Record<string, unknown>> = { ...given };
  const idle = inProcess ? undefined : OF_THIS_PROCESS.find((name) => values[name] !== undefined);
  if (idle !== undefined) {
    throw invalidArgType(
      `${where}.${idle}`,
      "no value with http",
      values[idle],
      "A server is configured where it is started.",
    );
  }
  checkSingleSteps(given, "http", where);
}

/** The server is started with the engine settings of this process, as far as it can have them. */
function checkBesideServe(given: BenchOptions, where: string): void {
  const { engine, http, isaCompare } = given;
  if (http !== undefined) throw invalidArgType(`${where}.http`, "no value with serve", http);
  if (isaCompare !== undefined) {
    const advice = "It is a comparison too.";
    throw invalidArgType(`${where}.isaCompare`, "no value with serve", isaCompare, advice);
  }
  if (engine === "pipeline") {
    throw invalidArgType(`${where}.engine`, '"batching" with serve', engine, "The server has no other.");
  }
  checkSingleSteps(given, "serve", where);
}

function checkSingleSteps({ maxNumBatchedTokens = [] }: BenchOptions, beside: string, where: string): void {
  if (maxNumBatchedTokens.length > 1) {
    throw invalidArgType(
      `${where}.maxNumBatchedTokens`,
      `a single number with ${beside}`,
      maxNumBatchedTokens,
      "The server has one too.",
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
  const { serviceLevels, dataset, device, properties, scheduler, promptLookup } = options;
  if (promptLookup !== undefined && typeof promptLookup !== "boolean") {
    throw invalidArgType(`${where}.promptLookup`, "a boolean", promptLookup);
  }
  for (const [name, value] of plainObjectEntries(`${where}.serviceLevels`, serviceLevels)) {
    const full = `${where}.serviceLevels.${name}`;
    if (!Object.hasOwn(SERVICE_LEVELS, name)) throw unknownOption(full, name, value, SERVICE_LEVELS);
    checkOptionValue(full, ABOVE_ZERO, value, null);
  }
  checkText(`${where}.dataset`, '"random" or the path of a file', dataset);
  checkText(`${where}.device`, 'the name of a device such as "CPU"', device);
  checkProfileOptions(options, where);
  normalizeProperties(properties ?? {});
  resolveSchedulerOptions(scheduler, `${where}.scheduler`);
}

function checkList(name: string, item: OptionCheck, value: unknown): void {
  if (!Array.isArray(value) || value.length === 0) {
    throw invalidArgType(name, "an array of at least one number", value);
  }
  for (const [index, one] of value.entries()) checkOptionValue(`${name}[${index}]`, item, one, null);
  if (new Set(value).size !== value.length) throw invalidArgType(name, "an array of different values", value);
}

function checkText(name: string, expected: string, value: unknown): void {
  if (value !== undefined && (typeof value !== "string" || value === "")) {
    throw invalidArgType(name, expected, value);
  }
}

function withoutUndefined(options: BenchOptions): BenchOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
