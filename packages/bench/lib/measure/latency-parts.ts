import type { ValuePart } from "../stats/mean-ratio.js";
import { requestLatencies, type MetricsOptions } from "./metrics.js";
import type { RequestRecord } from "./records.js";

/** Latencies whose means are compared and have intervals. */
export type MeanLatency = "ttftMs" | "tpotMs" | "itlMs" | "e2elMs";

/**
 * What a completed request adds to a mean, for resampling: one part, or none. Its gaps stay together: they are no more
 * independent than its tokens are.
 */
export function latencyParts(
  request: RequestRecord,
  latency: MeanLatency,
  stamps?: MetricsOptions["stamps"],
): ValuePart[] {
  const { itlsMs, ...latencies } = requestLatencies(request, stamps);
  if (latency === "itlMs") {
    return itlsMs.length === 0
      ? []
      : [{ sum: itlsMs.reduce((sum, ms) => sum + ms, 0), count: itlsMs.length }];
  }
  const value = latencies[latency];
  return value === null ? [] : [{ sum: value, count: 1 }];
}
