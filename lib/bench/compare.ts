/** Two benchmarks, A and B, compared: is B faster, slower or the same? Pure: the same data gives the same comparison. */
import { invalidArgType, outOfRange } from "../errors/errors.js";
import { comparisonNotices, measuredText } from "./compare-notices.js";
import {
  loadDifferences,
  pairName,
  settingDifferences,
  type SettingDifference,
  type TargetPair,
} from "./compare-settings.js";
import type { BenchData } from "./folder.js";
import { bootstrapMeanRatio, meanOfParts, type RepeatedSample } from "./mean-ratio.js";
import { isCompleted, requestLatencies, runMetrics, type MetricsOptions } from "./metrics.js";
import type { RequestRecord, RunRecord } from "./records.js";
import {
  MIN_VALUES,
  orderTests,
  overallVerdict,
  verdictOf,
  type OrderTest,
  type RatioInterval,
  type Verdict,
} from "./verdict.js";

/** Figures that can be compared: means of latencies in milliseconds, and output tokens per second. */
export const COMPARED_METRICS = ["ttftMs", "tpotMs", "itlMs", "e2elMs", "outputThroughput"] as const;

/** One of {@link COMPARED_METRICS}. */
export type ComparedMetric = (typeof COMPARED_METRICS)[number];

/** How to compare. `undefined` values count as absent. */
export interface CompareOptions {
  /** What to compare, and to judge together: at least one. Default all. */
  readonly metrics?: readonly ComparedMetric[] | undefined;
  /** From how much on a difference counts, in percent: 0 or more. Default 5. */
  readonly thresholdPercent?: number | undefined;
  /** Fixes the resampling: 0 to 2^53 - 1. Default 0. */
  readonly seed?: number | undefined;
  /** Resamples of each interval: 1 or more. Default 2,000, which moves its ends by a few percent of its width. */
  readonly resamples?: number | undefined;
}

/** One fact of both benchmarks. */
export interface BothSides<Value> {
  /** Of A. */
  readonly a: Value;
  /** Of B. */
  readonly b: Value;
}

/** A mean on one side. */
export interface ComparedMean {
  /** In milliseconds, or output tokens per second for a throughput. */
  readonly mean: number;
  /** Values that it is the mean of: requests, or repeats for a throughput. */
  readonly n: number;
}

/** One figure of one level. */
export interface MetricComparison extends BothSides<ComparedMean> {
  /** Which figure it is. */
  readonly metric: ComparedMetric;
  /** How much larger B's mean is. */
  readonly ratio: RatioInterval;
  /** Whether the order of the values is more than chance. */
  readonly test: OrderTest;
  /** What B is by this figure. */
  readonly verdict: Verdict;
}

/** One level of concurrency of one target, or of one in A and another in B. */
export interface LevelComparison {
  /** The labels on both sides. */
  readonly target: TargetPair;
  /** Requests in flight at most. */
  readonly concurrency: number;
  /** Which stamps both were compared by: those of the arrival where one is a server's client. */
  readonly stamps: NonNullable<MetricsOptions["stamps"]>;
  /** Repeats that were measured. */
  readonly repeats: BothSides<number>;
  /** Requests that failed, over all repeats; no mean has them. */
  readonly failed: BothSides<number>;
  /** Without those that one side has not: a single token has no TPOT. */
  readonly metrics: readonly MetricComparison[];
}

/** What came of it, as plain JSON. */
export interface BenchComparison {
  /** Version of this form. */
  readonly schema: 1;
  /** When each benchmark was begun: ISO 8601, UTC. */
  readonly created: BothSides<string>;
  /** From how much on a difference counts, in percent. */
  readonly thresholdPercent: number;
  /** What the resampling was fixed with. */
  readonly seed: number;
  /** Settings that differ: what may explain a difference, or make it meaningless. */
  readonly differences: readonly SettingDifference[];
  /** What a reader must know before the figures, in sentences: what was not compared, noise, failures. */
  readonly notices: readonly string[];
  /** In the order of A. */
  readonly levels: readonly LevelComparison[];
  /** "slower" where any figure is; else "faster" where any is; else "unclear" where any is; else "same". */
  readonly verdict: Verdict;
}

