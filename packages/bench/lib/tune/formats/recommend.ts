/** Which weight format is recommended. Pure. */
import { ratioOf, type RatioEstimate } from "../search/sequential.js";
import type { AnswerQuality } from "../search/tune-engine.js";

/** What decides. */
export interface RankedFormat {
  /** The format. */
  readonly id: string;
  /** Logarithms of how good it is, one for each round that all formats were measured in side by side. */
  readonly logScores: readonly number[];
  /** Its answers beside those of FP16 in exact arithmetic. */
  readonly quality: AnswerQuality;
  /** Whether they may be recommended. */
  readonly isGood: boolean;
}

/** The recommended format, and how the others stand to it. */
export interface Recommendation {
  /** The format. */
  readonly id: string;
  /** How many times as good it is as each format, over the rounds, with intervals of 95 % for each by itself. */
  readonly beside: ReadonlyArray<{ readonly id: string; readonly ratio: RatioEstimate }>;
}

/**
 * The fastest of the formats whose answers are good enough; of those that are not shown to be slower than it, the one
 * whose greedy tokens agree with FP16 most. Null where no answers are good enough.
 */
export function recommend(formats: readonly RankedFormat[]): Recommendation | null {
  const good = formats.filter(({ isGood }) => isGood);
  const sum = ({ logScores }: RankedFormat) => logScores.reduce((total, score) => total + score, 0);
  const [fastest] = good.toSorted((a, b) => sum(b) - sum(a));
  if (fastest === undefined) return null;
  const alike = good.filter((format) => format === fastest || (ratioBetween(fastest, format).low ?? 0) <= 1);
  const [best] = alike.toSorted((a, b) => b.quality.greedyAgreement - a.quality.greedyAgreement);
  const chosen = best ?? fastest;
  return {
    id: chosen.id,
    beside: formats
      .filter((format) => format !== chosen)
      .map((format) => ({ id: format.id, ratio: ratioBetween(chosen, format) })),
  };
}

/** Rounds in which both were measured count, each as one value. */
function ratioBetween(over: RankedFormat, under: RankedFormat): RatioEstimate {
  const rounds = Math.min(over.logScores.length, under.logScores.length);
  return ratioOf(
    Array.from(
      { length: rounds },
      (_, round) => (over.logScores[round] ?? 0) - (under.logScores[round] ?? 0),
    ),
  );
}
