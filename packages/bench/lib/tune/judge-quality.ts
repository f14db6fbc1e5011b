/** Whether answers are good enough. Pure. */
import { formatFigure, type TextEvaluation } from "openvino-llm/internal";
import { meanOf } from "../stats/statistics.js";
import type { AnswerQuality, QualityVerdict } from "./search/tune-engine.js";

/** What answers have to keep: these, or what the defaults give. */
export interface QualityLimits {
  /** The perplexity of a fixed text by that of exact arithmetic, at most. Above 1. Default 1.02. */
  readonly maxPerplexityRatio: number;
  /** Part of the tokens of which the most probable one is the same as in exact arithmetic, at least: 0 to 1. Default 0.95. */
  readonly minGreedyAgreement: number;
}

/** The limits where none are given. */
export const DEFAULT_QUALITY_LIMITS: QualityLimits = { maxPerplexityRatio: 1.02, minGreedyAgreement: 0.95 };

/** How much worse than the defaults' a perplexity may be where the defaults themselves are beyond the limit. */
const BESIDE_DEFAULTS = 1.01;

/** The figures of a text beside those of exact arithmetic. */
export function qualityOf(
  { losses, greedyIds }: Pick<TextEvaluation, "losses" | "greedyIds">,
  reference: Pick<TextEvaluation, "losses" | "greedyIds">,
): AnswerQuality {
  const same = greedyIds.filter((id, place) => id === reference.greedyIds[place]).length;
  return {
    perplexity: Math.exp(meanOf(losses)),
    referencePerplexity: Math.exp(meanOf(reference.losses)),
    greedyAgreement: same / greedyIds.length,
    tokens: greedyIds.length,
  };
}

/**
 * Answers may be as far from exact arithmetic as the limits say, or as those of the defaults are, which a user has today.
 *
 * @param defaults - the figures of the defaults; null where they are these
 */
export function judgeQuality(
  quality: AnswerQuality,
  defaults: AnswerQuality | null,
  { maxPerplexityRatio, minGreedyAgreement }: QualityLimits,
): QualityVerdict {
  // The defaults are what everything else is judged by.
  if (defaults === null) return { quality, failure: null };
  const { perplexity, referencePerplexity, greedyAgreement, tokens } = quality;
  const mostPerplexity = Math.max(
    referencePerplexity * maxPerplexityRatio,
    defaults.perplexity * BESIDE_DEFAULTS,
  );
  const share = defaults.greedyAgreement;
  // Two standard errors of a share of so many tokens.
  const least = Math.min(minGreedyAgreement, share - 2 * Math.sqrt((share * (1 - share)) / tokens));
  const percent = (part: number) => `${formatFigure(100 * part)} %`;
  const failures = [
    // Written so that NaN fails.
    ...(perplexity <= mostPerplexity
      ? []
      : [
          `perplexity ${formatFigure(perplexity)} beside ${formatFigure(referencePerplexity)} in exact arithmetic, ` +
            `and at most ${formatFigure(mostPerplexity)} is allowed`,
        ]),
    ...(greedyAgreement >= least
      ? []
      : [
          `${percent(greedyAgreement)} of ${tokens} greedy tokens are those of exact arithmetic, ` +
            `and at least ${percent(least)} is asked for`,
        ]),
  ];
  if (failures.length === 0) return { quality, failure: null };
  const text = failures.join("; ");
  return { quality, failure: `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.` };
}
