/** What the search asks of whatever measures: processes that run a model, or a scripted one in a test. */
import type { TunedSettings } from "./settings.js";

/** The figures of one level, measured once, for requests of the full length. */
export interface TuneSample {
  /** Requests at once. */
  readonly concurrency: number;
  /** Mean time to first token. */
  readonly ttftMs: number;
  /** Mean time per output token after the first. */
  readonly tpotMs: number;
  /** Mean time of a whole request. */
  readonly e2elMs: number;
  /** Output tokens per second, of all requests together. */
  readonly outputTokensPerSecond: number;
  /** Requests that were measured. */
  readonly requests: number;
  /** Those of them that kept all service levels. */
  readonly goodRequests: number;
}

/** How one level is measured. */
export interface TuneRun {
  /** Requests at once, and as many in all. */
  readonly concurrency: number;
  /** Tokens that each request generates; the figures are those of the full length all the same. */
  readonly outputLength: number;
  /** The same number gives the same prompts; no candidate gets a number twice. */
  readonly promptSet: number;
}

/** What a candidate answers, beside exact arithmetic. */
export interface AnswerQuality {
  /** Of the fixed text, given the text before each token. */
  readonly perplexity: number;
  /** In f32 without dynamic quantisation. */
  readonly referencePerplexity: number;
  /** Part of the tokens of which the most probable one is the reference's: 0 to 1. */
  readonly greedyAgreement: number;
  /** Tokens that were compared. */
  readonly tokens: number;
}

/** The quality of a candidate, and whether it may stay. */
export interface QualityVerdict {
  /** Its figures. */
  readonly quality: AnswerQuality;
  /** Null where it may stay, else a sentence. */
  readonly failure: string | null;
}

/** The candidate cannot be used: `load()` refuses it, or its process ended. */
export class CandidateRefusal extends Error {
  override readonly name = "CandidateRefusal";

  constructor(
    /** Such as "ERR_ENGINE_FAULT". */
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Measures settings. */
export interface TuneEngine {
  /** Candidates that can be ready at the same time: 1 or more. One that is not ready is loaded first. */
  readonly capacity: number;

  /** Milliseconds of a clock that the budget is counted by. */
  nowMs(): number;

  /**
   * Measures one level once.
   *
   * @throws (by rejection) {@link CandidateRefusal}, and AbortError
   */
  measure(settings: TunedSettings, run: TuneRun): Promise<TuneSample>;

  /**
   * What settings make of the answers. Settings that cannot change them cost nothing.
   *
   * @throws (by rejection) {@link CandidateRefusal}, and AbortError
   */
  quality(settings: TunedSettings): Promise<QualityVerdict>;
}
