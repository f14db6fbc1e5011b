/** How long a benchmark will take: from a probe at first, and better with every run that has ended. Pure. */
import type { BenchPlan, PlannedRun } from "../plan/plan.js";
import { isSameRun, type RunKey } from "../measure/records.js";

/** What a probe measured: one request alone, and as many at once as the highest level has. */
export interface ProbeResult {
  /** The label of the target in the plan. */
  readonly target: string;
  /** How long the load took; 0 for what was not loaded here. */
  readonly loadMs: number;
  /** Of one request alone. */
  readonly single: ProbeFigures;
  /** Of as many requests at once as the highest level has. */
  readonly full: ProbeFigures & {
    /** How many those are. */
    readonly concurrency: number;
  };
}

/** Means over the requests of a probe. */
export interface ProbeFigures {
  /** Mean time to first token; 0 where no request completed. */
  readonly ttftMs: number;
  /** Mean time per output token; 0 where no request had a second token. */
  readonly tpotMs: number;
}

/** Loading and warming up beside the runs themselves take a little. */
const BETWEEN_RUNS_MS = 50;

/** How long a run will take by a probe: latencies grow in proportion between the two levels that were measured. */
export function estimateRunMs(run: PlannedRun, plan: BenchPlan, probe: ProbeResult): number {
  const { outputLength, warmupOutputLength, requestRate, engine } = plan.options;
  const { single, full } = probe;
  // An engine that answers one request after the other takes as long for each as for one alone.
  const isServer = plan.targets.some(({ label, http }) => label === run.target && http);
  const atOnce = engine === "pipeline" && !isServer ? 1 : run.concurrency;
  const part = full.concurrency > 1 ? (atOnce - 1) / (full.concurrency - 1) : 0;
  const at = (from: number, to: number) => from + (to - from) * part;
  const ttftMs = at(single.ttftMs, full.ttftMs);
  const tpotMs = at(single.tpotMs, full.tpotMs);
  const waveMs = (tokens: number) => ttftMs + (tokens - 1) * tpotMs;
  const closedLoopMs = Math.ceil(run.numPrompts / atOnce) * waveMs(outputLength);
  const warmupMs = Math.ceil(run.numWarmups / atOnce) * waveMs(warmupOutputLength);
  const arrivalMs = requestRate === "inf" ? 0 : (run.numPrompts * 1000) / requestRate;
  return Math.max(closedLoopMs, arrivalMs) + warmupMs + BETWEEN_RUNS_MS;
}

/** Keeps an eye on how long it will take. */
export class Forecast {
  readonly #plan: BenchPlan;
  readonly #probes = new Map<string, ProbeResult>();
  #left: readonly PlannedRun[];
  #measuredMs = 0;
  #estimatedMs = 0;

  /** @param done - runs that need no time any more */
  constructor(plan: BenchPlan, done: readonly RunKey[] = []) {
    this.#plan = plan;
    this.#left = plan.runs.filter((run) => !done.some((key) => isSameRun(key, run)));
  }

  /** A target was probed. */
  probed(probe: ProbeResult): void {
    this.#probes.set(probe.target, probe);
  }

  /** A run has ended, after so long with its warm-up. */
  ended(key: RunKey, durationMs: number): void {
    const run = this.#left.find((one) => isSameRun(one, key));
    if (run === undefined) return;
    const estimate = this.#estimate(run);
    if (estimate !== null) {
      this.#measuredMs += durationMs;
      this.#estimatedMs += estimate;
    }
    this.#left = this.#left.filter((one) => one !== run);
  }

  /** Milliseconds that the runs which are left will take, `elapsedMs` of the next one being over; null before any probe. */
  remainingMs(elapsedMs = 0): number | null {
    const estimates = this.#left.map((run) => this.#estimate(run));
    const known = estimates.filter((estimate) => estimate !== null);
    if (known.length < estimates.length) return null;
    const correction = this.#estimatedMs > 0 ? this.#measuredMs / this.#estimatedMs : 1;
    return Math.max(0, known.reduce((sum, estimate) => sum + estimate, 0) * correction - elapsedMs);
  }

  /** By the target's own probe; a target that was not probed yet is taken to be like the others. */
  #estimate(run: PlannedRun): number | null {
    const own = this.#probes.get(run.target);
    const probes = own === undefined ? [...this.#probes.values()] : [own];
    if (probes.length === 0) return null;
    return probes.reduce((sum, probe) => sum + estimateRunMs(run, this.#plan, probe), 0) / probes.length;
  }
}
