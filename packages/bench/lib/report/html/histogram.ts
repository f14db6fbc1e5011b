/** How often gaps of which length came. Pure. */
import type { RunGaps } from "./stalls.js";

/** Gaps above `fromMs`, up to and with `toMs`. */
export interface GapBin {
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
  /** It holds stalls alone; without this it holds none. */
  readonly isStall: boolean;
}

/** Bins for each doubling of the length. */
const BINS_PER_OCTAVE = 8;

/**
 * The gaps of a run in bins of equal width on a logarithmic axis, from the shortest to the longest, those without a gap
 * included. The threshold of stalls is an edge, so that a bin is before it or behind it. Gaps of 0 are in the first bin.
 */
export function gapBins({ gapsMs, thresholdMs }: RunGaps): GapBin[] {
  if (!(thresholdMs > 0)) return [];
  const binOf = (ms: number) => Math.ceil(Math.log2(ms / thresholdMs) * BINS_PER_OCTAVE) - 1;
  const positive = gapsMs.filter((ms) => ms > 0);
  const first = binOf(positive[0] ?? thresholdMs);
  const last = binOf(positive.at(-1) ?? thresholdMs);
  const counts = Array.from({ length: last - first + 1 }, () => 0);
  for (const ms of gapsMs) {
    // The rounding of the logarithm must not carry a gap over the threshold.
    const bin = ms > thresholdMs ? Math.max(0, binOf(ms)) : Math.min(-1, ms > 0 ? binOf(ms) : first);
    const index = Math.min(last, Math.max(first, bin)) - first;
    counts[index] = (counts[index] ?? 0) + 1;
  }
  const edge = (bin: number) => thresholdMs * 2 ** (bin / BINS_PER_OCTAVE);
  return counts.map((count, index) => {
    const bin = first + index;
    return { fromMs: edge(bin), toMs: edge(bin + 1), count, isStall: bin >= 0 };
  });
}
