/**
 * Compares two things in blocks whose second half is the mirror of the first (A B B A, or B A A B as is drawn): a machine
 * that drifts evenly favours neither. A block gives one ratio of each figure. Pure over a {@link LiveEngine}.
 */
import { AbortError } from "openvino-llm";
import { seededRandom } from "../stats/random.js";
import { meanOf } from "../stats/statistics.js";
import { overallVerdict, verdictOf, type Verdict } from "../stats/verdict.js";
import { MIN_BLOCKS, plannedLooks, ratioOf, type Look } from "../tune/search/sequential.js";
import type {
  LiveEnd,
  LiveFigure,
  LiveLevel,
  LiveMetric,
  LiveResult,
  LiveVerdict,
} from "./live-comparison.js";

/** Which of the two. */
export type Side = "a" | "b";

/** One level of one side, measured once. */
export interface LiveSample extends Readonly<Record<LiveMetric, number | null>> {
  /** Requests that failed. */
  readonly failed: number;
}

/** Measures. */
export interface LiveEngine {
  /** Milliseconds of a clock that the budget is counted by. */
  nowMs(): number;

  /**
   * Measures one level of one side once. The same `promptSet` gives both sides the same prompts; no side gets one twice.
   *
   * @throws (by rejection) AbortError, and what the side fails with
   */
  measure(side: Side, run: { readonly concurrency: number; readonly promptSet: number }): Promise<LiveSample>;
}

/** What is compared and for how long. */
export interface TurnOptions {
  /** Requests at once. */
  readonly levels: readonly number[];
  /** In percent. */
  readonly thresholdPercent: number;
  readonly budgetMs: number;
  readonly mostBlocks: number;
  /** Fixes which side comes first in each block. */
  readonly seed: number;
  /** Receives every measurement. */
  readonly onSample?: ((sample: MeasuredSample) => void) | undefined;
}

/** A measurement with its place. */
export interface MeasuredSample {
  readonly side: Side;
  /** Requests at once. */
  readonly concurrency: number;
  /** From 1. */
  readonly block: number;
  /** What was measured. */
  readonly sample: LiveSample;
  /** Until the budget is used up. */
  readonly remainingMs: number;
}

/** The error of all figures and all looks together: a thing beside itself is called different once in a hundred times. */
const ERROR = 0.01;
const METRICS: readonly LiveMetric[] = ["outputThroughput", "ttftMs", "tpotMs"];

/** By side and level the two samples of a block. */
type Block = ReadonlyMap<string, readonly LiveSample[]>;

/**
 * Measures until every figure is decided, the budget is used up, or it is interrupted. With fewer than three blocks nothing
 * can be said.
 *
 * @throws (by rejection) whatever measuring gives; AbortError only before there are three blocks
 */
export async function compareInTurns(engine: LiveEngine, options: TurnOptions): Promise<LiveResult> {
  const { budgetMs, mostBlocks } = options;
  const random = seededRandom(options.seed, "against");
  const startMs = engine.nowMs();
  const blocks: Block[] = [];
  let looks: readonly Look[] = [];
  const result = (error: number, end: LiveEnd): LiveResult => {
    const levels = levelsOf(blocks, options, error);
    const verdict = overallVerdict(verdictsOf(levels)) as LiveVerdict;
    const { thresholdPercent } = options;
    const elapsedMs = engine.nowMs() - startMs;
    return {
      blocks: blocks.length,
      confidence: 1 - ERROR,
      thresholdPercent,
      levels,
      verdict,
      end,
      elapsedMs,
    };
  };
  // What no look has used is left for the last one.
  const leftError = () => {
    const left = looks
      .filter((look) => look.blocks >= blocks.length)
      .reduce((sum, { error }) => sum + error, 0);
    return left > 0 ? left : (looks.at(-1)?.error ?? ERROR);
  };
  try {
    for (;;) {
      const isFirstA = random.integer(0, 1) === 0;
      blocks.push(await mirroredBlock(engine, options, blocks.length, isFirstA, startMs));
      const blockMs = (engine.nowMs() - startMs) / blocks.length;
      const leftMs = budgetMs - (engine.nowMs() - startMs);
      if (blocks.length === 1) {
        const fitting = 1 + Math.max(0, Math.round(leftMs / Math.max(1, blockMs)));
        looks = plannedLooks(Math.min(mostBlocks, fitting), ERROR);
      }
      if (blocks.length < MIN_BLOCKS) continue;
      const look = looks.find((one) => one.blocks === blocks.length);
      const isLast = leftMs < blockMs / 2 || blocks.length >= (looks.at(-1)?.blocks ?? 0);
      if (look === undefined && !isLast) continue;
      const error = isLast ? leftError() : (look?.error ?? ERROR);
      const found = result(error, "decided");
      const isDecided = found.levels.every(({ figures }) => figures.every(isFigureDecided));
      if (isDecided) return found;
      if (isLast) return { ...found, end: "budget" };
    }
  } catch (error) {
    if (!(error instanceof AbortError) || blocks.length < MIN_BLOCKS) throw error;
    return result(leftError(), "interrupted");
  }
}

