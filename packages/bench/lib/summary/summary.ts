/** Everything that a report says in numbers, made from what was recorded. Pure: the same data gives the same summary. */
import type { Environment } from "../results/environment.js";
import type { BenchData } from "../results/bench-data.js";
import { figureEstimate, latencyEstimate } from "./estimates.js";
import { hostSummary, type HostSummary } from "./host-summary.js";
import { httpCosts, type HttpCost } from "./http-cost.js";
import {
  latencyMetrics,
  runMetrics,
  type LatencyMetrics,
  type MetricsOptions,
  type RunMetrics,
  type ServiceLevels,
} from "../measure/metrics.js";
import { noticesOf } from "./notices.js";
import { isaPairs } from "./isa-pairs.js";
import { rooflines, type TargetRoofline } from "./roofline.js";
import type { ResolvedBenchOptions } from "../plan/bench-options.js";
import type { PlanTarget } from "../plan/plan.js";
import type { RunRecord } from "../measure/records.js";
import {
  densityPairs,
  precisionPairs,
  scalingEfficiency,
  speedRatio,
  type ModelTraits,
  type Pair,
  type SpeedRatio,
} from "../stats/scaling.js";
import { selfChecks, type SelfCheck } from "./self-checks.js";
import type { Estimate } from "../stats/statistics.js";
import type { TargetFacts } from "../targets/target-facts.js";
import { vllmResult, type VllmResult } from "../measure/vllm-result.js";

/** One level of one target, over its repeats. */
export interface LevelSummary {
  /** Label of the target in the plan. */
  readonly target: string;
  /** Requests in flight at most. */
  readonly concurrency: number;
  /** Repeats that were measured: 1 or more. */
  readonly repeats: number;
  /** Requests of all repeats that did not fail and gave a token. */
  readonly completed: number;
  /** All other requests of all repeats. */
  readonly failed: number;
  /** Output tokens per second. Throughputs are means over the repeats, with their intervals. */
  readonly outputThroughput: Estimate;
  /** Input and output tokens per second. */
  readonly totalTokenThroughput: Estimate;
  /** Completed requests per second. */
  readonly requestThroughput: Estimate;
  /** Requests per second within all service levels; null where none is given. */
  readonly requestGoodput: Estimate | null;
  /** Time to first token. Latencies are means over the repeats of the means over the requests, with their intervals. */
  readonly meanTtftMs: Estimate;
  /** Time per output token; 0 for requests of a single token. */
  readonly meanTpotMs: Estimate;
  /** Gaps between tokens; those of one step count as one. */
  readonly meanItlMs: Estimate;
  /** Time until the last token. */
  readonly meanE2elMs: Estimate;
  /** Over the requests of all repeats together. */
  readonly latencies: LatencyMetrics;
  /** Whether the limits are kept. */
  readonly serviceLevels: ServiceLevelVerdict;
  /** The worst of the repeats. */
  readonly host: HostSummary;
  /** Throughput over that of concurrency 1, over the concurrency; null where 1 was not measured. */
  readonly scalingEfficiency: number | null;
}

/** Whether the service levels are kept: by the means, as the published article judges, and by each request. */
export interface ServiceLevelVerdict {
  /** Those of the options, in milliseconds. */
  readonly limits: ServiceLevels;
  /** Every mean is within its limit. */
  readonly met: boolean;
  /** Limits that a mean is beyond. */
  readonly missed: ReadonlyArray<keyof ServiceLevels>;
  /** Part of the completed requests within all limits; null where there is no limit or none completed. */
  readonly share: number | null;
}

/** Two targets compared at one concurrency. */
export interface RatioSummary extends Pair, SpeedRatio {
  /** Requests in flight at most, the same for both. */
  readonly concurrency: number;
}

