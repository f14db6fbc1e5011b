/**
 * Successive halving: candidates are measured side by side, the better half stays and is measured more often. It finds the
 * candidate to be compared, and decides nothing: the best of many is also the one that noise has favoured most.
 */
import { estimateOf, meanOf } from "../../stats/statistics.js";
import { shuffledIndexes } from "../../stats/random.js";
import type { Candidate } from "./candidate-book.js";
import { logScore } from "./objective.js";
import type { SearchState } from "./search-state.js";

/** How often each candidate is measured in the first round; in each further round once more. */
const FIRST_REPEATS = 2;
/** A candidate has to be ahead by this part to be of interest. */
export const MIN_GAIN = 0.01;
/** The same where it was measured once. */
const MIN_GAIN_OF_ONE = 0.05;
/** Of the interval that has to be above 1 for a candidate to be compared. */
const PROMISING_CONFIDENCE = 0.8;

/** Candidates beside the one that they are to better. */
export interface Heat {
  /** What a candidate has to better; it stays in every round. */
  readonly base: Candidate;
  /** The candidates, without `base`. */
  readonly challengers: readonly Candidate[];
  /** Tokens that each request generates. */
  readonly outputLength: number;
  /** When it ends at the latest. */
  readonly endMs: number;
  /** The same for the first time that each candidate is measured, without which nothing is known of any. */
  readonly firstEndMs: number;
}

/**
 * Gives the candidate that seems to be the best and is likely to be better than `base`, or null. Candidates whose answers are worse leave
 * before they can take the place of others.
 *
 * @throws (by rejection) whatever measuring `base` gives, and AbortError
 */
export async function bestOfHalving(state: SearchState, heat: Heat): Promise<Candidate | null> {
  const { base } = heat;
  const differences = new Map<string, number[]>();
  const gainOf = ({ id }: Candidate) => meanOf(differences.get(id) ?? []);
  let alive = heat.challengers;
  for (let repeats = FIRST_REPEATS; alive.length > 0; repeats++) {
    const isLast = alive.length === 1;
    let isWhole = true;
    for (let repeat = 0; repeat < repeats && isWhole && alive.length > 0; repeat++) {
      const isFirst = repeats === FIRST_REPEATS && repeat === 0;
      const endMs = isFirst ? heat.firstEndMs : heat.endMs;
      const block = await measureBlock(state, { ...heat, endMs }, [base, ...alive]);
      isWhole = block.isWhole;
      alive = alive.filter(({ id }) => !block.refused.has(id));
      for (const candidate of alive) note(state, candidate, block.scores, base, differences);
    }
    const measured = alive.filter(({ id }) => differences.has(id));
    for (const candidate of alive) if (!measured.includes(candidate)) state.leave(candidate, "not reached");
    const ranked = measured.toSorted((a, b) => gainOf(b) - gainOf(a));
    const places = isWhole ? Math.ceil(ranked.length / 2) : 1;
    alive = await survivors(state, ranked, places, gainOf);
    if (isLast || !isWhole) break;
  }
  const [best] = alive;
  if (best === undefined || isPromising(differences.get(best.id) ?? [])) return best ?? null;
  state.leave(best, "behind", "It is ahead by no more than its measurements differ.");
  return null;
}

/** Whether it is likely enough to be ahead that comparing it is worth the time. The logarithms of its ratios are given. */
function isPromising(differences: readonly number[]): boolean {
  const { mean, low } = estimateOf(differences, PROMISING_CONFIDENCE);
  return low === null ? mean > Math.log1p(MIN_GAIN_OF_ONE) : low > 0;
}

/** Takes down how far a candidate is from the base in a block. */
function note(
  state: SearchState,
  candidate: Candidate,
  scores: ReadonlyMap<string, number>,
  base: Candidate,
  differences: Map<string, number[]>,
): void {
  const [own, other] = [scores.get(candidate.id), scores.get(base.id)];
  if (own === undefined || other === undefined) return;
  const all = [...(differences.get(candidate.id) ?? []), own - other];
  differences.set(candidate.id, all);
  state.book.setGain(candidate, Math.exp(meanOf(all)));
}

/** The best of them that give good answers and are ahead of the base at all; the others leave. */
async function survivors(
  state: SearchState,
  ranked: readonly Candidate[],
  places: number,
  gainOf: (candidate: Candidate) => number,
): Promise<Candidate[]> {
  const kept: Candidate[] = [];
  for (const candidate of ranked) {
    if (kept.length >= places || gainOf(candidate) < Math.log1p(MIN_GAIN)) state.leave(candidate, "behind");
    else if (await state.admits(candidate)) kept.push(candidate);
  }
  return kept;
}

interface Block {
  /** The mean logarithm of the scores of each candidate that was measured at all levels. */
  readonly scores: ReadonlyMap<string, number>;
  readonly refused: ReadonlySet<string>;
  /** False where time ran out. */
  readonly isWhole: boolean;
}

/** Measures each candidate once at each level, all with the same prompts, in an order that is drawn. */
async function measureBlock(
  state: SearchState,
  { base, outputLength, endMs }: Heat,
  candidates: readonly Candidate[],
): Promise<Block> {
  const promptSet = state.nextPromptSet();
  const scores = new Map<string, number[]>();
  const refused = new Set<string>();
  let isWhole = true;
  for (const { candidate, concurrency } of drawnJobs(state, candidates)) {
    if (refused.has(candidate.id)) continue;
    if (state.msUntil(endMs) === 0) {
      isWhole = false;
      break;
    }
    try {
      const sample = await state.measure(candidate, { concurrency, outputLength, promptSet });
      const score = logScore(state.options.objective, sample);
      scores.set(candidate.id, [...(scores.get(candidate.id) ?? []), score]);
    } catch (error) {
      if (candidate === base) throw error;
      state.refuse(candidate, error);
      refused.add(candidate.id);
    }
  }
  const whole = [...scores].filter(([, all]) => all.length === state.levels.length);
  return { scores: new Map(whole.map(([id, all]) => [id, meanOf(all)])), refused, isWhole };
}

/** Every level of every candidate, drawn; where few fit into memory, a candidate's levels follow each other. */
function drawnJobs(
  { engine, levels, random }: SearchState,
  candidates: readonly Candidate[],
): Array<{ candidate: Candidate; concurrency: number }> {
  const drawn = <T>(items: readonly T[]): T[] =>
    Array.from(shuffledIndexes(items.length, random), (index) => items[index]).flatMap((item) => item ?? []);
  const jobsOf = (candidate: Candidate) => levels.map((concurrency) => ({ candidate, concurrency }));
  return engine.capacity >= candidates.length
    ? drawn(candidates.flatMap(jobsOf))
    : drawn(candidates).flatMap((candidate) => drawn(jobsOf(candidate)));
}
