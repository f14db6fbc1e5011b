/** What the parts of a search share. */
import type { Random } from "../../stats/random.js";
import { CandidateBook, type Candidate, type LeaveReason } from "./candidate-book.js";
import { levelsOf, type TuneObjective } from "./objective.js";
import { CandidateRefusal, type TuneEngine, type TuneSample } from "./tune-engine.js";

/** What happens on the way. */
export type SearchEvent =
  | {
      /** A part of the search begins. */
      readonly type: "stage";
      /** Its name. */
      readonly stage: string;
      /** The candidates that are tried, by their settings. */
      readonly candidates: readonly string[];
    }
  | {
      /** A level of a candidate was measured. */
      readonly type: "measured";
      /** The candidate's settings. */
      readonly candidate: string;
      /** The figures. */
      readonly sample: TuneSample;
      /** Milliseconds of the budget that are left; 0 where it is used up. */
      readonly remainingMs: number;
    }
  | {
      /** A candidate is out. */
      readonly type: "left";
      /** The candidate's settings. */
      readonly candidate: string;
      /** Why. */
      readonly reason: LeaveReason;
      /** More of it; "" where there is no more. */
      readonly detail: string;
    };

/** What is searched for, and with what. */
export interface SearchOptions {
  /** What "better" means. */
  readonly objective: TuneObjective;
  /** Requests at once, ascending. */
  readonly levels: readonly number[];
  /** Tokens that each request generates. */
  readonly outputLength: number;
  /** Milliseconds for everything; a measurement that has begun is ended. */
  readonly budgetMs: number;
  /** Receives the events of the search. */
  readonly onEvent?: ((event: SearchEvent) => void) | undefined;
}

/** A search that is going on. */
export class SearchState {
  readonly book = new CandidateBook();
  readonly engine: TuneEngine;
  readonly options: SearchOptions;
  readonly random: Random;
  /** The levels that the objective looks at. */
  readonly levels: readonly number[];
  readonly startMs: number;
  readonly endMs: number;
  #promptSets = 0;

  constructor(engine: TuneEngine, options: SearchOptions, random: Random) {
    this.engine = engine;
    this.options = options;
    this.random = random;
    this.levels = levelsOf(options.objective, options.levels);
    this.startMs = engine.nowMs();
    this.endMs = this.startMs + options.budgetMs;
  }

  /** A number of prompts that nobody has had. */
  nextPromptSet(): number {
    return this.#promptSets++;
  }

  /** Milliseconds until a time; 0 where it has passed. */
  msUntil(timeMs: number): number {
    return Math.max(0, timeMs - this.engine.nowMs());
  }

  /** Measures a level of a candidate once, and writes it down. */
  async measure(
    candidate: Candidate,
    run: { concurrency: number; outputLength: number; promptSet: number },
  ): Promise<TuneSample> {
    const sample = await this.engine.measure(candidate.settings, run);
    this.book.addSample(candidate, sample);
    const remainingMs = this.msUntil(this.endMs);
    this.emit({ type: "measured", candidate: candidate.id, sample, remainingMs });
    return sample;
  }

  /** Whether a candidate's answers are good enough; otherwise it is out. */
  async admits(candidate: Candidate): Promise<boolean> {
    try {
      const { quality, failure } = await this.engine.quality(candidate.settings);
      this.book.setQuality(candidate, quality);
      if (failure === null) return true;
      this.leave(candidate, "quality", failure);
    } catch (error) {
      this.refuse(candidate, error);
    }
    return false;
  }

  /** A candidate is out. */
  leave(candidate: Candidate, reason: LeaveReason, detail = ""): void {
    this.book.leave(candidate, reason, detail);
    this.emit({ type: "left", candidate: candidate.id, reason, detail });
  }

  /** A candidate is out where the error says that it cannot be used; any other error is thrown. */
  refuse(candidate: Candidate, error: unknown): void {
    if (!(error instanceof CandidateRefusal)) throw error;
    this.book.refuse(candidate, error);
    this.emit({ type: "left", candidate: candidate.id, reason: "refused", detail: error.message });
  }

  /** Emits an event. */
  emit(event: SearchEvent): void {
    this.options.onEvent?.(event);
  }
}
