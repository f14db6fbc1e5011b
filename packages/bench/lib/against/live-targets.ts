/** Two targets that take turns: models in processes of their own, or a server's. */
import { freeMemory } from "openvino-llm/internal";
import { OpenVinoLlmError } from "openvino-llm";
import type { BothSides } from "../compare/comparison.js";
import { httpTargetOpener } from "../http/open-http-target.js";
import type { HttpAccess } from "../http/client.js";
import { runMetrics } from "../measure/metrics.js";
import type { LevelMeasurement } from "../measure/run-level.js";
import { promptCount, workloadOf, type PlanTarget } from "../plan/plan.js";
import type { ResolvedBenchOptions } from "../plan/bench-options.js";
import { memoryNeeded, weightBytes } from "../run/memory.js";
import { levelOf, openInChild, type OpenedTarget } from "../targets/open-target.js";
import type { TargetFacts } from "../targets/target-facts.js";
import type { LiveEngine, LiveSample, Side } from "./compare-in-turns.js";

/** A side, planned. */
export interface PlannedSide {
  readonly target: PlanTarget;
  readonly options: ResolvedBenchOptions;
}

/** A target that is ready. */
interface Ready {
  readonly opened: OpenedTarget;
  /** Levels that kernels have been made for. */
  readonly warm: Set<number>;
}

/** The engine of a comparison. */
export class LiveTargets implements LiveEngine {
  /** Both are loaded all the time; else each turn is a load. */
  readonly isBothLoaded: boolean;
  readonly stamps: "produced" | "delivered";
  readonly #sides: BothSides<PlannedSide>;
  readonly #access: HttpAccess;
  readonly #signal: AbortSignal | undefined;
  readonly #ready = new Map<Side, Ready>();
  readonly #facts = new Map<Side, TargetFacts>();
  /** Loading counts in no budget. */
  #loadingMs = 0;

  private constructor(
    sides: BothSides<PlannedSide>,
    isBothLoaded: boolean,
    access: HttpAccess,
    signal: AbortSignal | undefined,
  ) {
    this.#sides = sides;
    this.isBothLoaded = isBothLoaded;
    this.stamps = sides.a.target.http || sides.b.target.http ? "delivered" : "produced";
    this.#access = access;
    this.#signal = signal;
  }

  /** Makes an engine; nothing is loaded yet. */
  static async create(
    sides: BothSides<PlannedSide>,
    access: HttpAccess,
    signal: AbortSignal | undefined,
  ): Promise<LiveTargets> {
    const local = [sides.a, sides.b].filter(({ target }) => !target.http);
    const needed = await Promise.all(
      local.map(async ({ target }) => memoryNeeded(await weightBytes(target.model))),
    );
    const isBothLoaded = needed.length < 2 || needed.reduce((sum, bytes) => sum + bytes, 0) <= freeMemory();
    return new LiveTargets(sides, isBothLoaded, access, signal);
  }

  nowMs(): number {
    return performance.now() - this.#loadingMs;
  }

  /** What is known of a side that was opened. */
  factsOf(side: Side): TargetFacts {
    const facts = this.#facts.get(side);
    if (facts === undefined) throw new Error("Facts are known once a side has been opened.");
    return facts;
  }

  async measure(
    side: Side,
    { concurrency, promptSet }: { readonly concurrency: number; readonly promptSet: number },
  ): Promise<LiveSample> {
    const { opened, warm } = await this.#readyFor(side);
    const { target } = this.#sides[side];
    const { options } = this.#sides.a;
    const workload = workloadOf(
      { target: target.label, repeat: promptSet + 1, ...placeOf(options, concurrency, promptSet) },
      options,
      opened.prompts,
    );
    const used = warm.has(concurrency) ? { ...workload, warmup: [] } : workload;
    let measurement: LevelMeasurement | undefined;
    for await (const event of levelOf(opened, used, { signal: this.#signal })) {
      if (event.type === "finished") measurement = event.measurement;
    }
    if (measurement === undefined) throw new Error("A level ended without its figures.");
    warm.add(concurrency);
    const { completed, failed, ...metrics } = runMetrics(measurement, { stamps: this.stamps });
    if (completed === 0) {
      const reason = measurement.requests[0]?.error ?? "none was sent.";
      throw new OpenVinoLlmError(
        target.http ? "ERR_SERVER" : "ERR_NATIVE",
        `No request of side ${side.toUpperCase()} completed at concurrency ${concurrency}: ${reason}`,
      );
    }
    return {
      outputThroughput: metrics.outputThroughput,
      ttftMs: metrics.ttftMs.mean,
      tpotMs: metrics.tpotMs.n === 0 ? null : metrics.tpotMs.mean,
      failed,
    };
  }

  /** Frees both. */
  async close(): Promise<void> {
    const all = [...this.#ready.values()];
    this.#ready.clear();
    for (const { opened } of all) await opened.close();
  }

  async #readyFor(side: Side): Promise<Ready> {
    const known = this.#ready.get(side);
    if (known !== undefined) return known;
    const startMs = performance.now();
    if (!this.isBothLoaded) await this.close();
    const { target, options } = this.#sides[side];
    const opened = target.http
      ? await httpTargetOpener(this.#access)(target, options, this.#signal)
      : await openInChild(target, target.isa, options, this.#signal);
    const ready = { opened, warm: new Set<number>() };
    this.#ready.set(side, ready);
    this.#facts.set(side, opened.facts);
    this.#loadingMs += performance.now() - startMs;
    return ready;
  }
}

/** Where the prompts of a measurement are: each level of each set has its own. */
function placeOf(options: ResolvedBenchOptions, concurrency: number, promptSet: number) {
  const sizeOf = (level: number) => level + promptCount(level, options);
  const total = options.levels.reduce((sum, level) => sum + sizeOf(level), 0);
  const below = options.levels
    .filter((level) => level < concurrency)
    .reduce((sum, level) => sum + sizeOf(level), 0);
  return {
    concurrency,
    numPrompts: promptCount(concurrency, options),
    numWarmups: concurrency,
    firstPrompt: promptSet * total + below,
  };
}
