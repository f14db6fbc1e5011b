/**
 * Compares a few candidates in blocks whose second half is the mirror of the first (A B B A): a machine that drifts evenly
 * favours none of them. A block is one value of a ratio, and nothing measured before counts.
 */
import { shuffledIndexes } from "../../stats/random.js";
import { meanOf } from "../../stats/statistics.js";
import type { Candidate } from "./candidate-book.js";
import { MIN_GAIN } from "./halving.js";
import { logScore } from "./objective.js";
import type { SearchState } from "./search-state.js";
import { MIN_BLOCKS, plannedLooks, ratioOf, type Look, type RatioEstimate } from "./sequential.js";
import type { TuneSample } from "./tune-engine.js";

/** How a comparison ended. */
export type Decision = "faster" | "same" | "slower" | "undecided" | "refused";

/** What one level shows. The intervals are those of 95 % for each by itself. */
export interface LevelEvidence {
  /** Requests at once. */
  readonly concurrency: number;
  /** Output tokens per second: above 1 is better. */
  readonly tokensPerSecond: RatioEstimate;
  /** Time to first token: below 1 is better. */
  readonly ttft: RatioEstimate;
  /** Time per output token: below 1 is better. */
  readonly tpot: RatioEstimate;
}

/** A candidate beside the defaults. */
export interface TuneEvidence extends RatioEstimate {
  /** Part of such intervals, of all looks at all comparisons of the search together, that hold the truth. */
  readonly confidence: number;
  /** Mirrored blocks; each level was measured twice in each. */
  readonly blocks: number;
  /** By level. */
  readonly levels: readonly LevelEvidence[];
}

/** Who is compared. */
export interface Comparison {
  /** Evidence is reported beside it. */
  readonly defaults: Candidate;
  /** What the challenger has to better; may be the defaults. */
  readonly champion: Candidate;
  /** Who wants to be chosen. */
  readonly challenger: Candidate;
  /** The error of the decision: 0 to 1. */
  readonly error: number;
  /** Of the search. */
  readonly confidence: number;
  /** When it ends at the latest. */
  readonly endMs: number;
}

/** What came of a comparison. */
export interface ComparisonOutcome {
  /** Of the challenger beside the champion. */
  readonly decision: Decision;
  /** Of the challenger beside the champion; null where too little was measured. */
  readonly ratio: RatioEstimate | null;
  /** Of the challenger beside the defaults; null where too little was measured. */
  readonly evidence: TuneEvidence | null;
}

/** The most blocks: more would show differences that nobody cares for. */
const MAX_BLOCKS = 32;

/** By candidate and level, the samples of one block. */
type BlockSamples = ReadonlyMap<string, readonly TuneSample[]>;

/**
 * Measures until the interval decides, or the time ends.
 *
 * @throws (by rejection) whatever measuring the defaults or the champion gives, and AbortError
 */
export async function compare(state: SearchState, comparison: Comparison): Promise<ComparisonOutcome> {
  const { defaults, champion, challenger, error } = comparison;
  const members = [...new Map([defaults, champion, challenger].map((one) => [one.id, one])).values()];
  const blocks: BlockSamples[] = [];
  let looks: readonly Look[] = [];
  let { endMs } = comparison;
  const startMs = state.engine.nowMs();
  for (;;) {
    const block = await mirroredBlock(state, members, challenger);
    if (block === null) return { decision: "refused", ratio: null, evidence: null };
    blocks.push(block);
    const blockMs = (state.engine.nowMs() - startMs) / blocks.length;
    if (blocks.length === 1) {
      // Fewer would be for nothing, so a comparison takes the time of those after it rather.
      endMs = Math.max(endMs, Math.min(state.endMs, startMs + MIN_BLOCKS * blockMs));
      const fitting = 1 + Math.round(state.msUntil(endMs) / Math.max(1, blockMs));
      if (fitting < MIN_BLOCKS) return { decision: "undecided", ratio: null, evidence: null };
      looks = plannedLooks(Math.min(MAX_BLOCKS, fitting), error);
    }
    const isOver = state.msUntil(endMs) < blockMs / 2 || blocks.length >= (looks.at(-1)?.blocks ?? 0);
    const look = looks.find((one) => one.blocks === blocks.length);
    // Time has run out earlier than was planned: what no look has used is left for this one.
    const left = looks.filter((one) => one.blocks >= blocks.length).reduce((sum, one) => sum + one.error, 0);
    const lookError = look?.error ?? (isOver ? left : null);
    if (lookError === null || blocks.length < MIN_BLOCKS) {
      if (isOver) return { decision: "undecided", ratio: null, evidence: null };
      continue;
    }
    const outcome = outcomeOf(state, comparison, blocks, lookError);
    if (outcome.decision !== "undecided" || isOver) return outcome;
  }
}

