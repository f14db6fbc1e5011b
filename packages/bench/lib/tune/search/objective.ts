/** What "better" means. Pure. */
import type { TuneSample } from "./tune-engine.js";

/**
 * What is tuned for, over the levels of concurrency that are asked for:
 *
 * - "latency": the mean time of a request, from sent to its last token; the geometric mean over all levels
 * - "throughput": output tokens per second at the highest level
 * - "goodput": requests per second within the service levels; the geometric mean over all levels
 */
export type TuneObjective = "latency" | "throughput" | "goodput";

/** All objectives. */
export const TUNE_OBJECTIVES: readonly TuneObjective[] = ["latency", "throughput", "goodput"];

/** The levels that an objective looks at. */
export function levelsOf(objective: TuneObjective, levels: readonly number[]): readonly number[] {
  return objective === "throughput" ? [Math.max(...levels)] : levels;
}

/** The logarithm of how good a level is: more is better, and a difference is the logarithm of a ratio. */
export function logScore(objective: TuneObjective, sample: TuneSample): number {
  switch (objective) {
    case "latency":
      return -Math.log(sample.e2elMs);
    case "throughput":
      return Math.log(sample.outputTokensPerSecond);
    case "goodput": {
      // Half a request is added on either side, so that none within the service levels has a logarithm too.
      const share = (sample.goodRequests + 0.5) / (sample.requests + 1);
      return Math.log(share) + Math.log(sample.outputTokensPerSecond);
    }
  }
}
