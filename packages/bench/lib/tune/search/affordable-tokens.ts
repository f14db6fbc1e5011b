/** How many tokens requests can generate in the time that there is. Pure. */
import type { TuneSample } from "./tune-engine.js";

/** Fewer tokens than this make no steady time per token. */
const MIN_TOKENS = 16;

/**
 * The tokens of each request, so that what was measured can be measured once more in a time: 16, or `outputLength` where
 * that is less, to `outputLength`.
 *
 * @param samples - what is to be measured, as it was before
 * @param eachMs - milliseconds for all of them together
 * @param outputLength - the most
 */
export function affordableTokens(
  samples: ReadonlyArray<Pick<TuneSample, "ttftMs" | "tpotMs">>,
  eachMs: number,
  outputLength: number,
): number {
  const sum = (pick: (sample: (typeof samples)[number]) => number) =>
    samples.reduce((total, sample) => total + pick(sample), 0);
  const tokens = (eachMs - sum(({ ttftMs }) => ttftMs)) / sum(({ tpotMs }) => tpotMs);
  const least = Math.min(MIN_TOKENS, outputLength);
  // One token has no time per token.
  return Number.isFinite(tokens) ? Math.max(least, Math.min(outputLength, Math.floor(tokens))) : outputLength;
}