function outcomeOf(
  { options: { objective }, levels: counted }: SearchState,
  { defaults, champion, challenger, confidence }: Comparison,
  blocks: readonly BlockSamples[],
  error: number,
): ComparisonOutcome {
  const logRatios = (other: Candidate, log: (sample: TuneSample) => number, concurrency?: number) =>
    blocks.map((block) => {
      const mean = ({ id }: Candidate) =>
        meanOf(
          (block.get(id) ?? [])
            .filter((sample) =>
              (concurrency === undefined ? counted : [concurrency]).includes(sample.concurrency),
            )
            .map(log),
        );
      return mean(challenger) - mean(other);
    });
  const score = (sample: TuneSample) => logScore(objective, sample);
  const ratio = ratioOf(logRatios(champion, score), 1 - error);
  const besideDefaults = ratioOf(logRatios(defaults, score), 1 - error);
  const levels = [...new Set((blocks[0]?.get(challenger.id) ?? []).map(({ concurrency }) => concurrency))];
  const evidence = {
    ...besideDefaults,
    confidence,
    blocks: blocks.length,
    levels: levels
      .toSorted((a, b) => a - b)
      .map((concurrency) => {
        const beside = (pick: (sample: TuneSample) => number) =>
          ratioOf(logRatios(defaults, (sample) => Math.log(pick(sample)), concurrency));
        return {
          concurrency,
          tokensPerSecond: beside(({ outputTokensPerSecond }) => outputTokensPerSecond),
          ttft: beside(({ ttftMs }) => ttftMs),
          tpot: beside(({ tpotMs }) => tpotMs),
        };
      }),
  };
  return { decision: decisionOf(ratio, besideDefaults), ratio, evidence };
}

function decisionOf({ low, high }: RatioEstimate, besideDefaults: RatioEstimate): Decision {
  if (low > 1 && besideDefaults.low > 1) return "faster";
  if (high !== null && high < 1) return "slower";
  return high !== null && high < 1 + MIN_GAIN ? "same" : "undecided";
}

/** Measures each member twice at every level: in an order that is drawn, and then in its mirror. Null: refused. */
async function mirroredBlock(
  state: SearchState,
  members: readonly Candidate[],
  challenger: Candidate,
): Promise<BlockSamples | null> {
  const order = Array.from(shuffledIndexes(members.length, state.random));
  const [outputLength, levels] = [state.options.outputLength, state.options.levels];
  const samples = new Map<string, TuneSample[]>(members.map(({ id }) => [id, []]));
  for (const half of [order, order.toReversed()]) {
    const promptSet = state.nextPromptSet();
    for (const index of half) {
      const member = members[index];
      if (member === undefined) continue;
      try {
        for (const concurrency of levels) {
          const sample = await state.measure(member, { concurrency, outputLength, promptSet });
          samples.get(member.id)?.push(sample);
        }
      } catch (failure) {
        // The others are what everything stands on.
        if (member !== challenger) throw failure;
        state.refuse(challenger, failure);
        return null;
      }
    }
  }
  return samples;
}
