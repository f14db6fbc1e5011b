/** Figures as text. */

/** "8.3 ms", "412 ms", "1.62 s". */
export function durationText(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  return `${ms >= 100 ? Math.round(ms) : ms.toFixed(1)} ms`;
}

/** "8.3", "412", "12,400". */
export function rateText(perSecond: number): string {
  return perSecond >= 100 ? countText(Math.round(perSecond)) : perSecond.toFixed(1);
}

/** "12,400". */
export function countText(count: number): string {
  return count.toLocaleString("en-US");
}
