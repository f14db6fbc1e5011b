/** Options and result of two things that are measured in turns. */
import type { BothSides, ComparedMetric } from "../compare/comparison.js";
import type { BenchOptions } from "../plan/bench-options.js";
import type { Environment } from "../results/environment.js";
import type { Verdict } from "../stats/verdict.js";
import type { TargetFacts } from "../targets/target-facts.js";
import type { RatioEstimate } from "../tune/search/sequential.js";

/** A model with settings, or a server's. */
export interface LiveSide {
  /** What the comparison calls it. */
  readonly name: string;
  /** A path or the name of a model in the cache; what a server calls it. */
  readonly model: string;
  /**
   * Its settings and the load. Lengths, arrivals, levels and the number of prompts are those of side A; with `http` the
   * server's model is meant. `serve`, `isaCompare`, `repeats` and several `maxNumBatchedTokens` have no effect here.
   */
  readonly options?: BenchOptions | undefined;
}

/** How to compare. `undefined` values count as absent. */
export interface LiveOptions {
  /** From how much on a difference counts, in percent: 0 or more. Default 5. */
  readonly thresholdPercent?: number | undefined;
  /** Time for everything but loading, in milliseconds: above 0. Three blocks are measured in any case. Default 600,000. */
  readonly budgetMs?: number | undefined;
  /** Mirrored blocks at most: 3 to 1000. Default 32. */
  readonly mostBlocks?: number | undefined;
}

/** Figures that are compared: means of latencies in milliseconds, and output tokens per second. */
export type LiveMetric = Extract<ComparedMetric, "outputThroughput" | "ttftMs" | "tpotMs">;

/** "same": no difference beyond the threshold is shown; the interval says what is not excluded. */
export type LiveVerdict = Exclude<Verdict, "unclear">;

/** One figure of one level. */
export interface LiveFigure extends BothSides<number> {
  /** Which figure it is; `a` and `b` are geometric means over all measurements. */
  readonly metric: LiveMetric;
  /** B / A, from a ratio of each block. All intervals together hold the truth with the comparison's `confidence`. */
  readonly ratio: RatioEstimate;
  /** What B is by this figure. */
  readonly verdict: LiveVerdict;
  /** The whole interval lies within the threshold: that both are alike is shown, and not only that no difference is. */
  readonly isShownAlike: boolean;
}

/** One level of concurrency. */
export interface LiveLevel {
  /** Requests in flight at most. */
  readonly concurrency: number;
  /** Without those that one side has not: a single token has no TPOT. */
  readonly figures: readonly LiveFigure[];
  /** Requests that failed; no figure has them. */
  readonly failed: BothSides<number>;
}

/** Why measuring ended. */
export type LiveEnd = "decided" | "budget" | "interrupted";

/** What the measurements show. */
export interface LiveResult {
  /** Mirrored blocks (A B B A); each level was measured twice on either side in each. */
  readonly blocks: number;
  /** Part of such comparisons of which all intervals, over all figures and looks, hold the truth. */
  readonly confidence: number;
  /** From how much on a difference counts, in percent. */
  readonly thresholdPercent: number;
  /** By level. */
  readonly levels: readonly LiveLevel[];
  /** "slower" where any figure is; else "faster" where any is; else "same". */
  readonly verdict: LiveVerdict;
  /** "decided": every figure is beyond the threshold or shown to be within it. */
  readonly end: LiveEnd;
  /** Milliseconds that measuring took. */
  readonly elapsedMs: number;
}

/** What came of a comparison, as plain JSON. */
export interface LiveComparison extends LiveResult {
  /** Version of this form. */
  readonly schema: 1;
  /** When it began: ISO 8601, UTC. */
  readonly created: string;
  /** What was compared, and what is known of it. */
  readonly sides: BothSides<{
    /** As it was given. */
    readonly name: string;
    /** As it was loaded last. */
    readonly facts: TargetFacts;
  }>;
  /** The load, defaults filled in. */
  readonly load: {
    /** Tokens of a random prompt. */
    readonly inputLength: number;
    /** Tokens to generate. */
    readonly outputLength: number;
    /** Requests of a measurement, by level in their order. */
    readonly numPrompts: readonly number[];
    /** Which stamps both were compared by: those of the arrival where one is a server's client. */
    readonly stamps: "produced" | "delivered";
  };
  /** Both were loaded all the time; else each turn was a load. */
  readonly isBothLoaded: boolean;
  /** The machine and its software. */
  readonly environment: Environment;
}
