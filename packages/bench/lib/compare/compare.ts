/** Two benchmarks, A and B, compared: is B faster, slower or the same? Pure: the same data gives the same comparison. */
import { invalidArgType, outOfRange } from "openvino-llm/internal";
import { comparisonNotices, measuredText } from "./compare-notices.js";
import { loadDifferences, pairName, settingDifferences, type TargetPair } from "./compare-settings.js";
import {
  COMPARED_METRICS,
  type BenchComparison,
  type ComparedMetric,
  type CompareOptions,
  type LevelComparison,
} from "./comparison.js";
import type { BenchData } from "../results/bench-data.js";
import { bootstrapMeanRatio, meanOfParts, type RepeatedSample } from "../stats/mean-ratio.js";
import { latencyParts } from "../measure/latency-parts.js";
import { isCompleted, runMetrics } from "../measure/metrics.js";
import type { RunRecord } from "../measure/records.js";
import { MIN_VALUES, orderTests, overallVerdict, verdictOf } from "../stats/verdict.js";

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
          requests.filter(isCompleted).flatMap((request) => latencyParts(request, metric, stamps));
  // A repeat of which nothing is left is none.
  return runs.map(parts).filter((repeat) => repeat.length > 0);
}

function meansOf(sample: RepeatedSample): number[] {
  return sample.flat().map(({ sum, count }) => sum / count);
}

function failuresOf(runs: readonly RunRecord[]): number {
  return runs.reduce((sum, { requests }) => sum + requests.filter((one) => !isCompleted(one)).length, 0);
}
