/** Runs a plan: opens each target, probes it, and measures its runs one after the other. */
import { AbortError } from "openvino-llm";
import { Forecast, type ProbeResult } from "./forecast.js";
import { runMetrics, type RunMetrics } from "../measure/metrics.js";
import { targetOpener } from "../http/open-http-target.js";
import { levelOf, type OpenedTarget, type OpenTarget } from "../targets/open-target.js";
import { measureMachineLimits, type MachineLimits, type NoMachineLimits } from "../targets/machine-limits.js";
import { groupsThatFit } from "./memory.js";
import { targetGroups, workloadOf, type PlannedRun, type PlanTarget } from "../plan/plan.js";
import { probeTarget } from "./probe.js";
import type { RequestRecord, RunRecord } from "../measure/records.js";
import type { LevelMeasurement } from "../measure/run-level.js";
import { runsLeft, type BenchStore } from "../results/store.js";
import { metricsOptions } from "../summary/summary.js";
import type { TargetFacts } from "../targets/target-facts.js";

/** How a plan is run. */
export interface RunBenchOptions {
  /** How a target is made ready. Default: its model is loaded in this process, or asked for over HTTP, as the plan says. */
  readonly open?: OpenTarget | undefined;
  /** Load and probe, and measure nothing. Default false. */
  readonly dryRun?: boolean | undefined;
  /**
   * Find out, after its runs, which kernels ran a target of this process, in a process of its own, and what the machine can do
   * at most. Default true.
   */
  readonly profile?: boolean | undefined;
  /** Ends it. Finished runs are kept. */
  readonly signal?: AbortSignal | undefined;
  /** How often there is a "progress" event, in milliseconds. Default 250. */
  readonly progressEveryMs?: number | undefined;
}

/** Where in the plan a run stands, from 1, of those that are still to be made. */
export interface Position {
  /** From 1 to `count`. */
  readonly index: number;
  /** Runs that were left when it began. */
  readonly count: number;
}

/** What happens on the way. */
export type BenchEvent =
  | {
      /** A target is about to be made ready. */
      readonly type: "opening";
      /** The target in the plan. */
      readonly target: PlanTarget;
    }
  | {
      /** It is ready. */
      readonly type: "opened";
      /** The target in the plan. */
      readonly target: PlanTarget;
      /** What is known of it; its kernels are not yet. */
      readonly facts: TargetFacts;
    }
  | {
      /** A short measurement of it has ended, for an estimate of the whole. */
      readonly type: "probed";
      /** What came of that. */
      readonly probe: ProbeResult;
      /** Milliseconds left for everything; null where that is not known yet. */
      readonly remainingMs: number | null;
    }
  | {
      /** A run begins with its warm-up. */
      readonly type: "run-started";
      /** The run in the plan. */
      readonly run: PlannedRun;
      /** Its place among the runs to be made. */
      readonly position: Position;
      /** Milliseconds left for everything; null where that is not known yet. */
      readonly remainingMs: number | null;
    }
  | {
      /** It goes on; as often as `progressEveryMs` says. */
      readonly type: "progress";
      /** The run in the plan. */
      readonly run: PlannedRun;
      /** Its place among the runs to be made. */
      readonly position: Position;
      /** Requests that have ended, failed ones too. */
      readonly ended: number;
      /** Output tokens per second since the run's start. */
      readonly tokensPerSecond: number;
      /** Milliseconds left for everything; null where that is not known yet. */
      readonly remainingMs: number | null;
    }
  | {
      /** A request has ended. */
      readonly type: "request";
      /** The run that it belongs to. */
      readonly run: PlannedRun;
      /** What was recorded of it. */
      readonly request: RequestRecord;
    }
  | {
      /** All requests of a run have ended, and the store has it. */
      readonly type: "run-finished";
      /** The run in the plan. */
      readonly run: PlannedRun;
      /** Its place among the runs to be made. */
      readonly position: Position;
      /** What was recorded. */
      readonly record: RunRecord;
      /** Its figures, by the options of the plan. */
      readonly metrics: RunMetrics;
      /** Milliseconds left for everything; null where that is not known yet. */
      readonly remainingMs: number | null;
    }
  | {
      /** A target has been closed, and its kernels are looked at. */
      readonly type: "profiling";
      /** The target in the plan. */
      readonly target: PlanTarget;
    }
  | {
      /** That has ended. */
      readonly type: "profiled";
      /** The target in the plan. */
      readonly target: PlanTarget;
      /** `inference` in it says which kernels ran it, or why that is not known. */
      readonly facts: TargetFacts;
    };

