/**
 * Searches the settings under which a model is fastest. Pure over a {@link TuneEngine}: the same engine and seed give the
 * same search.
 *
 * Stages follow each other; each tries changes of what the one before found, by successive halving. What a stage found is
 * then compared with what is proven so far, in mirrored blocks of fresh measurements: the defaults are proven from the
 * start, and the nearest to them comes first. So what is chosen is faster than the defaults beyond doubt, and of those
 * that are alike the one with the fewest settings.
 */
import { AbortError } from "openvino-llm";
import { seededRandom } from "../../stats/random.js";
import { affordableTokens } from "./affordable-tokens.js";
import { candidateOf, type Candidate, type CandidateReport } from "./candidate-book.js";
import { compare, type TuneEvidence } from "./comparison.js";
import { bestOfHalving } from "./halving.js";
import { SearchState, type SearchOptions } from "./search-state.js";
import { DEFAULT_SETTINGS, type TunedSettings } from "./settings.js";
import type { TuneEngine, TuneSample } from "./tune-engine.js";

/** A part of a search: settings that are tried beside each other. */
export interface Stage {
  /** What it is about: "arithmetic". */
  readonly name: string;
  /** The settings to try, made of those that the stages before found. */
  candidates(base: TunedSettings): readonly TunedSettings[];
}

/** Why a search ended. */
export type SearchEnd = "decided" | "budget" | "interrupted";

/** What a search found. */
export interface SearchResult {
  /** The settings that were chosen: the defaults where nothing is faster beyond doubt. */
  readonly chosen: Candidate;
  /** The chosen ones beside the defaults; null where they are the defaults. */
  readonly evidence: TuneEvidence | null;
  /** Every candidate, in the order in which they came; the defaults come first. */
  readonly candidates: readonly CandidateReport[];
  /** "decided": nothing was left to do. "budget": the time did not suffice to measure or decide everything. */
  readonly end: SearchEnd;
  /** Milliseconds that it took. */
  readonly elapsedMs: number;
}

/** The error of everything that is decided together. */
const ERROR = 0.05;
/** The part of the budget that finds candidates; the rest compares them. */
const STAGES_SHARE = 0.5;
/** The part of the budget in which every candidate of the first stage has to be measured once. */
const FIRST_SHARE = 0.7;
/** The part of what is left of it that a stage may take in any case. */
const MIN_SHARE = 0.5;
/** The part of what is left of it that a comparison may take in any case. */
const MIN_COMPARISON_SHARE = 0.6;
/** Measurements of each candidate that halving takes, roughly. */
const REPEATS = 3;

/**
 * Searches within a budget.
 *
 * @throws (by rejection) CandidateRefusal where the defaults cannot be used
 */
export async function search(
  engine: TuneEngine,
  stages: readonly Stage[],
  options: SearchOptions,
  seed: number,
): Promise<SearchResult> {
  const state = new SearchState(engine, options, seededRandom(seed, "tune"));
  const run = new Search(state);
  let end: SearchEnd = "interrupted";
  try {
    await run.find(stages);
    end = await run.decide();
  } catch (error) {
    if (!(error instanceof AbortError)) throw error;
  }
  return run.result(end);
}

class Search {
  readonly #state: SearchState;
  readonly #defaults = candidateOf(DEFAULT_SETTINGS);
  /** What each stage found, the nearest to the defaults first. */
  readonly #found: Candidate[] = [];
  #champion = this.#defaults;
  #evidence: TuneEvidence | null = null;

