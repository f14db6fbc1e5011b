/** The means of a level with their intervals. Pure. */
import { latencyParts, type MeanLatency } from "../measure/latency-parts.js";
import { isCompleted } from "../measure/metrics.js";
import type { RequestRecord } from "../measure/records.js";
import { repeatedMean } from "../stats/repeated-mean.js";
import type { Estimate } from "../stats/statistics.js";

/** Of a figure that a repeat has one of, such as a throughput, and that is never below 0. */
export function figureEstimate(values: readonly number[]): Estimate {
  return repeatedMean(
    values.map((sum) => [{ sum, count: 1 }]),
    { least: 0 },
  );
}

/** Of a latency, over the requests of each repeat; 0 where no request has it. */
export function latencyEstimate(
  repeats: ReadonlyArray<readonly RequestRecord[]>,
  latency: MeanLatency,
): Estimate {
  const sample = repeats
    .map((requests) => requests.filter(isCompleted).flatMap((request) => latencyParts(request, latency)))
    // A repeat of which nothing is left is none.
    .filter((parts) => parts.length > 0);
  return sample.length === 0 ? figureEstimate([0]) : repeatedMean(sample, { least: 0 });
}
