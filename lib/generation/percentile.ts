/** Percentiles as `numpy.percentile` computes them by default: linear interpolation between the sorted values. */

/** The values in ascending order, so that several percentiles sort once. */
export function sortedCopy(values: readonly number[]): Float64Array {
  return Float64Array.from(values).sort();
}

/**
 * One percentile of values in ascending order.
 *
 * @param sorted - at least one value, as `sortedCopy` gives them.
 * @param percent - 0 to 100.
 * @returns NaN for no values.
 */
export function percentile(sorted: ArrayLike<number>, percent: number): number {
  const position = ((sorted.length - 1) * percent) / 100;
  const low = sorted[Math.floor(position)] ?? NaN;
  const high = sorted[Math.ceil(position)] ?? NaN;
  const part = position - Math.floor(position);
  // Interpolated from the nearer end, as numpy does, so that the result never leaves the two values.
  return part < 0.5 ? low + (high - low) * part : high - (high - low) * (1 - part);
}