/** What `summary.json` has. */
export interface BenchSummary {
  /** Version of this form. */
  readonly schema: 1;
  /** When the benchmark was begun: ISO 8601, UTC. */
  readonly created: string;
  /** The options of the benchmark, defaults filled in. */
  readonly options: ResolvedBenchOptions;
  /** Machine and software, once for each time that it was begun or resumed. */
  readonly environments: readonly Environment[];
  /** Targets of the plan. */
  readonly planned: readonly PlanTarget[];
  /** What is known of those that were loaded. */
  readonly targets: readonly TargetFacts[];
  /** Runs of the plan that are not measured. */
  readonly runsLeft: number;
  /** What a reader must know before the figures, such as a busy machine. */
  readonly notices: readonly string[];
  /** Checks of the figures themselves. */
  readonly selfChecks: readonly SelfCheck[];
  /** In the order of the plan. */
  readonly levels: readonly LevelSummary[];
  /** How many times as fast INT4 is as INT8. */
  readonly precisionRatios: readonly RatioSummary[];
  /** How many times as fast a dense model is as a mixture of experts. */
  readonly densityRatios: readonly RatioSummary[];
  /** How many times as fast a model is without a limit of the instruction set as with one. */
  readonly isaRatios: readonly RatioSummary[];
  /** What HTTP costs beside running in the process, for each model and level that were measured both ways. */
  readonly httpCosts: readonly HttpCost[];
  /** How near each target that was loaded is to what the machine can do. */
  readonly rooflines: readonly TargetRoofline[];
  /** Each run in vLLM's form, without detail. */
  readonly results: readonly VllmResult[];
}

/** Works out the summary. */
export function summarize(data: BenchData): BenchSummary {
  const { plan, targets, runs } = data;
  const { options } = plan;
  const measured = runs.map((run) => ({ run, metrics: runMetrics(run, metricsOptions(options)) }));
  const levels = plan.targets.flatMap(({ label }) => levelsOf(label, measured, options));
  const limited = plan.targets.filter(({ isa }) => (isa ?? null) !== null).map(({ label }) => label);
  // Models are compared as they run by themselves.
  const traits = targets.filter(({ label }) => !limited.includes(label)).map(traitsOf);
  return {
    schema: 1,
    created: data.created,
    options,
    environments: data.environments,
    planned: plan.targets,
    targets,
    runsLeft: plan.runs.length - runs.length,
    notices: noticesOf(data),
    selfChecks: selfChecks(data),
    levels,
    precisionRatios: ratiosOf(precisionPairs(traits), levels),
    densityRatios: ratiosOf(densityPairs(traits), levels),
    isaRatios: ratiosOf(isaPairs(plan.targets), levels),
    httpCosts: httpCosts(plan, runs),
    rooflines: rooflines(data, levels),
    results: runs.map((run) => resultOf(run, data)),
  };
}

/** A run in vLLM's form, with the context of its benchmark. */
export function resultOf(run: RunRecord, data: BenchData, detail = false): VllmResult {
  const { options, targets } = data.plan;
  const facts = data.targets.find(({ label }) => label === run.target);
  return vllmResult(run, {
    ...metricsOptions(options),
    endpointType: endpointType(facts),
    label: run.target,
    modelId:
      facts?.server?.servedModel ?? targets.find(({ label }) => label === run.target)?.model ?? run.target,
    requestRate: options.requestRate,
    burstiness: options.burstiness,
    detail,
  });
}

/** vLLM's names for a server's endpoints, and ours for what runs in the process. */
function endpointType(facts: TargetFacts | undefined): string {
  if (facts?.engine !== "http") return "openvino-llm";
  return facts.server?.endpoint === "chat" ? "openai-chat" : "openai";
}

/** The options that decide how figures are computed. */
export function metricsOptions({ percentiles, serviceLevels }: ResolvedBenchOptions): MetricsOptions {
  return { percentiles, serviceLevels };
}

interface MeasuredRun {
  readonly run: RunRecord;
  readonly metrics: RunMetrics;
}