/**
 * Measures what is left of a store's plan, and keeps each run when it has ended. Leaving the loop early ends the work; the
 * same store, or the folder that it wrote, goes on later where it was left.
 *
 * @throws (by the iteration) {@link AbortError} when `signal` is aborted, and whatever opening a target gives
 */
export async function* runBench(
  store: BenchStore,
  options: RunBenchOptions = {},
): AsyncGenerator<BenchEvent, void, undefined> {
  const { open = targetOpener(), dryRun = false, profile = !dryRun, signal } = options;
  const { plan, runs } = store.data;
  const left = runsLeft(store.data);
  const forecast = new Forecast(plan, runs);
  let limits: MachineLimits | NoMachineLimits | undefined;
  const groups = await Promise.all(targetGroups(plan.targets).map((group) => groupsThatFit(group)));
  for (const group of groups.flat()) {
    const own = left.filter((run) => group.some(({ label }) => label === run.target));
    const ready = new Map<string, OpenedTarget>();
    try {
      for (const target of group.filter(({ label }) => own.some((run) => run.target === label))) {
        throwIfAborted(signal);
        yield { type: "opening", target };
        const opened = await open(target, plan.options, signal);
        ready.set(target.label, opened);
        await store.addTarget(opened.facts);
        yield { type: "opened", target, facts: opened.facts };
        const probe = await probeTarget(opened, plan, signal);
        forecast.probed(probe);
        yield { type: "probed", probe, remainingMs: forecast.remainingMs() };
      }
      for (const run of dryRun ? [] : own) {
        const opened = ready.get(run.target);
        if (opened === undefined) continue;
        const position = { index: left.indexOf(run) + 1, count: left.length };
        yield* runOne({ store, opened, run, position, forecast }, options);
      }
    } finally {
      for (const opened of ready.values()) await opened.close();
    }
    // When it is out of memory again, and nothing is measured.
    for (const target of profile ? group : []) {
      const opened = ready.get(target.label);
      if (opened?.profile === undefined) continue;
      yield { type: "profiling", target };
      const inference = await opened.profile(signal);
      limits ??= await measureMachineLimits();
      const facts = { ...opened.facts, inference, limits };
      await store.addTarget(facts);
      yield { type: "profiled", target, facts };
    }
  }
}

interface RunContext {
  readonly store: BenchStore;
  readonly opened: OpenedTarget;
  readonly run: PlannedRun;
  readonly position: Position;
  readonly forecast: Forecast;
}

async function* runOne(
  { store, opened, run, position, forecast }: RunContext,
  { signal, progressEveryMs }: RunBenchOptions,
): AsyncGenerator<BenchEvent, void, undefined> {
  const { options } = store.data.plan;
  const startMs = performance.now();
  yield { type: "run-started", run, position, remainingMs: forecast.remainingMs() };
  const workload = workloadOf(run, options, opened.prompts);
  let measurement: LevelMeasurement | undefined;
  for await (const event of levelOf(opened, workload, { signal, progressEveryMs })) {
    if (event.type === "request") yield { type: "request", run, request: event.request };
    if (event.type === "progress") {
      yield {
        type: "progress",
        run,
        position,
        ended: event.ended,
        tokensPerSecond: event.elapsedMs > 0 ? (event.tokens * 1000) / event.elapsedMs : 0,
        remainingMs: forecast.remainingMs(performance.now() - startMs),
      };
    }
    if (event.type === "finished") measurement = event.measurement;
  }
  // A level that was not finished has thrown.
  if (measurement === undefined) return;
  const record: RunRecord = { ...measurement, target: run.target, repeat: run.repeat };
  await store.addRun(record);
  forecast.ended(run, performance.now() - startMs);
  const metrics = runMetrics(record, metricsOptions(options));
  yield { type: "run-finished", run, position, record, metrics, remainingMs: forecast.remainingMs() };
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new AbortError("The benchmark was aborted.", signal.reason, undefined);
}