/**
 * Compares two benchmarks level by level.
 *
 * Intervals and tests are made of requests, those of a throughput of repeats; `bootstrapMeanRatio`, `orderTests` and
 * `verdictOf` say how. Targets are compared by their labels, or where each side has a single one, with each other.
 *
 * @throws TypeError, RangeError for options, and where the two cannot be compared: another load, no target or level in
 *   common, nothing completed; the message says which
 */
export function compareBenchmarks(a: BenchData, b: BenchData, options: CompareOptions = {}): BenchComparison {
  const { metrics, thresholdPercent, seed, resamples } = resolve(options);
  const otherLoad = loadDifferences(a.plan.options, b.plan.options);
  if (otherLoad.length > 0) {
    throw incomparable(`${otherLoad.join("; ")}. Measure both with the same load.`);
  }
  const pairs = targetPairs(a, b);
  const levels = pairs.flatMap((pair) => commonLevels(a, b, pair));
  if (levels.length === 0) {
    throw incomparable(
      `A has ${measuredText(a)}; B has ${measuredText(b)}. Measure one model at one level in both.`,
    );
  }
  const pooled = levels.flatMap((level) => metrics.flatMap((metric) => samplesOf(level, metric)));
  if (pooled.length === 0) throw incomparable(`there are no values of ${metrics.join(", ")} in both.`);
  // All that is judged is tested together.
  const tests = orderTests(pooled.map((pair) => ({ a: meansOf(pair.a), b: meansOf(pair.b) })));
  const compared = pooled.map((pair, index) => {
    const { value, ...ends } = bootstrapMeanRatio(pair.b, pair.a, { seed, resamples });
    const a = { mean: meanOfParts(pair.a), n: pair.a.flat().length };
    const b = { mean: meanOfParts(pair.b), n: pair.b.flat().length };
    const ratio = { value, ...(Math.min(a.n, b.n) >= MIN_VALUES ? ends : { low: null, high: null }) };
    const test = tests[index] ?? { u: 0, pValue: 1, adjustedPValue: null, order: null };
    const isLowerBetter = pair.metric !== "outputThroughput";
    const verdict = verdictOf({ ratio, order: test.order, isLowerBetter, thresholdPercent });
    return { level: pair.level, metric: { metric: pair.metric, a, b, ratio, test, verdict } };
  });
  const described = levels.map(({ target, concurrency, stamps, runs }) => ({
    target,
    concurrency,
    stamps,
    repeats: { a: runs.a.length, b: runs.b.length },
    failed: { a: failuresOf(runs.a), b: failuresOf(runs.b) },
  }));
  return {
    schema: 1,
    created: { a: a.created, b: b.created },
    thresholdPercent,
    seed,
    differences: settingDifferences(a, b, pairs),
    notices: comparisonNotices(a, b, pairs, described),
    levels: described.map((level, index) => ({
      ...level,
      metrics: compared.filter((one) => one.level === levels[index]).map(({ metric }) => metric),
    })),
    verdict: overallVerdict(compared.map(({ metric }) => metric.verdict)),
  };
}

interface CommonLevel extends Pick<LevelComparison, "target" | "concurrency" | "stamps"> {
  readonly runs: { readonly a: readonly RunRecord[]; readonly b: readonly RunRecord[] };
}

interface PooledPair {
  readonly level: CommonLevel;
  readonly metric: ComparedMetric;
  readonly a: RepeatedSample;
  readonly b: RepeatedSample;
}

type ResolvedCompareOptions = {
  readonly [Name in keyof CompareOptions]-?: NonNullable<CompareOptions[Name]>;
};

function resolve(options: CompareOptions): ResolvedCompareOptions {
  const { metrics = COMPARED_METRICS, thresholdPercent = 5, seed = 0, resamples = 2000 } = options;
  const known: readonly unknown[] = COMPARED_METRICS;
  if (!Array.isArray(metrics) || metrics.length === 0 || !metrics.every((metric) => known.includes(metric))) {
    throw invalidArgType("options.metrics", `an array of ${COMPARED_METRICS.join(", ")}`, metrics);
  }
  if (typeof thresholdPercent !== "number") {
    throw invalidArgType("options.thresholdPercent", "a number", thresholdPercent);
  }
  if (!(thresholdPercent >= 0 && thresholdPercent < Infinity)) {
    throw outOfRange("options.thresholdPercent", "0 or more", thresholdPercent);
  }
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw outOfRange("options.seed", "an integer from 0 to 2^53 - 1", seed);
  }
  if (!Number.isSafeInteger(resamples) || resamples < 1) {
    throw outOfRange("options.resamples", "an integer from 1", resamples);
  }
  return {
    metrics: COMPARED_METRICS.filter((metric) => metrics.includes(metric)),
    thresholdPercent,
    seed,
    resamples,
  };
}