function levelsOf(
  label: string,
  measured: readonly MeasuredRun[],
  options: ResolvedBenchOptions,
): LevelSummary[] {
  const own = measured.filter(({ run }) => run.target === label);
  const throughput = (runs: readonly MeasuredRun[]) =>
    figureEstimate(runs.map(({ metrics }) => metrics.outputThroughput));
  const at = (concurrency: number) => own.filter(({ run }) => run.concurrency === concurrency);
  const single = at(1).length === 0 ? null : throughput(at(1)).mean;
  return options.levels
    .map((concurrency) => ({ concurrency, runs: at(concurrency) }))
    .filter(({ runs }) => runs.length > 0)
    .map(({ concurrency, runs }) => {
      const over = (pick: (metrics: RunMetrics) => number) =>
        figureEstimate(runs.map(({ metrics }) => pick(metrics)));
      const requests = runs.map(({ run }) => run.requests);
      const total = (pick: (metrics: RunMetrics) => number) =>
        runs.reduce((sum, { metrics }) => sum + pick(metrics), 0);
      const latencies = latencyMetrics(requests.flat(), metricsOptions(options));
      const outputThroughput = throughput(runs);
      const isLimited = runs.every(({ metrics }) => metrics.requestGoodput !== null);
      const completed = total((metrics) => metrics.completed);
      const good = total((metrics) => (metrics.goodShare ?? 0) * metrics.completed);
      return {
        target: label,
        concurrency,
        repeats: runs.length,
        completed,
        failed: total((metrics) => metrics.failed),
        outputThroughput,
        totalTokenThroughput: over((metrics) => metrics.totalTokenThroughput),
        requestThroughput: over((metrics) => metrics.requestThroughput),
        requestGoodput: isLimited ? over((metrics) => metrics.requestGoodput ?? 0) : null,
        meanTtftMs: latencyEstimate(requests, "ttftMs"),
        meanTpotMs: latencyEstimate(requests, "tpotMs"),
        meanItlMs: latencyEstimate(requests, "itlMs"),
        meanE2elMs: latencyEstimate(requests, "e2elMs"),
        latencies,
        serviceLevels: verdictOf(
          latencies,
          options.serviceLevels,
          isLimited && completed > 0 ? good / completed : null,
        ),
        host: hostSummary(runs.map(({ run }) => run.host)),
        scalingEfficiency:
          single === null || single === 0
            ? null
            : scalingEfficiency(outputThroughput.mean, single, concurrency),
      };
    });
}

function verdictOf(
  latencies: LatencyMetrics,
  limits: ServiceLevels,
  share: number | null,
): ServiceLevelVerdict {
  const names: ReadonlyArray<keyof ServiceLevels> = ["ttftMs", "tpotMs", "e2elMs"];
  const missed = names.filter((name) => latencies[name].mean > (limits[name] ?? Infinity));
  return { limits, met: missed.length === 0 && latencies.ttftMs.n > 0, missed, share };
}

function traitsOf({ label, files }: TargetFacts): ModelTraits {
  return { target: label, precision: files?.precision ?? null, isMoe: files?.isMoe ?? null };
}

function ratiosOf(pairs: readonly Pair[], levels: readonly LevelSummary[]): RatioSummary[] {
  const figures = ({ outputThroughput, meanTpotMs }: LevelSummary) => ({
    outputThroughput: outputThroughput.mean,
    meanTpotMs: meanTpotMs.mean,
  });
  return pairs.flatMap((pair) =>
    levels
      .filter(({ target }) => target === pair.first)
      .flatMap((first) => {
        const second = levels.find(
          ({ target, concurrency }) => target === pair.second && concurrency === first.concurrency,
        );
        if (second === undefined) return [];
        return [{ ...pair, concurrency: first.concurrency, ...speedRatio(figures(first), figures(second)) }];
      }),
  );
}
