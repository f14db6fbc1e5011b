/**
 * Latency figures from stamps. Pure: no clock is read here.
 *
 * The definitions are those of vLLM's serving benchmark (TTFT, TPOT, ITL, end-to-end latency), seen from the caller's
 * call: the time in the queue and the tokenising are part of what a caller waits for. Percentiles interpolate linearly
 * between the sorted values, as `numpy.percentile` does.
 */
import type { NativePerf, NativeSpeculative } from "../native/binding.js";
import { percentile, sortedCopy } from "./percentile.js";

/** One engine step that gave tokens to a request. Stamps are milliseconds of the addon's clock. */
export interface TimedStep {
  /** When the engine had them, taken on the engine's own thread. */
  readonly producedMs: number;
  /** When they reached the JavaScript thread. */
  readonly deliveredMs: number;
  /** How many they were: 1 or more. */
  readonly tokens: number;
}

/** The stamps of one generation, in milliseconds of the addon's clock. */
export interface TimingStamps {
  /** The entry of `stream()` or `generate()`, before the options are looked at. */
  readonly submitMs: number;
  /** When the engine took the request; null where it never did. */
  readonly takenMs: number | null;
  /** In the order in which they came. */
  readonly steps: readonly TimedStep[];
  /** GenAI's own account, where it gave one. */
  readonly native: NativePerf | null;
  /** GenAI's count of draft tokens, where it gave one. Default null. */
  readonly speculative?: NativeSpeculative | null;
  /** Default null. */
  readonly grammarMs?: number | null;
}

/**
 * Acceptance of a draft model's tokens, as GenAI counts: the last step is left out, and what is behind a stop string is
 * not. Only from an `LLMPipeline` with a draft model. What any kind of speculative decoding gains is in the steps:
 * `completionTokens` divided by `itlMs.n + 1` are the tokens per step.
 */
export interface SpeculativeFigures {
  /** Tokens that the draft model proposed: 1 or more. */
  readonly draftTokens: number;
  /** Those that became part of the text. */
  readonly acceptedTokens: number;
  /** `acceptedTokens` / `draftTokens`: 0 to 1. */
  readonly acceptanceRate: number;
}

/** Spread of the gaps between engine steps, in milliseconds. */
export interface LatencySpread {
  /** Arithmetic mean. */
  readonly mean: number;
  /** Median. */
  readonly p50: number;
  /** 9 in 10 gaps are at most this long. */
  readonly p90: number;
  /** 19 in 20 gaps are at most this long. */
  readonly p95: number;
  /** Of fewer than 100 gaps this is hardly more than the largest. */
  readonly p99: number;
  /** The longest gap. */
  readonly max: number;
  /** Number of gaps. */
  readonly n: number;
}

/**
 * When each token came, counted from the call. Tokens of one step share their stamps. Plain arrays, so that JSON has them as
 * arrays and reads them back as they were.
 */
export interface TokenStamps {
  /** When the engine had it. */
  readonly producedMs: readonly number[];
  /** When it reached the JavaScript thread. Those of `generate()` come in batches: nobody waits for one of them alone. */
  readonly deliveredMs: readonly number[];
}

/** Figures of every generation. Those that need a second step are null where there was one step or none. */
export interface TimingFigures {
  /** Time per output token after the first: (last produced − first produced) / (tokens − 1); null where all came at once. */
  readonly tpotMs: number | null;
  /** Inter-token latency: the gaps between engine steps. A step may give several tokens. */
  readonly itlMs: LatencySpread | null;
  /** Tokens per second after the first: 1000 / `tpotMs`. */
  readonly decodeTokensPerSecond: number | null;
  /** Stamps of every token, as many as `completionTokens`. */
  readonly perToken: TokenStamps;
  /** GenAI's own account (`PerfMetrics`), which starts when GenAI starts; null where it gave none. */
  readonly native: NativePerf | null;
  /** Acceptance of a draft model's tokens; null without one, in batching, and where GenAI counted none. */
  readonly speculative: SpeculativeFigures | null;
  /**
   * To check and compile the grammar of a response format, part of `ttftMs`; null without one. In batching the check
   * alone: GenAI does not report there how long it compiled.
   */
  readonly grammarMs: number | null;
}

