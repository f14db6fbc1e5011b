/**
 * The figures of one run, by the definitions of vLLM's serving benchmark (0.16, `calculate_metrics`). Pure.
 *
 * - TTFT: sent → first token. ITL: the gap between two tokens, of all requests together; tokens of one engine step count
 *   as one, as they come in one piece over HTTP. TPOT: (last token − first token) / (tokens − 1) of each request with more
 *   than one token. E2EL: sent → last token.
 * - Throughputs are sums over the duration of the whole run. Requests that failed count in `failed` alone.
 * - Goodput: requests within all given service levels, over the duration. One token has a TPOT of 0 there.
 * - Standard deviations are those of the population (ddof 0); percentiles are interpolated linearly, as numpy does. Of
 *   nothing all figures are 0, with n = 0.
 */
import { percentile, sortedCopy } from "openvino-llm/internal";
import type { RequestRecord, RunRecord } from "./records.js";

/** Percentiles that are reported where nothing else is asked for. */
export const DEFAULT_PERCENTILES = [50, 90, 95, 99] as const;

/** From this many samples on a 99th percentile is printed; below it is hardly more than the longest one. */
export const MIN_SAMPLES_FOR_P99 = 100;

/** Upper limits that a request has to keep, in milliseconds. A limit that is not given is always kept. */
export interface ServiceLevels {
  /** Time to first token. */
  readonly ttftMs?: number;
  /** Time per output token; that of a single token is 0. */
  readonly tpotMs?: number;
  /** Time until the last token. */
  readonly e2elMs?: number;
}

/** A distribution, in the unit of its values. */
export interface Distribution {
  /** The arithmetic mean; 0 of nothing, as all figures here. */
  readonly mean: number;
  /** The 50th percentile. */
  readonly median: number;
  /** Of the population: ddof 0. */
  readonly std: number;
  /** The smallest value. */
  readonly min: number;
  /** The largest value. */
  readonly max: number;
  /** By their names: `p50`, `p99`, `p99.9`. */
  readonly percentiles: Readonly<Record<string, number>>;
  /** How many values there are. */
  readonly n: number;
}

/** The latencies of one or several runs, in milliseconds. */
export interface LatencyMetrics {
  /** Sent → first token, of each completed request. */
  readonly ttftMs: Distribution;
  /** Time per output token after the first, of each request with more than one. */
  readonly tpotMs: Distribution;
  /** Gaps between tokens, of all requests together; tokens of one step count as one. */
  readonly itlMs: Distribution;
  /** Sent → last token, of each completed request. */
  readonly e2elMs: Distribution;
  /** Arrival → sent: what the client's limit of concurrency made requests wait. In no other figure. */
  readonly waitMs: Distribution;
  /** Produced by the engine → arrived at the client, of each token. */
  readonly deliveryMs: Distribution;
}

/** The figures of one run. Throughputs are per second. */
export interface RunMetrics extends LatencyMetrics {
  /** The first request arrived → all had ended. */
  readonly durationMs: number;
  /** Requests that did not fail and gave a token. */
  readonly completed: number;
  /** All other requests; they count in no other figure. */
  readonly failed: number;
  /** Tokens of the prompts of the completed requests. */
  readonly totalInputTokens: number;
  /** Tokens that the completed requests generated. */
  readonly totalOutputTokens: number;
  /** Completed requests per second. */
  readonly requestThroughput: number;
  /** Requests per second within all service levels; null where none is given. */
  readonly requestGoodput: number | null;
  /** Part of the completed requests that kept all service levels, 0 to 1; null where none is given or none completed. */
  readonly goodShare: number | null;
  /** Output tokens per second. */
  readonly outputThroughput: number;
  /** Input and output tokens per second. */
  readonly totalTokenThroughput: number;
  /** Requests in flight at most, from the stamps themselves and not from buckets of a second. */
  readonly maxConcurrentRequests: number;
}

/** What is computed, and from what. */
export interface MetricsOptions {
  /** 0 to 100. Default 50, 90, 95, 99. */
  readonly percentiles?: readonly number[];
  /** Default none. */
  readonly serviceLevels?: ServiceLevels;
  /**
   * Which stamps count: those of the engine, or those of the arrival at the client, to compare with a client of a server.
   * Default "produced".
   */
  readonly stamps?: "produced" | "delivered";
}

/** Latencies of one completed request, in milliseconds. */
export interface RequestLatencies {
  /** Sent → first token. */
  readonly ttftMs: number;
  /** Time per output token after the first; null for a single token. */
  readonly tpotMs: number | null;
  /** Gaps between steps of the engine; empty for a single one. */
  readonly itlsMs: readonly number[];
  /** Sent → last token. */
  readonly e2elMs: number;
}

