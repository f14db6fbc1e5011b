/** Measures settings in processes that run the model: a process for each candidate, as many as fit into memory. */
import { freeMemory } from "openvino-llm/internal";
import { AbortError, OpenVinoLlmError } from "openvino-llm";
import { keepsServiceLevels, requestLatencies } from "../measure/metrics.js";
import type { LevelMeasurement } from "../measure/run-level.js";
import type { BenchRequest } from "../measure/target.js";
import type { PlanTarget } from "../plan/plan.js";
import type { BenchOptions, ResolvedBenchOptions } from "../plan/bench-options.js";
import { resolveBenchOptions } from "../plan/resolve-bench-options.js";
import type { PromptSource } from "../prompts/prompts.js";
import { memoryNeeded, weightBytes } from "../run/memory.js";
import { meanOf } from "../stats/statistics.js";
import { ChildTarget } from "../targets/child/child-target.js";
import { promptsFor } from "../targets/target-prompts.js";
import { QualityCheck, type QualityCheckOptions } from "./quality-check.js";
import { settingsText, type TunedSettings } from "./search/settings.js";
import {
  CandidateRefusal,
  type QualityVerdict,
  type TuneEngine,
  type TuneRun,
  type TuneSample,
} from "./search/tune-engine.js";

/** What is measured. */
export interface ProcessEngineOptions extends QualityCheckOptions {
  /** The load. */
  readonly load: Pick<
    BenchOptions,
    "levels" | "inputLength" | "outputLength" | "serviceLevels" | "dataset" | "seed"
  >;
}

/** More processes would take turns no better. */
const MAX_PROCESSES = 16;
/** Part of the free memory that models may take. */
export const MEMORY_SHARE = 0.8;
const WARMUP_TOKENS = 16;
/** Prompts of warm-ups are far behind those that are measured. */
const WARMUP_PROMPTS = 1_000_000;

/** A candidate whose process has the model loaded. */
interface Ready {
  readonly target: ChildTarget;
  /** Levels that kernels have been made for. */
  readonly warm: Set<number>;
}

/** The engine of a search. */
export class ProcessEngine implements TuneEngine {
  readonly capacity: number;
  readonly #options: ProcessEngineOptions;
  /** The one that was used last comes last. */
  readonly #ready = new Map<string, Ready>();
  readonly #check: QualityCheck;
  #prompts: PromptSource | null = null;
  #warmups = 0;

  private constructor(options: ProcessEngineOptions, capacity: number) {
    this.#options = options;
    this.capacity = capacity;
    this.#check = new QualityCheck(options, () => this.#makeRoom(capacity - 1));
  }

  /** Makes an engine; nothing is loaded yet. */
  static async create(options: ProcessEngineOptions): Promise<ProcessEngine> {
    const each = memoryNeeded(await weightBytes(options.model));
    const fitting = Math.floor((freeMemory() * MEMORY_SHARE) / each);
    return new ProcessEngine(options, Math.max(1, Math.min(MAX_PROCESSES, fitting)));
  }

  nowMs(): number {
    return performance.now();
  }

