/** What serving a model over HTTP costs beside running it in the process, where one benchmark measured both. Pure. */
import { isCompleted, runMetrics, type RunMetrics } from "../measure/metrics.js";
import type { BenchPlan, PlanTarget } from "../plan/plan.js";
import type { RunRecord } from "../measure/records.js";
import { repeatedMean } from "../stats/repeated-mean.js";
import type { Estimate } from "../stats/statistics.js";

/**
 * One model at one concurrency, over HTTP against in the process. Each difference and ratio is made within a repeat, in
 * which both were measured one after the other, and its interval is that of the repeats: what slows both down is in none.
 *
 * The times in the process are those at which the tokens arrived on the JavaScript thread (`deliveredMs`), as those over
 * HTTP are.
 */
export interface HttpCost {
  /** Requests in flight at most. */
  readonly concurrency: number;
  /** Label of the target in the process. */
  readonly inProcess: string;
  /** Label of the target over HTTP. */
  readonly http: string;
  /** Repeats that have completed requests on both sides: 1 or more. */
  readonly repeats: number;
  /** Mean time per output token, HTTP minus in-process, in µs per token; null where requests have a single token. */
  readonly tpotUs: Estimate | null;
  /** Mean time to first token, HTTP minus in-process, in milliseconds. */
  readonly ttftMs: Estimate;
  /** Output tokens per second, HTTP over in-process: 1 costs nothing, 0.9 costs a tenth. */
  readonly throughputRatio: Estimate;
}

/** The cost of every model and level that were measured both ways, in the order of the plan; none where none was. */
export function httpCosts(plan: BenchPlan, runs: readonly RunRecord[]): HttpCost[] {
  return transportPairs(plan.targets).flatMap(({ inProcess, http }) =>
    plan.options.levels.flatMap((concurrency) => {
      const pairs = pairedRuns(runs, { inProcess, http, concurrency });
      if (pairs.length === 0) return [];
      const over = (figure: (one: RepeatPair) => number) =>
        repeatedMean(pairs.map((pair) => [{ sum: figure(pair), count: 1 }]));
      const hasTpot = pairs.every((pair) => pair.inProcess.tpotMs.n > 0 && pair.http.tpotMs.n > 0);
      return {
        concurrency,
        inProcess,
        http,
        repeats: pairs.length,
        tpotUs: hasTpot ? over((pair) => (pair.http.tpotMs.mean - pair.inProcess.tpotMs.mean) * 1000) : null,
        ttftMs: over((pair) => pair.http.ttftMs.mean - pair.inProcess.ttftMs.mean),
        throughputRatio: over((pair) => pair.http.outputThroughput / pair.inProcess.outputThroughput),
      };
    }),
  );
}

interface TransportPair {
  readonly inProcess: string;
  readonly http: string;
}

interface RepeatPair {
  readonly inProcess: RunMetrics;
  readonly http: RunMetrics;
}

function transportPairs(targets: readonly PlanTarget[]): TransportPair[] {
  return targets
    .filter(({ http }) => http)
    .flatMap((server) =>
      targets
        .filter(({ http, model }) => !http && model === server.model)
        .map(({ label }) => ({ inProcess: label, http: server.label })),
    );
}

/** Both sides' figures of each repeat that both have. */
function pairedRuns(
  runs: readonly RunRecord[],
  { inProcess, http, concurrency }: TransportPair & { readonly concurrency: number },
): RepeatPair[] {
  const ofTarget = (label: string) =>
    runs.filter(
      (run) => run.target === label && run.concurrency === concurrency && run.requests.some(isCompleted),
    );
  const metricsOf = (run: RunRecord) => runMetrics(run, { stamps: "delivered" });
  const overHttp = ofTarget(http);
  return ofTarget(inProcess).flatMap((run) => {
    const other = overHttp.find(({ repeat }) => repeat === run.repeat);
    return other === undefined ? [] : [{ inProcess: metricsOf(run), http: metricsOf(other) }];
  });
}
