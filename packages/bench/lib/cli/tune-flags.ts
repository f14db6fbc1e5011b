/** The flags of `tune`, and what they are called in the library. */
import { Option, type Command } from "commander";

import { DEFAULT_MODEL, duration, inFlags, integer, number } from "openvino-llm/internal";
import type { ServiceLevels } from "../measure/metrics.js";
import { TUNE_OBJECTIVES, type TuneObjective } from "../tune/search/objective.js";
import type { TuneFormatsOptions } from "../tune/formats/formats-report.js";
import { resolveTuneOptions, type TuneOptions } from "../tune/tune-options.js";
import { integers, serviceLevels } from "./bench-flag-values.js";

/** The flags as the command line parser gives them. */
export interface TuneFlags {
  readonly levels?: readonly number[];
  readonly inputLen?: number;
  readonly outputLen?: number;
  readonly slo?: ServiceLevels;
  readonly dataset?: string;
  readonly objective?: TuneObjective;
  /** In milliseconds. */
  readonly budget?: number;
  readonly seed?: number;
  readonly maxPerplexityRatio?: number;
  readonly minAgreement?: number;
  readonly output?: string;
  readonly report?: readonly string[];
  readonly json?: boolean;
  /** A checkpoint; then there is no model. */
  readonly formats?: string;
  readonly only?: readonly string[];
  readonly calibration?: string;
}

/** Adds the argument and the flags to a command. */
export function addTuneFlags(command: Command): Command {
  return command
    .argument(
      "[model]",
      `a folder with OpenVINO IR, a .gguf file or a name in the cache (default: ${DEFAULT_MODEL})`,
    )
    .option("--levels <list>", "requests at once (default: 1,8)", integers)
    .option("--input-len <n>", "tokens of a random prompt (default: 128)", integer)
    .option("--output-len <n>", "tokens to generate (default: 128)", integer)
    .addOption(
      new Option("--objective <name>", "what to tune for (default: latency)").choices(TUNE_OBJECTIVES),
    )
    .option("--slo <list>", "service levels in ms, for goodput (default: ttft=3000,tpot=100)", serviceLevels)
    .option(
      "--budget <time>",
      "time for everything, e.g. 90s, 10m, 1h (default: 10m; with --formats 5m for each)",
      duration,
    )
    .option(
      "--dataset <random|path>",
      "random tokens, or prompts in a file of JSON lines, with which prompt lookup is tried too (default: random)",
    )
    .option("--seed <n>", "fixes prompts and the order of measurements (default: 0)", integer)
    .option(
      "--max-perplexity-ratio <r>",
      "perplexity by that of exact arithmetic, at most (default: 1.02; with --formats beside FP16: 1.1)",
      number,
    )
    .option(
      "--min-agreement <percent>",
      "greedy tokens that are those of exact arithmetic, at least (default: 95; with --formats beside FP16: 80)",
      number,
    )
    .option(
      "--formats <source>",
      "instead of a model: make every weight format of a checkpoint (hub id, folder, .gguf), tune each, recommend one",
    )
    .option(
      "--only <list>",
      "with --formats: which ones, e.g. int8,static-int8,int4-g128-sym (default: all)",
      names,
    )
    .option(
      "--calibration <file|name>",
      "with --formats: the text that calibrates static INT8 (default: bundled)",
    )
    .option("--output <file>", "where the profile goes (default: beside the model, else into the cache)")
    .option(
      "--report <file>",
      "also write the report to a file: Markdown, or JSON where its name ends in .json; can be repeated",
      collected,
    )
    .option("--json", "print the report as JSON to stdout, nothing else");
}

/**
 * The library's options, checked.
 *
 * @throws TypeError, RangeError naming the flag
 */
export function tuneOptionsOf(flags: TuneFlags): TuneOptions {
  const limits = limitsOf(flags);
  const options = { ...loadOf(flags), qualityLimits: limits };
  inFlagNames(() => resolveTuneOptions(options));
  // The limits of formats are others: within a format, answers are held against its own exact ones.
  return flags.formats === undefined ? options : loadOf(flags);
}

/** Options of tuning over formats, beside those of tuning. */
export function formatOptionsOf(flags: TuneFlags): TuneFormatsOptions {
  return {
    ...tuneOptionsOf(flags),
    formats: flags.only,
    calibration: flags.calibration,
    formatLimits: limitsOf(flags),
  };
}

function limitsOf({ minAgreement, maxPerplexityRatio }: TuneFlags): TuneOptions["qualityLimits"] {
  return {
    maxPerplexityRatio,
    minGreedyAgreement: minAgreement === undefined ? undefined : minAgreement / 100,
  };
}

function loadOf(flags: TuneFlags): TuneOptions {
  return {
    levels: flags.levels,
    inputLength: flags.inputLen,
    outputLength: flags.outputLen,
    serviceLevels: flags.slo,
    dataset: flags.dataset,
    objective: flags.objective,
    budgetMs: flags.budget,
    seed: flags.seed,
  };
}

function inFlagNames(check: () => void): void {
  try {
    check();
  } catch (error) {
    if (error instanceof Error) {
      const message = error.message
        .replaceAll("options.qualityLimits.maxPerplexityRatio", "--max-perplexity-ratio")
        .replaceAll("options.qualityLimits.minGreedyAgreement", "--min-agreement as a part");
      error.message = inFlags(message, FLAG_NAMES);
    }
    throw error;
  }
}

const FLAG_NAMES: Readonly<Record<string, string>> = {
  levels: "--levels",
  inputLength: "--input-len",
  outputLength: "--output-len",
  serviceLevels: "--slo",
  dataset: "--dataset",
  objective: "--objective",
  budgetMs: "--budget",
  seed: "--seed",
};

function names(text: string): string[] {
  return text.split(",").map((name) => name.trim());
}

function collected(file: string, others: readonly string[] = []): readonly string[] {
  return [...others, file];
}
