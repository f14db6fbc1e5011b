/** The options of a benchmark, as they are given and with every value present. */
import type { IsaLimit } from "openvino-llm/internal";
import type { PerformanceHint, Properties, SchedulerOptions } from "openvino-llm";
import type { HttpOptions, ResolvedHttpOptions } from "./http-options.js";
import type { ResolvedServeOptions, ServeOptions } from "./serve-options.js";
import type { ServiceLevels } from "../measure/metrics.js";

/** The name of a preset. */
export type PresetName = "intel-128" | "quick";

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
  /** A profile, as the pipelines' `load()` takes it: a file, or "auto". Not with `isaCompare`. Default none. */
  readonly profile?: string | undefined;
  /** As the pipelines' `load()` takes it. Default none. */
  readonly performanceHint?: PerformanceHint | undefined;
  /** The scheduler of "batching". Default: GenAI's own, which has prefix caching off. */
  readonly scheduler?: SchedulerOptions | undefined;
  /** Prompt lookup, as the pipelines' `promptLookup`. What it brings depends on the prompts. Default false. */
  readonly promptLookup?: boolean | undefined;
  /** Values of `scheduler.maxNumBatchedTokens` to measure one after the other. Default: the one of `scheduler`. */
  readonly maxNumBatchedTokens?: readonly number[] | undefined;
  /**
   * A server to measure over HTTP instead, or with its `inProcess` as well. Of a server alone nothing is loaded here:
   * `engine`, `scheduler`, `promptLookup`, `maxNumBatchedTokens`, `device`, `properties`, `profile` and
   * `performanceHint` are then refused. Default none.
   */
  readonly http?: HttpOptions | undefined;
  /**
   * Measures each model in this process and over HTTP, and what HTTP costs beside the process: openvino-llm-server, which has
   * to be installed, is started with the same engine settings in a process of its own, and stopped. Not with `http`,
   * `isaCompare`, `engine: "pipeline"` or several `maxNumBatchedTokens`. Default none.
   */
  readonly serve?: ServeOptions | undefined;
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
  /** There where one was asked for. */
  readonly profile?: string;
  /** There where one was asked for. */
  readonly performanceHint?: PerformanceHint;
  /** Scheduler options that were given; empty leaves all to GenAI. */
  readonly scheduler: SchedulerOptions;
  /** Only with prompt lookup. */
  readonly promptLookup?: true;
  /** Values that are measured one after the other; null where it is not swept. */
  readonly maxNumBatchedTokens: readonly number[] | null;
  /** Null where everything is measured in this process; absent in the folders of earlier versions. */
  readonly http: ResolvedHttpOptions | null;
  /** There where a server is started for each model. */
  readonly serve?: ResolvedServeOptions;
  /** From the highest to the lowest; null for no comparison, absent in the folders of earlier versions. */
  readonly isaCompare: readonly IsaLimit[] | null;
}