function incomparable(reason: string): RangeError {
  return Object.assign(new RangeError(`The benchmarks cannot be compared: ${reason}`), {
    code: "ERR_OUT_OF_RANGE" as const,
  });
}

function targetPairs(a: BenchData, b: BenchData): TargetPair[] {
  const [inA, inB] = [a, b].map(({ plan }) => plan.targets.map(({ label }) => label)) as [string[], string[]];
  const both = inA.filter((label) => inB.includes(label));
  const [onlyA, onlyB] = [inA[0], inB[0]];
  if (both.length > 0 || inA.length > 1 || inB.length > 1 || onlyA === undefined || onlyB === undefined) {
    return both.map((label) => ({ a: label, b: label }));
  }
  return [{ a: onlyA, b: onlyB }];
}

function commonLevels(a: BenchData, b: BenchData, target: TargetPair): CommonLevel[] {
  const isClient = ({ targets }: BenchData, label: string) =>
    targets.find((facts) => facts.label === label)?.stamps === "client";
  const stamps = isClient(a, target.a) || isClient(b, target.b) ? "delivered" : "produced";
  return a.plan.options.levels.flatMap((concurrency) => {
    const runsOf = ({ runs }: BenchData, label: string) =>
      runs.filter((run) => run.target === label && run.concurrency === concurrency);
    const runs = { a: runsOf(a, target.a), b: runsOf(b, target.b) };
    if (runs.a.length === 0 || runs.b.length === 0) return [];
    for (const [side, own] of Object.entries(runs)) {
      // Left out it would look like a success.
      if (own.some(({ requests }) => requests.some(isCompleted))) continue;
      throw incomparable(
        `no request completed in ${side.toUpperCase()} at ${pairName(target)}, concurrency ${concurrency}.`,
      );
    }
    return [{ target, concurrency, stamps, runs }];
  });
}

/** Both sides' values, where there are any. */
function samplesOf(level: CommonLevel, metric: ComparedMetric): PooledPair[] {
  const [a, b] = [sampleOf(level.runs.a, metric, level.stamps), sampleOf(level.runs.b, metric, level.stamps)];
  // Nothing can be divided by 0.
  return meanOfParts(a) > 0 && meanOfParts(b) > 0 ? [{ level, metric, a, b }] : [];
}

function sampleOf(
  runs: readonly RunRecord[],
  metric: ComparedMetric,
  stamps: CommonLevel["stamps"],
): RepeatedSample {
  const parts =
    metric === "outputThroughput"
      ? (run: RunRecord) => [{ sum: runMetrics(run, { stamps }).outputThroughput, count: 1 }]
      : ({ requests }: RunRecord) =>
          requests.filter(isCompleted).flatMap((request) => partsOf(request, metric, stamps));
  // A repeat of which nothing is left is none.
  return runs.map(parts).filter((repeat) => repeat.length > 0);
}

/** The gaps of a request stay together: they are no more independent than its tokens are. */
function partsOf(
  request: RequestRecord,
  metric: Exclude<ComparedMetric, "outputThroughput">,
  stamps: CommonLevel["stamps"],
): Array<{ sum: number; count: number }> {
  const { itlsMs, ...latencies } = requestLatencies(request, stamps);
  if (metric === "itlMs") {
    return itlsMs.length === 0
      ? []
      : [{ sum: itlsMs.reduce((sum, ms) => sum + ms, 0), count: itlsMs.length }];
  }
  const value = latencies[metric];
  return value === null ? [] : [{ sum: value, count: 1 }];
}

function meansOf(sample: RepeatedSample): number[] {
  return sample.flat().map(({ sum, count }) => sum / count);
}

function failuresOf(runs: readonly RunRecord[]): number {
  return runs.reduce((sum, { requests }) => sum + requests.filter((one) => !isCompleted(one)).length, 0);
}
