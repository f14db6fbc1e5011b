/** The options of tuning, as they are given and with every value present. */
import { checkOptionValue, plainObjectEntries, unknownOption, type OptionCheck } from "openvino-llm/internal";
import type { ServiceLevels } from "../measure/metrics.js";
import type { BenchOptions } from "../plan/bench-options.js";
import { resolveBenchOptions } from "../plan/resolve-bench-options.js";
import { DEFAULT_QUALITY_LIMITS, type QualityLimits } from "./judge-quality.js";
import { TUNE_OBJECTIVES, type TuneObjective } from "./search/objective.js";

/** What to tune for. `undefined` values count as absent. */
export interface TuneOptions {
  /** Levels of concurrency, each an integer from 1 to 65536, once. Default 1, 8. */
  readonly levels?: readonly number[] | undefined;
  /** Tokens of a random prompt: 1 to 2^31 - 1. Default 128. */
  readonly inputLength?: number | undefined;
  /** Tokens to generate: 1 to 2^31 - 1. Default 128. */
  readonly outputLength?: number | undefined;
  /** What a request has to keep to count for "goodput". Default TTFT 3000 ms, TPOT 100 ms. */
  readonly serviceLevels?: ServiceLevels | undefined;
  /** "random", or the path of a file of prompts in JSON lines, with which prompt lookup is tried too. Default "random". */
  readonly dataset?: string | undefined;
  /** What "better" means. Default "latency". */
  readonly objective?: TuneObjective | undefined;
  /** Time for everything, in milliseconds, above 0: a measurement that has begun is ended. Default 600,000. */
  readonly budgetMs?: number | undefined;
  /** Fixes prompts and the order of measurements: 0 to 2^53 - 1. Default 0. */
  readonly seed?: number | undefined;
  /** What answers have to keep. */
  readonly qualityLimits?: { readonly [Limit in keyof QualityLimits]?: number | undefined } | undefined;
}

/** Options with every value present. */
export interface ResolvedTuneOptions {
  /** Requests at once, ascending. */
  readonly levels: readonly number[];
  /** Tokens of a random prompt. */
  readonly inputLength: number;
  /** Tokens to generate. */
  readonly outputLength: number;
  /** Limits for "goodput", in milliseconds; empty for none. */
  readonly serviceLevels: ServiceLevels;
  /** "random", or the path of a file of prompts. */
  readonly dataset: string;
  /** What "better" means. */
  readonly objective: TuneObjective;
  /** Time for everything, in milliseconds. */
  readonly budgetMs: number;
  /** Fixes prompts and the order of measurements. */
  readonly seed: number;
  /** What answers have to keep. */
  readonly qualityLimits: QualityLimits;
}

const DEFAULT_LEVELS = [1, 8];
const DEFAULT_BUDGET_MS = 600_000;

const OWN: Readonly<Record<string, OptionCheck>> = {
  objective: { kind: "choice", choices: TUNE_OBJECTIVES },
  budgetMs: { kind: "float", range: { above: 0 } },
};
const OF_BENCH = {
  levels: 1,
  inputLength: 1,
  outputLength: 1,
  serviceLevels: 1,
  dataset: 1,
  seed: 1,
} as const;
const LIMITS: Readonly<Record<string, OptionCheck>> = {
  maxPerplexityRatio: { kind: "float", range: { above: 1 } },
  minGreedyAgreement: { kind: "float", range: { min: 0, max: 1 } },
};

/**
 * Checks options and fills in the defaults.
 *
 * @throws TypeError, RangeError naming the option
 */
export function resolveTuneOptions(options: TuneOptions): ResolvedTuneOptions {
  const known = { ...OWN, ...OF_BENCH, qualityLimits: 1 };
  for (const [name, value] of plainObjectEntries("options", options)) {
    if (!Object.hasOwn(known, name)) throw unknownOption(`options.${name}`, name, value, known);
    const check = OWN[name];
    if (check !== undefined && value !== undefined) checkOptionValue(`options.${name}`, check, value, null);
  }
  const { levels = DEFAULT_LEVELS, inputLength, outputLength, serviceLevels, dataset, seed } = options;
  const load: BenchOptions = { levels, inputLength, outputLength, serviceLevels, dataset, seed };
  const resolved = resolveBenchOptions(load);
  return {
    levels: resolved.levels,
    inputLength: resolved.inputLength,
    outputLength: resolved.outputLength,
    serviceLevels: resolved.serviceLevels,
    dataset: resolved.dataset,
    objective: options.objective ?? "latency",
    budgetMs: options.budgetMs ?? DEFAULT_BUDGET_MS,
    seed: resolved.seed,
    qualityLimits: resolveQualityLimits(
      options.qualityLimits,
      DEFAULT_QUALITY_LIMITS,
      "options.qualityLimits",
    ),
  };
}

/**
 * Checks limits and fills in the defaults.
 *
 * @param where - what they are called in error messages
 * @throws TypeError, RangeError naming the limit
 */
export function resolveQualityLimits(
  limits: TuneOptions["qualityLimits"],
  defaults: QualityLimits,
  where: string,
): QualityLimits {
  const given = plainObjectEntries(where, limits).filter(([, value]) => value !== undefined);
  for (const [name, value] of given) {
    const check = LIMITS[name];
    if (check === undefined) throw unknownOption(`${where}.${name}`, name, value, LIMITS);
    checkOptionValue(`${where}.${name}`, check, value, null);
  }
  return { ...defaults, ...Object.fromEntries(given) };
}