  constructor(state: SearchState) {
    this.#state = state;
    state.book.add(this.#defaults, "defaults");
  }

  /** Goes through the stages. */
  async find(stages: readonly Stage[]): Promise<void> {
    const state = this.#state;
    const { quality } = await state.engine.quality(this.#defaults.settings);
    state.book.setQuality(this.#defaults, quality);
    const stagesEndMs = state.startMs + state.options.budgetMs * STAGES_SHARE;
    const outputLength = await this.#affordableTokens(stages, stagesEndMs);
    let left = stages.reduce((sum, stage) => sum + stage.candidates(DEFAULT_SETTINGS).length, 0);
    for (const stage of stages) {
      const base = this.#found.at(-1) ?? this.#defaults;
      const challengers = stage
        .candidates(base.settings)
        .map(candidateOf)
        .filter((candidate) => !state.book.has(candidate));
      for (const candidate of challengers) state.book.add(candidate, stage.name);
      if (challengers.length === 0) continue;
      state.emit({ type: "stage", stage: stage.name, candidates: challengers.map(({ id }) => id) });
      // Where time is short, the first stages, which change most, get what they need.
      const share = Math.min(1, Math.max(MIN_SHARE, challengers.length / Math.max(1, left)));
      left -= challengers.length;
      const endMs = state.engine.nowMs() + state.msUntil(stagesEndMs) * share;
      const isFirst = stage === stages[0];
      const firstEndMs = isFirst ? state.startMs + state.options.budgetMs * FIRST_SHARE : endMs;
      const best = await bestOfHalving(state, { base, challengers, outputLength, endMs, firstEndMs });
      if (best !== null) this.#found.push(best);
    }
  }

  /** Compares what was found with what is proven. */
  async decide(): Promise<SearchEnd> {
    const state = this.#state;
    const isWhole = !state.book.reports().some(({ left }) => left?.reason === "not reached");
    let end: SearchEnd = isWhole ? "decided" : "budget";
    const error = ERROR / Math.max(1, this.#found.length);
    for (const [index, challenger] of this.#found.entries()) {
      state.emit({ type: "stage", stage: "comparison", candidates: [this.#champion.id, challenger.id] });
      // The first ones bring most; what they leave over is for the others.
      const share = Math.max(MIN_COMPARISON_SHARE, 1 / (this.#found.length - index));
      const endMs = state.engine.nowMs() + state.msUntil(state.endMs) * share;
      const outcome = await compare(state, {
        defaults: this.#defaults,
        champion: this.#champion,
        challenger,
        error,
        confidence: 1 - ERROR,
        endMs,
      });
      const { decision, ratio, evidence } = outcome;
      if (ratio !== null) state.book.setGain(challenger, ratio.ratio);
      if (decision === "faster") {
        state.leave(this.#champion, "slower");
        [this.#champion, this.#evidence] = [challenger, evidence];
      } else if (decision !== "refused") {
        if (decision === "undecided") end = "budget";
        state.leave(challenger, decision === "slower" ? "slower" : "not faster", beside(ratio));
      }
    }
    return end;
  }

  result(end: SearchEnd): SearchResult {
    const { book, engine, startMs } = this.#state;
    const candidates = book.reports().map((report) => {
      if (report.id === this.#champion.id) return { ...report, left: null };
      return { ...report, left: report.left ?? { reason: "not reached" as const, detail: "", code: null } };
    });
    const elapsedMs = engine.nowMs() - startMs;
    return { chosen: this.#champion, evidence: this.#evidence, candidates, end, elapsedMs };
  }

  /** How many tokens requests can generate so that every candidate is measured a few times. Measures the defaults. */
  async #affordableTokens(stages: readonly Stage[], endMs: number): Promise<number> {
    const state = this.#state;
    const { outputLength } = state.options;
    const samples: TuneSample[] = [];
    for (const concurrency of state.options.levels) {
      const run = { concurrency, outputLength, promptSet: state.nextPromptSet() };
      samples.push(await state.measure(this.#defaults, run));
    }
    const counted = samples.filter(({ concurrency }) => state.levels.includes(concurrency));
    const candidates = stages.flatMap((stage) => stage.candidates(DEFAULT_SETTINGS)).length;
    return affordableTokens(counted, state.msUntil(endMs) / (REPEATS * (candidates + 1)), outputLength);
  }
}

function beside(ratio: { ratio: number; low: number; high: number | null } | null): string {
  if (ratio === null) return "The time did not suffice for a comparison.";
  const { low, high } = ratio;
  return `${ratio.ratio.toFixed(3)} times as good (${low.toFixed(3)} to ${high?.toFixed(3) ?? "?"}).`;
}
