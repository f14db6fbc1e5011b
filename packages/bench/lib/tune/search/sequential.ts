/**
 * A ratio that is looked at several times while measurements come in. Each look has a share of the error that is allowed
 * in all, so that looking often makes no winner (Bonferroni). Pure.
 */
import { estimateOf } from "../../stats/statistics.js";

/** A ratio with its interval. */
export interface RatioEstimate {
  /** 1: the same. */
  readonly ratio: number;
  /** Lower end; 0 where the interval has none yet. */
  readonly low: number;
  /** Upper end; null where the interval has none yet. */
  readonly high: number | null;
}

/** After how many blocks the ratio is looked at, and with what error. */
export interface Look {
  /** Blocks that there are by then. */
  readonly blocks: number;
  /** The error of this look: 0 to 1. */
  readonly error: number;
}

/** The shares of the error of three looks: the last one has the most data, and so the most to say. */
const SHARES = [0.2, 0.3, 0.5];
/** With fewer, Student's interval is too wide to decide anything. */
export const MIN_BLOCKS = 3;

/**
 * The looks at a comparison: after a quarter, half and all of the blocks.
 *
 * @param blocks - that can be measured
 * @param error - of all looks together: 0 to 1
 */
export function plannedLooks(blocks: number, error: number): Look[] {
  const last = Math.max(MIN_BLOCKS, blocks);
  const looks: Look[] = [];
  let open = 0;
  for (const [index, share] of SHARES.entries()) {
    const at = Math.ceil(last / 2 ** (SHARES.length - 1 - index));
    open += share * error;
    // A look that comes too early leaves its share to the next one.
    if (at < MIN_BLOCKS) continue;
    looks.push({ blocks: at, error: open });
    open = 0;
  }
  return looks;
}

/** The ratio of which the logarithms are measured, with its interval. */
export function ratioOf(logRatios: readonly number[], confidence = 0.95): RatioEstimate {
  const { mean, low, high } = estimateOf(logRatios, confidence);
  return {
    ratio: Math.exp(mean),
    low: low === null ? 0 : Math.exp(low),
    high: high === null ? null : Math.exp(high),
  };
}
