import type { Random } from "../stats/random.js";

/** When requests arrive. */
export interface ArrivalOptions {
  /** Requests. */
  readonly count: number;
  /** Requests per second; Infinity: all at once. */
  readonly requestRate: number;
  /** Shape of the gaps' gamma distribution: 1 is a Poisson process, less comes in bursts, more is more even; above 0. */
  readonly burstiness: number;
}

/**
 * When each request arrives, as vLLM's serving benchmark (`get_request`) has it: gamma-distributed gaps with mean
 * 1 / rate, then stretched so that the last request arrives at exactly count / rate. The first one waits for a gap too.
 *
 * @returns milliseconds from the start, ascending; all 0 for an infinite rate
 */
export function arrivalTimesMs({ count, requestRate, burstiness }: ArrivalOptions, random: Random): number[] {
  if (requestRate === Infinity) return Array.from({ length: count }, () => 0);
  let sum = 0;
  const times = Array.from({ length: count }, () => {
    sum += burstiness === Infinity ? 1 : random.gamma(burstiness);
    return sum;
  });
  const stretch = sum === 0 ? 0 : (count * 1000) / requestRate / sum;
  return times.map((time) => time * stretch);
}