/** Of a generation that gave a token: every one that was not ended before. */
export interface TokenTiming extends TimingFigures {
  /** Call → taken by the engine. */
  readonly queueMs: number;
  /** Time to first token: call → first token produced, waiting and tokenising included. */
  readonly ttftMs: number;
  /** End-to-end latency: call → last token produced. */
  readonly e2eMs: number;
  /** Tokens per second of `e2eMs`, the first token's wait included. */
  readonly tokensPerSecond: number;
}

/** Of a generation that an abort, an error or `close()` ended before its first token. */
export interface NoTokenTiming extends TimingFigures {
  /** Call → taken by the engine; null where it never was. */
  readonly queueMs: number | null;
  /** There was no token. */
  readonly ttftMs: null;
  /** There was no token. */
  readonly e2eMs: null;
  /** There was no token. */
  readonly tokensPerSecond: null;
}

/**
 * How long one generation took. All times are milliseconds and count from the call. Where `ttftMs` is not null a token came,
 * and TypeScript knows by that check that `queueMs`, `e2eMs` and `tokensPerSecond` are numbers too.
 */
export type Timing = TokenTiming | NoTokenTiming;

/** Works out the latency figures of one generation. */
export function computeTiming({
  submitMs,
  takenMs,
  steps,
  native,
  speculative,
  grammarMs,
}: TimingStamps): Timing {
  const tokens = steps.reduce((sum, step) => sum + step.tokens, 0);
  const first = steps.at(0);
  const last = steps.at(-1);
  const decodeMs = first === undefined || last === undefined ? 0 : last.producedMs - first.producedMs;
  const tpotMs = steps.length > 1 ? decodeMs / (tokens - 1) : null;
  const figures: TimingFigures = {
    tpotMs,
    itlMs: spreadOf(gapsBetween(steps)),
    // A clock that did not move gives no rate.
    decodeTokensPerSecond: tpotMs === null || tpotMs <= 0 ? null : 1000 / tpotMs,
    perToken: {
      producedMs: stampPerToken(steps, (step) => step.producedMs - submitMs),
      deliveredMs: stampPerToken(steps, (step) => step.deliveredMs - submitMs),
    },
    native,
    speculative: figuresOf(speculative ?? null),
    grammarMs: grammarMs ?? null,
  };
  const queueMs = takenMs === null ? null : takenMs - submitMs;
  if (first === undefined || last === undefined) {
    return { queueMs, ttftMs: null, e2eMs: null, tokensPerSecond: null, ...figures };
  }
  const e2eMs = last.producedMs - submitMs;
  // What gives tokens has taken the request.
  return {
    queueMs: queueMs ?? 0,
    ttftMs: first.producedMs - submitMs,
    e2eMs,
    tokensPerSecond: (tokens * 1000) / e2eMs,
    ...figures,
  };
}

/** Where all draft tokens fell into the last step GenAI counts none of them, but those that it accepted. */
function figuresOf(counts: NativeSpeculative | null): SpeculativeFigures | null {
  if (counts === null || counts.draftTokens === 0) return null;
  return { ...counts, acceptanceRate: counts.acceptedTokens / counts.draftTokens };
}

function gapsBetween(steps: readonly TimedStep[]): number[] {
  return steps.slice(1).map((step, index) => step.producedMs - (steps[index]?.producedMs ?? step.producedMs));
}

function spreadOf(values: readonly number[]): LatencySpread | null {
  const sorted = sortedCopy(values);
  const max = sorted.at(-1);
  if (max === undefined) return null;
  return {
    mean: sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
    p50: percentile(sorted, 50),
    p90: percentile(sorted, 90),
    p95: percentile(sorted, 95),
    p99: percentile(sorted, 99),
    max,
    n: sorted.length,
  };
}

function stampPerToken(steps: readonly TimedStep[], stamp: (step: TimedStep) => number): number[] {
  const stamps: number[] = [];
  for (const step of steps) for (let token = 0; token < step.tokens; token++) stamps.push(stamp(step));
  return stamps;
}