async function mirroredBlock(
  engine: LiveEngine,
  { levels, budgetMs, onSample }: TurnOptions,
  index: number,
  isFirstA: boolean,
  startMs: number,
): Promise<Block> {
  const order: readonly Side[] = isFirstA ? ["a", "b", "b", "a"] : ["b", "a", "a", "b"];
  const samples = new Map<string, LiveSample[]>();
  for (const [turn, side] of order.entries()) {
    // Each half has prompts of its own, the same for both sides.
    const promptSet = 2 * index + Math.floor(turn / 2);
    for (const concurrency of levels) {
      const sample = await engine.measure(side, { concurrency, promptSet });
      const key = keyOf(side, concurrency);
      samples.set(key, [...(samples.get(key) ?? []), sample]);
      const remainingMs = Math.max(0, budgetMs - (engine.nowMs() - startMs));
      onSample?.({ side, concurrency, block: index + 1, sample, remainingMs });
    }
  }
  return samples;
}

function levelsOf(
  blocks: readonly Block[],
  { levels, thresholdPercent }: TurnOptions,
  error: number,
): LiveLevel[] {
  const figures = levels.flatMap((concurrency) => METRICS.map((metric) => ({ concurrency, metric })));
  const logs = figures.map(({ concurrency, metric }) => ({
    concurrency,
    metric,
    a: logMeans(blocks, keyOf("a", concurrency), metric),
    b: logMeans(blocks, keyOf("b", concurrency), metric),
  }));
  const present = logs.filter(({ a, b }) => [...a, ...b].every(Number.isFinite));
  const confidence = 1 - error / Math.max(1, present.length);
  return levels.map((concurrency) => ({
    concurrency,
    figures: present
      .filter((one) => one.concurrency === concurrency)
      .map(({ metric, a, b }): LiveFigure => {
        const ratio = ratioOf(
          b.map((log, index) => log - (a[index] ?? log)),
          confidence,
        );
        const verdict = judged(metric, ratio, thresholdPercent);
        return {
          metric,
          a: Math.exp(meanOf(a)),
          b: Math.exp(meanOf(b)),
          ratio,
          // Undecided: no difference is shown, and how large one can be, the interval says.
          verdict: verdict === "unclear" ? "same" : verdict,
          isShownAlike: verdict === "same",
        };
      }),
    failed: {
      a: failuresOf(blocks, keyOf("a", concurrency)),
      b: failuresOf(blocks, keyOf("b", concurrency)),
    },
  }));
}

/** By the rule of two folders, with the interval for the test: each block is a pair. */
function judged(
  metric: LiveMetric,
  { ratio, low, high }: LiveFigure["ratio"],
  thresholdPercent: number,
): Verdict {
  const isAbove = low > 1;
  const order = isAbove ? "larger" : high !== null && high < 1 ? "smaller" : null;
  return verdictOf({
    ratio: { value: ratio, low: high === null ? null : low, high },
    order,
    isLowerBetter: metric !== "outputThroughput",
    thresholdPercent,
  });
}

function isFigureDecided({ verdict, isShownAlike }: LiveFigure): boolean {
  return verdict !== "same" || isShownAlike;
}

function verdictsOf(levels: readonly LiveLevel[]): LiveVerdict[] {
  return levels.flatMap(({ figures }) => figures.map(({ verdict }) => verdict));
}

/** Of each block; NaN where one of its samples has no such figure. */
function logMeans(blocks: readonly Block[], key: string, metric: LiveMetric): number[] {
  return blocks.map((block) =>
    meanOf((block.get(key) ?? []).map((sample) => Math.log(sample[metric] ?? NaN))),
  );
}

function failuresOf(blocks: readonly Block[], key: string): number {
  return blocks.flatMap((block) => block.get(key) ?? []).reduce((sum, { failed }) => sum + failed, 0);
}

function keyOf(side: Side, concurrency: number): string {
  return `${side} ${concurrency}`;
}
