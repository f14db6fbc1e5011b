/** The flags of `bench`, and what they are called in the library. */
import { Option, type Command } from "commander";

import {
  isaStepsHere,
  type IsaLimit,
  invalidArgType,
  outOfRange,
  inFlags,
  integer,
  number,
  pair,
  repeated,
} from "openvino-llm/internal";
import type { PerformanceHint, Properties } from "openvino-llm";
import type { HttpOptions } from "../plan/http-options.js";
import type { HttpEndpoint } from "../plan/server-url.js";
import type { ServeOptions } from "../plan/serve-options.js";
import { resolveBenchOptions } from "../plan/resolve-bench-options.js";
import type { BenchOptions, EngineName, PresetName } from "../plan/bench-options.js";
import { PRESETS } from "../plan/presets.js";
import type { ServiceLevels } from "../measure/metrics.js";
import {
  header,
  integers,
  isaLimits,
  jsonOrText,
  rate,
  serverFlag,
  serviceLevels,
} from "./bench-flag-values.js";

/** The flags as the command line parser gives them. */
export interface BenchFlags {
  readonly preset?: PresetName;
  readonly quick?: boolean;
  readonly levels?: readonly number[];
  readonly inputLen?: number;
  readonly outputLen?: number;
  readonly rangeRatio?: number;
  readonly numPrompts?: number;
  readonly promptsPerConcurrency?: number;
  readonly requestRate?: number;
  readonly burstiness?: number;
  readonly repeats?: number;
  readonly seed?: number;
  readonly slo?: ServiceLevels;
  readonly dataset?: string;
  readonly engine?: EngineName;
  readonly maxNumBatchedTokens?: readonly number[];
  readonly scheduler?: ReadonlyArray<readonly [string, string]>;
  readonly device?: string;
  readonly threads?: number;
  readonly property?: ReadonlyArray<readonly [string, string]>;
  readonly profile?: string;
  readonly performanceHint?: PerformanceHint;
  readonly http?: string;
  readonly endpoint?: HttpEndpoint;
  readonly servedModelName?: string;
  readonly inProcess?: boolean;
  readonly serve?: boolean;
  readonly serverFlag?: readonly string[];
  readonly header?: ReadonlyArray<readonly [string, string]>;
  /** True where no limits are named. */
  readonly isaCompare?: readonly IsaLimit[] | true;
  readonly kernels?: boolean;
  readonly out?: string;
  readonly resume?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Adds the flags to a command. */
export function addBenchFlags(command: Command): Command {
  const presets = Object.keys(PRESETS);
  return command
    .addOption(
      new Option("--preset <name>", "options to begin with; intel-128 is the published article").choices(
        presets,
      ),
    )
    .addOption(
      new Option("--quick", "levels 1, 4, 8; 32 tokens in and out; 2 prompts a level; once").conflicts(
        "preset",
      ),
    )
    .option("--levels <list>", "requests at once, e.g. 1,2,4 (default: 1,2,4,8,16,32)", integers)
    .option("--input-len <n>", "tokens of a random prompt (default: 128)", integer)
    .option("--output-len <n>", "tokens to generate (default: 128)", integer)
    .option(
      "--range-ratio <r>",
      "draw both lengths from length * (1 - r) to length * (1 + r) (default: 0)",
      number,
    )
    .option(
      "--num-prompts <n>",
      "requests of each level, rounded up to a multiple of it (default: 4 each, at least 32)",
      integer,
    )
    .addOption(
      new Option("--prompts-per-concurrency <n>", "requests of each level for each of those at once")
        .argParser(integer)
        .conflicts("numPrompts"),
    )
    .option("--request-rate <n>", "requests that arrive in a second (default: inf, all at once)", rate)
    .option("--burstiness <n>", "how even arrivals are; 1: a Poisson process (default: 1)", number)
    .option("--repeats <n>", "measure each level so often (default: 3)", integer)
    .option("--seed <n>", "fixes prompts, lengths and arrivals (default: 0)", integer)
    .option("--slo <list>", "service levels in ms (default: ttft=3000,tpot=100)", serviceLevels)
    .option("--dataset <random|path>", "random tokens, or prompts in a file of JSON lines (default: random)")
    .addOption(
      new Option(
        "--engine <name>",
        "many requests at once, or one after the other (default: batching)",
      ).choices(["batching", "pipeline"]),
    )
    .option(
      "--max-num-batched-tokens <list>",
      "tokens of a step at most; several are measured one after the other",
      integers,
    )
    .option(
      "--scheduler <name=value>",
      "another scheduler option, e.g. maxNumSeqs=64; can be repeated",
      repeated(pair),
    )
    .option("--device <name>", "OpenVINO device (default: CPU)")
    .option("--threads <n>", "threads of inference (default: OpenVINO's choice)", integer)
    .option(
      "--property <NAME=VALUE>",
      "an OpenVINO property, e.g. KV_CACHE_PRECISION=u8; can be repeated",
      repeated(pair),
    )
    .option("--profile <file|auto>", "settings that tune found; auto: those for this CPU and model")
    .addOption(
      new Option(
        "--performance-hint <name>",
        "properties by CPU and format of the weights, for one request or for many",
      ).choices(["latency", "throughput"]),
    )
    .option("--http <url>", "measure an OpenAI-compatible server, e.g. http://127.0.0.1:8000")
    .addOption(
      new Option("--endpoint <name>", "which one answers (default: completions)").choices([
        "completions",
        "chat",
      ]),
    )
    .option("--served-model-name <name>", "what the server calls the model (default: as it is called here)")
    .option("--in-process", "with --http: measure the model in this process as well, and what HTTP costs")
    .addOption(
      new Option(
        "--serve",
        "start openvino-llm-server with the same settings, measure both ways and what HTTP costs, stop it",
      ).conflicts(["http", "inProcess", "servedModelName"]),
    )
    .option(
      "--server-flag <flag[=value]>",
      "with --serve: a flag of openvino-llm-server, e.g. max-queue=512; can be repeated",
      repeated(serverFlag),
    )
    .option(
      "--header <name:value>",
      "sent with every request; can be repeated; never written down (OPENAI_API_KEY is sent by itself)",
      repeated(header),
    )
    .option(
      "--isa-compare [list]",
      "measure again with the instruction set limited, e.g. AVX2,AVX512_CORE_VNNI (default: each step below this CPU's best)",
      isaLimits,
    )
    .option("--no-kernels", "neither kernels (they take another load of a model) nor roofline")
    .option("--out <folder>", "where the results go (default: a new folder here)")
    .option("--resume <folder>", "go on where an earlier benchmark was left, with its models and options")
    .option("--dry-run", "load and probe; print the plan and how long it would take")
    .option("--json", "print the summary as JSON to stdout, nothing else");
}

/**
 * The library's options, checked.
 *
 * @throws TypeError, RangeError naming the flag
 */
export function benchOptionsOf(flags: BenchFlags): BenchOptions {
  const threads = flags.threads === undefined ? {} : { INFERENCE_NUM_THREADS: flags.threads };
  const properties: Properties = { ...threads, ...Object.fromEntries(flags.property ?? []) };
  const options: BenchOptions = {
    preset: flags.quick === true ? "quick" : flags.preset,
    levels: flags.levels,
    inputLength: flags.inputLen,
    outputLength: flags.outputLen,
    rangeRatio: flags.rangeRatio,
    numPrompts: flags.numPrompts,
    promptsPerConcurrency: flags.promptsPerConcurrency,
    requestRate: flags.requestRate,
    burstiness: flags.burstiness,
    repeats: flags.repeats,
    seed: flags.seed,
    serviceLevels: flags.slo,
    dataset: flags.dataset,
    engine: flags.engine,
    maxNumBatchedTokens: flags.maxNumBatchedTokens,
    scheduler:
      flags.scheduler && Object.fromEntries(flags.scheduler.map(([name, text]) => [name, jsonOrText(text)])),
    device: flags.device,
    properties: Object.keys(properties).length === 0 ? undefined : properties,
    profile: flags.profile,
    performanceHint: flags.performanceHint,
    http: httpOptionsOf(flags),
    serve: serveOptionsOf(flags),
    isaCompare: flags.isaCompare === true ? stepsBelowThisCpu() : flags.isaCompare,
  };
  try {
    resolveBenchOptions(options);
    return options;
  } catch (error) {
    if (error instanceof Error) error.message = inFlags(inHttpFlags(error.message), FLAG_NAMES);
    throw error;
  }
}

/**
 * What goes with every request: the headers given, and the key in OPENAI_API_KEY, as vLLM's benchmark and OpenAI's own
 * clients take it. None of it is part of the options, which are written down.
 */
export function httpHeaders(
  { header = [] }: BenchFlags,
  { OPENAI_API_KEY: key = "" }: NodeJS.ProcessEnv,
): Record<string, string> {
  const given = Object.fromEntries(header.map(([name, value]) => [name.toLowerCase(), value]));
  return key === "" ? given : { authorization: `Bearer ${key}`, ...given };
}

function httpOptionsOf(flags: BenchFlags): HttpOptions | undefined {
  const { http, endpoint, servedModelName, inProcess, header } = flags;
  if (http !== undefined) return { url: http, endpoint, servedModelName, inProcess };
  const alone = {
    "--endpoint": flags.serve === true ? undefined : endpoint,
    "--served-model-name": servedModelName,
    "--in-process": inProcess,
    "--header": header,
  };
  for (const [flag, value] of Object.entries(alone)) {
    if (value !== undefined) throw invalidArgType(flag, "no value without --http", value);
  }
  return undefined;
}

function serveOptionsOf({ serve, serverFlag: flags, endpoint }: BenchFlags): ServeOptions | undefined {
  if (serve === true) return { endpoint, flags };
  if (flags !== undefined) throw invalidArgType("--server-flag", "no value without --serve", flags);
  return undefined;
}

/** The server's options lie one deeper than the others. */
function inHttpFlags(message: string): string {
  return message.replaceAll(/options\.http\.(\w+)/g, (whole, name: string) => HTTP_FLAG_NAMES[name] ?? whole);
}

const HTTP_FLAG_NAMES: Readonly<Record<string, string>> = {
  url: "--http",
  endpoint: "--endpoint",
  servedModelName: "--served-model-name",
};

const FLAG_NAMES: Readonly<Record<string, string>> = {
  levels: "--levels",
  inputLength: "--input-len",
  outputLength: "--output-len",
  rangeRatio: "--range-ratio",
  numPrompts: "--num-prompts",
  promptsPerConcurrency: "--prompts-per-concurrency",
  requestRate: "--request-rate",
  burstiness: "--burstiness",
  repeats: "--repeats",
  seed: "--seed",
  serviceLevels: "--slo",
  dataset: "--dataset",
  engine: "--engine",
  maxNumBatchedTokens: "--max-num-batched-tokens",
  scheduler: "--scheduler",
  device: "--device",
  properties: "--property",
  profile: "--profile",
  performanceHint: "--performance-hint",
  isaCompare: "--isa-compare",
  serve: "--serve",
};

function stepsBelowThisCpu(): IsaLimit[] {
  const steps = isaStepsHere();
  if (steps.length === 0) {
    throw outOfRange("--isa-compare", "a processor with more than AVX2", "one without");
  }
  return steps;
}