/** The figures of a run. */
export function runMetrics(
  run: Pick<RunRecord, "durationMs" | "requests">,
  options: MetricsOptions = {},
): RunMetrics {
  const { serviceLevels = {} } = options;
  const completed = run.requests.filter(isCompleted);
  const latencies = completed.map((request) => requestLatencies(request, options.stamps));
  const seconds = run.durationMs / 1000;
  const perSecond = (count: number) => (seconds > 0 ? count / seconds : 0);
  const totalInputTokens = sum(completed.map(({ promptTokens }) => promptTokens));
  const totalOutputTokens = sum(completed.map(({ producedMs }) => producedMs.length));
  const hasLevels = Object.keys(serviceLevels).length > 0;
  const good = latencies.filter((latency) => keepsServiceLevels(latency, serviceLevels)).length;
  return {
    durationMs: run.durationMs,
    completed: completed.length,
    failed: run.requests.length - completed.length,
    totalInputTokens,
    totalOutputTokens,
    requestThroughput: perSecond(completed.length),
    requestGoodput: hasLevels ? perSecond(good) : null,
    goodShare: hasLevels && completed.length > 0 ? good / completed.length : null,
    outputThroughput: perSecond(totalOutputTokens),
    totalTokenThroughput: perSecond(totalInputTokens + totalOutputTokens),
    maxConcurrentRequests: peakConcurrency(completed, options.stamps),
    ...latencyMetrics(run.requests, options),
  };
}

/** The latencies of requests, of one run or of several repeats together. */
export function latencyMetrics(
  requests: readonly RequestRecord[],
  { percentiles = DEFAULT_PERCENTILES, stamps }: MetricsOptions = {},
): LatencyMetrics {
  const completed = requests.filter(isCompleted);
  const latencies = completed.map((request) => requestLatencies(request, stamps));
  const spread = (values: readonly number[]) => distributionOf(values, percentiles);
  return {
    ttftMs: spread(latencies.map(({ ttftMs }) => ttftMs)),
    tpotMs: spread(latencies.flatMap(({ tpotMs }) => tpotMs ?? [])),
    itlMs: spread(latencies.flatMap(({ itlsMs }) => itlsMs)),
    e2elMs: spread(latencies.map(({ e2elMs }) => e2elMs)),
    waitMs: spread(completed.map(({ waitMs }) => waitMs)),
    deliveryMs: spread(
      completed.flatMap(({ producedMs, deliveredMs }) =>
        deliveredMs.map((ms, index) => ms - (producedMs[index] ?? ms)),
      ),
    ),
  };
}

/** Whether a request counts: it did not fail, and a token came. */
export function isCompleted({ error, producedMs }: RequestRecord): boolean {
  return error === null && producedMs.length > 0;
}

/** The latencies of one request that completed. */
export function requestLatencies(
  { producedMs, deliveredMs }: Pick<RequestRecord, "producedMs" | "deliveredMs">,
  stamps: MetricsOptions["stamps"] = "produced",
): RequestLatencies {
  const times = stamps === "produced" ? producedMs : deliveredMs;
  const first = times[0] ?? 0;
  const last = times.at(-1) ?? 0;
  const steps = times.filter((time, index) => index === 0 || time !== times[index - 1]);
  return {
    ttftMs: first,
    tpotMs: times.length > 1 ? (last - first) / (times.length - 1) : null,
    itlsMs: steps.slice(1).map((time, index) => time - (steps[index] ?? time)),
    e2elMs: last,
  };
}

/** Whether a request kept every limit that is given. */
export function keepsServiceLevels(
  { ttftMs, tpotMs, e2elMs }: RequestLatencies,
  limits: ServiceLevels,
): boolean {
  return (
    ttftMs <= (limits.ttftMs ?? Infinity) &&
    (tpotMs ?? 0) <= (limits.tpotMs ?? Infinity) &&
    e2elMs <= (limits.e2elMs ?? Infinity)
  );
}

/** The distribution of any values. */
export function distributionOf(
  values: readonly number[],
  percentiles: readonly number[] = DEFAULT_PERCENTILES,
): Distribution {
  const n = values.length;
  const sorted = sortedCopy(n === 0 ? [0] : values);
  const mean = sum(Array.from(sorted)) / sorted.length;
  const variance = sum(Array.from(sorted, (value) => (value - mean) ** 2)) / sorted.length;
  return {
    mean,
    median: percentile(sorted, 50),
    std: Math.sqrt(variance),
    min: sorted[0] ?? 0,
    max: sorted.at(-1) ?? 0,
    percentiles: Object.fromEntries(percentiles.map((p) => [percentileName(p), percentile(sorted, p)])),
    n,
  };
}

/** `p99` for 99, `p99.9` for 99.9: as vLLM names them. */
export function percentileName(percent: number): string {
  return `p${percent}`;
}

/** The most requests whose times from sending to the last token overlap; one that ends where another begins does not. */
function peakConcurrency(requests: readonly RequestRecord[], stamps: MetricsOptions["stamps"]): number {
  const changes = requests.flatMap((request) => {
    const end = request.sentMs + requestLatencies(request, stamps).e2elMs;
    return [
      { atMs: request.sentMs, by: 1 },
      { atMs: end, by: -1 },
    ];
  });
  changes.sort((a, b) => a.atMs - b.atMs || a.by - b.by);
  let now = 0;
  let most = 0;
  for (const { by } of changes) {
    now += by;
    most = Math.max(most, now);
  }
  return most;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
