/** Ratios between measurements, as the published article forms them. Pure. */

/** How far a measurement may be off the identity before it is flagged. */
export const IDENTITY_TOLERANCE = 0.03;

/** What the identity is about: means over the requests of one level. */
export interface LevelFigures {
  /** Requests in flight. */
  readonly concurrency: number;
  /** Tokens per request. */
  readonly outputLength: number;
  /** Output tokens per second of the whole level. */
  readonly outputThroughput: number;
  /** Mean time to first token. */
  readonly meanTtftMs: number;
  /** Mean time per output token; 0 for requests of a single token. */
  readonly meanTpotMs: number;
}

/** What the identity says of a level. */
export interface IdentityCheck {
  /** Output tokens per second that follow from the latencies. */
  readonly expectedThroughput: number;
  /** (measured − expected) / expected. */
  readonly deviation: number;
  /** The deviation is at most 3 %, to either side. */
  readonly holds: boolean;
}

/**
 * Throughput and latencies of a closed loop must agree: throughput = c · OSL / (mean TTFT + (OSL − 1) · mean TPOT), when
 * `c` requests of equal length are in flight from beginning to end. What does not agree was not measured as it is said.
 */
export function checkIdentity(level: LevelFigures): IdentityCheck {
  const { concurrency, outputLength, outputThroughput, meanTtftMs, meanTpotMs } = level;
  const requestMs = meanTtftMs + (outputLength - 1) * meanTpotMs;
  const expectedThroughput = (concurrency * outputLength * 1000) / requestMs;
  const deviation = (outputThroughput - expectedThroughput) / expectedThroughput;
  return { expectedThroughput, deviation, holds: Math.abs(deviation) <= IDENTITY_TOLERANCE };
}

/**
 * Part of an ideal speed-up that is reached: 1 where `c` requests at once give `c` times the tokens of one.
 *
 * @param throughput - at concurrency `c`
 * @param single - throughput at concurrency 1
 */
export function scalingEfficiency(throughput: number, single: number, concurrency: number): number {
  return throughput / single / concurrency;
}

/** How many times as fast the first of two models is. */
export interface SpeedRatio {
  /** By output tokens per second: first / second. */
  readonly byThroughput: number;
  /** By time per output token: second / first. Null where one has none. */
  readonly byTpot: number | null;
}

/** How many times as fast one level is as another: INT4 against INT8, or dense against MoE, at one concurrency. */
export function speedRatio(
  first: Pick<LevelFigures, "outputThroughput" | "meanTpotMs">,
  second: Pick<LevelFigures, "outputThroughput" | "meanTpotMs">,
): SpeedRatio {
  const hasTpot = first.meanTpotMs > 0 && second.meanTpotMs > 0;
  return {
    byThroughput: first.outputThroughput / second.outputThroughput,
    byTpot: hasTpot ? second.meanTpotMs / first.meanTpotMs : null,
  };
}

/** What decides which models are to be compared. */
export interface ModelTraits {
  /** The label of the target in the plan. */
  readonly target: string;
  /** "INT4", "INT8", … */
  readonly precision: string | null;
  /** A mixture of experts; null where it is not known. */
  readonly isMoe: boolean | null;
}

/** Two targets whose figures make a ratio. */
export interface Pair {
  /** Label of the target that is divided. */
  readonly first: string;
  /** Label of the target that it is divided by. */
  readonly second: string;
}

/** INT4 against INT8 of one model: the names are equal but for the words that name a precision. */
export function precisionPairs(models: readonly ModelTraits[]): Pair[] {
  return pairsOf(
    models,
    (a, b) => a.precision === "INT4" && b.precision === "INT8" && familyOf(a.target) === familyOf(b.target),
  );
}

/** Dense models against mixtures of experts of the same precision. */
export function densityPairs(models: readonly ModelTraits[]): Pair[] {
  return pairsOf(models, (a, b) => a.isMoe === false && b.isMoe === true && a.precision === b.precision);
}

/** A model's name without the words that name a precision: "phi-4-mini" for "Phi-4-mini-INT4-awq". */
export function familyOf(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(LLAMA_CPP_QUANTISATION, "")
    .split(/[-_.\s]+/)
    .filter((word) => word !== "" && !PRECISION_WORD.test(word))
    .join("-");
}

/** "q4_k_m", "q8_0", "q4_1". */
const LLAMA_CPP_QUANTISATION = /(?<=^|[-_.\s])q\d_(?:k|[01])(?:_[sml])?(?=$|[-_.\s])/g;
const PRECISION_WORD =
  /^(?:u?int[48]|[iuw][48](?:a(?:8|16))?|fp(?:4|8|16|32)|bf16|f16|f32|nf4|mxfp4|sym|asym|awq|gptq|ov)$/;

function pairsOf(
  models: readonly ModelTraits[],
  fit: (first: ModelTraits, second: ModelTraits) => boolean,
): Pair[] {
  return models.flatMap((first) =>
    models
      .filter((second) => fit(first, second))
      .map((second) => ({ first: first.target, second: second.target })),
  );
}