  async measure(settings: TunedSettings, run: TuneRun): Promise<TuneSample> {
    const { target, warm } = await this.#readyFor(settings);
    const { concurrency } = run;
    const warmup = warm.has(concurrency) ? [] : this.#warmupOf(run);
    const measurement = await this.#measurementOf(settings, target, {
      concurrency,
      requests: this.#requestsOf(run),
      warmup,
    });
    warm.add(concurrency);
    return this.#sampleOf(settings, run, measurement);
  }

  async quality(settings: TunedSettings): Promise<QualityVerdict> {
    try {
      return await this.#check.verdict(settings);
    } catch (error) {
      throw refusalOf(error);
    }
  }

  /** What the CPU plugin says that holds by default, by OpenVINO's names. */
  inForce(): Promise<Readonly<Record<string, string>>> {
    return this.#check.inForce();
  }

  /** Ends all processes. */
  async close(): Promise<void> {
    const all = [...this.#ready.values()];
    this.#ready.clear();
    await Promise.all(all.map(({ target }) => target.close()));
  }

  async #readyFor(settings: TunedSettings): Promise<Ready> {
    const id = settingsText(settings);
    const known = this.#ready.get(id);
    if (known !== undefined) {
      this.#ready.delete(id);
      this.#ready.set(id, known);
      return known;
    }
    await this.#makeRoom(this.capacity - 1);
    const target = new ChildTarget(`the candidate "${id}"`, null);
    try {
      const options = resolveBenchOptions(this.#benchOptions(settings));
      const plan: PlanTarget = {
        label: id,
        model: this.#options.model,
        maxNumBatchedTokens: null,
        http: false,
        isa: null,
      };
      const { model } = await target.open(plan, options, this.#options.signal);
      this.#prompts ??= await promptsFor(model, options);
    } catch (error) {
      await target.close();
      throw refusalOf(error);
    }
    const ready = { target, warm: new Set<number>() };
    this.#ready.set(id, ready);
    return ready;
  }

  /** Ends processes that have not been used for the longest time until so many are left. */
  async #makeRoom(left: number): Promise<void> {
    for (const [id, { target }] of this.#ready) {
      if (this.#ready.size <= left) return;
      this.#ready.delete(id);
      await target.close();
    }
  }

  #benchOptions({ engine, properties, scheduler, promptLookup }: TunedSettings): BenchOptions {
    return {
      ...this.#options.load,
      engine,
      properties,
      ...(engine === "pipeline" ? {} : { scheduler }),
      promptLookup,
    };
  }

  #requestsOf({ concurrency, outputLength, promptSet }: TuneRun): BenchRequest[] {
    // Each level of a set has prompts of its own.
    const { levels, inputLength } = this.#load;
    const below = levels.filter((level) => level < concurrency).reduce((sum, level) => sum + level, 0);
    const all = levels.reduce((sum, level) => sum + level, 0);
    const first = promptSet * all + below;
    return Array.from({ length: concurrency }, (_, index) => ({
      prompt: this.#promptSource.prompt(first + index, inputLength),
      outputLength,
    }));
  }

  #warmupOf({ concurrency, outputLength }: TuneRun): BenchRequest[] {
    return Array.from({ length: concurrency }, () => ({
      prompt: this.#promptSource.prompt(WARMUP_PROMPTS + this.#warmups++, this.#load.inputLength),
      outputLength: Math.min(WARMUP_TOKENS, outputLength),
    }));
  }

  get #load(): ResolvedBenchOptions {
    return resolveBenchOptions(this.#options.load);
  }

  get #promptSource(): PromptSource {
    if (this.#prompts === null) throw new Error("Prompts are known once a model is loaded.");
    return this.#prompts;
  }

  async #measurementOf(
    settings: TunedSettings,
    target: ChildTarget,
    workload: { concurrency: number; requests: BenchRequest[]; warmup: BenchRequest[] },
  ): Promise<LevelMeasurement> {
    try {
      for await (const event of target.runLevel(workload, { signal: this.#options.signal })) {
        if (event.type === "finished") return event.measurement;
      }
      throw new Error("A level ended without its figures.");
    } catch (error) {
      const isGone = error instanceof OpenVinoLlmError && error.code === "ERR_ENGINE_BROKEN";
      if (isGone) this.#ready.delete(settingsText(settings));
      throw refusalOf(error);
    }
  }

  /** The figures as if all tokens had been generated: the time per token is that of those that were. */
  #sampleOf(settings: TunedSettings, run: TuneRun, { requests, durationMs }: LevelMeasurement): TuneSample {
    const failed = requests.find(({ error }) => error !== null);
    if (failed !== undefined) throw new CandidateRefusal("ERR_NATIVE", failed.error ?? "A request failed.");
    const { outputLength, serviceLevels } = this.#load;
    const leftTokens = outputLength - run.outputLength;
    const latencies = requests.map((request) => {
      const { ttftMs, tpotMs, e2elMs } = requestLatencies(request);
      return { ttftMs, tpotMs: tpotMs ?? 0, e2elMs: e2elMs + leftTokens * (tpotMs ?? 0) };
    });
    const mean = (pick: (latency: (typeof latencies)[number]) => number) => meanOf(latencies.map(pick));
    const tpotMs = mean((latency) => latency.tpotMs);
    // Requests of a batch go on side by side, those of a pipeline one after the other.
    const inTurn = settings.engine === "pipeline" ? run.concurrency : 1;
    const wholeMs = durationMs + leftTokens * tpotMs * inTurn;
    return {
      concurrency: run.concurrency,
      ttftMs: mean((latency) => latency.ttftMs),
      tpotMs,
      e2elMs: mean((latency) => latency.e2elMs),
      outputTokensPerSecond: (1000 * requests.length * outputLength) / wholeMs,
      requests: requests.length,
      goodRequests: latencies.filter((latency) =>
        keepsServiceLevels({ ...latency, itlsMs: [] }, serviceLevels),
      ).length,
    };
  }
}

/** An abort stays one; anything else that has a code says that the candidate cannot be used. */
function refusalOf(error: unknown): unknown {
  if (error instanceof AbortError || error instanceof CandidateRefusal || !(error instanceof Error))
    return error;
  const { code } = error as Error & { code?: unknown };
  return typeof code === "string" ? new CandidateRefusal(code, error.message, { cause: error }) : error;
}
