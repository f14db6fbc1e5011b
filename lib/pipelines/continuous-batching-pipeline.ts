import { validateLoadOptions, type BatchingLoadOptions } from "../generation/load-options.js";
import { GenerationPipeline } from "./generation-pipeline.js";
import { loadPipeline, type LoadedNative } from "./load.js";
import type { ResolvedSchedulerConfig } from "../options/scheduler-options.js";
import { resolveSpeculativeScheduler } from "../options/speculation.js";

/** Metrics of a {@link ContinuousBatchingPipeline} as of its last step. Totals count from the load. */
export interface EngineMetrics {
  /** Requests that the engine runs. */
  readonly running: number;
  /** Requests in the waiting queue. */
  readonly waiting: number;
  /** Part of the allocated key-value cache that is in use, 0 to 100. Prefixes kept for later requests do not count. */
  readonly cacheUsagePercent: number;
  /** The largest `cacheUsagePercent` so far. */
  readonly maxCacheUsagePercent: number;
  /** Size of the key-value cache; it grows as needed where the scheduler options set none. */
  readonly cacheSizeBytes: number;
  /** The last step with requests. */
  readonly lastStep: {
    /** Requests in it. */
    readonly sequences: number;
    /** How long it took. */
    readonly durationMs: number;
  };
  /** Totals since the load. */
  readonly totals: {
    /** Inferences. */
    readonly steps: number;
    /** Requests that ended by themselves. */
    readonly finished: number;
    /** Requests that their callers aborted, those in the waiting queue included. */
    readonly aborted: number;
    /** Requests that ended with an error. */
    readonly failed: number;
    /** Tokens of all prompts. */
    readonly promptTokens: number;
    /** Tokens of all answers. */
    readonly completionTokens: number;
  };
}

/**
 * A language model in this process that answers many requests at once: `ov::genai::ContinuousBatchingPipeline` on a
 * thread of its own. Each step is one inference for all running requests; up to `scheduler.maxNumSeqs` run, the others
 * wait. Each request has its own options, abort, timing and error, and an abort takes effect after the current step.
 *
 * With greedy decoding a text may differ from the one that the same prompt gets alone: the arithmetic of a step depends
 * on what else is in it.
 */
export class ContinuousBatchingPipeline extends GenerationPipeline {
  readonly #scheduler: ResolvedSchedulerConfig;

  private constructor(native: LoadedNative, scheduler: ResolvedSchedulerConfig) {
    super(native, { engine: "batching", maxSequences: scheduler.maxNumSeqs });
    this.#scheduler = scheduler;
  }

  /**
   * Loads a model, off the JavaScript thread. Never downloads.
   *
   * @param model as for {@link LLMPipeline.load}
   * @throws as {@link LLMPipeline.load} does
   */
  static async load(model: string, options: BatchingLoadOptions = {}): Promise<ContinuousBatchingPipeline> {
    const checked = validateLoadOptions(options, { scheduler: 1 });
    // What the load was asked for has to go together by itself; a profile may add to it.
    const asked = resolveSpeculativeScheduler(options.scheduler, checked.speculation.kind);
    return loadPipeline(
      model,
      checked,
      { name: "ContinuousBatchingPipeline", scheduler: options.scheduler },
      (native) => new ContinuousBatchingPipeline(native, native.scheduler ?? asked),
    );
  }

  /** The engine's metrics; reading them costs it nothing. */
  metrics(): EngineMetrics {
    const { healthy: _, ...metrics } = this.native.metrics();
    return metrics;
  }

  /** The scheduler options in force, as GenAI has them. */
  schedulerConfig(): ResolvedSchedulerConfig {
    return this.#scheduler;
  }

  /** False once GenAI has failed and could not be restored: then every call fails with ERR_ENGINE_BROKEN. */
  get healthy(): boolean {
    return this.native.metrics().healthy;
  }
}
