/** Options and result of a comparison of two benchmarks. */
import type { SettingDifference, TargetPair } from "./compare-settings.js";
import type { MetricsOptions } from "../measure/metrics.js";
import type { OrderTest, RatioInterval, Verdict } from "../stats/verdict.js";

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
