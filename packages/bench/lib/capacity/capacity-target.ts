/** Runs loads on a target: a model in this process, or a server's. */
import { OpenVinoLlmError } from "openvino-llm";
import { isCompleted, keepsServiceLevels, requestLatencies } from "../measure/metrics.js";
import type { RequestRecord } from "../measure/records.js";
import type { ResolvedBenchOptions } from "../plan/bench-options.js";
import { workloadOf } from "../plan/plan.js";
import { levelOf, type OpenedTarget } from "../targets/open-target.js";
import type { CapacityEngine, CapacityOutcome } from "./search-capacity.js";
import type { LoadKind } from "./capacity-report.js";

/** Requests of a warm-up at most: what more of them at once would make, the first requests make. */
const MAX_WARMUPS = 64;

/** The engine of a search. */
export class CapacityTarget implements CapacityEngine {
  readonly #opened: OpenedTarget;
  readonly #options: ResolvedBenchOptions;
  readonly #signal: AbortSignal | undefined;
  #nextPrompt = 0;
  #runs = 0;
  #hasAnswered = false;
  /** Requests at once that kernels have been made for. */
  #warm = 0;

  constructor(opened: OpenedTarget, options: ResolvedBenchOptions, signal: AbortSignal | undefined) {
    this.#opened = opened;
    this.#options = options;
    this.#signal = signal;
  }

  nowMs(): number {
    return performance.now();
  }

  async run(
    kind: LoadKind,
    load: number,
    requests: number,
    goOn: (outcome: CapacityOutcome | null) => boolean,
  ): Promise<void> {
    // In a Poisson process nothing waits for its turn at the client.
    const concurrency = kind === "users" ? load : requests;
    const workload = this.#workloadOf(kind, load, concurrency, requests);
    const ended = new Map<number, RequestRecord>();
    let next = 0;
    for await (const event of levelOf(this.#opened, workload, { signal: this.#signal })) {
      if (event.type === "progress" && !goOn(null)) return;
      if (event.type !== "request") continue;
      this.#checkAnswered(event.request);
      ended.set(event.request.index, event.request);
      for (let request = ended.get(next); request !== undefined; request = ended.get(++next)) {
        ended.delete(next);
        if (!goOn(this.#outcomeOf(request))) return;
      }
    }
  }

  #workloadOf(kind: LoadKind, load: number, concurrency: number, requests: number) {
    const isWarm = kind === "rate" || load <= this.#warm;
    const numWarmups = isWarm ? 0 : Math.min(load, MAX_WARMUPS);
    if (!isWarm) this.#warm = load;
    const run = {
      target: this.#opened.facts.label,
      concurrency,
      // Another number has other lengths and arrivals.
      repeat: ++this.#runs,
      numPrompts: requests,
      numWarmups,
      firstPrompt: this.#nextPrompt,
    };
    this.#nextPrompt += numWarmups + requests;
    const options = {
      ...this.#options,
      requestRate: kind === "rate" ? load : ("inf" as const),
      burstiness: 1,
    };
    return workloadOf(run, options, this.#opened.prompts);
  }

  /** Where nothing is answered at all, nothing is too slow. */
  #checkAnswered(request: RequestRecord): void {
    if (this.#hasAnswered) return;
    this.#hasAnswered = isCompleted(request);
    if (this.#hasAnswered) return;
    const code = this.#opened.facts.engine === "http" ? "ERR_SERVER" : "ERR_NATIVE";
    throw new OpenVinoLlmError(code, `The first request failed: ${request.error ?? "No token came."}`);
  }

  #outcomeOf(request: RequestRecord): CapacityOutcome {
    if (!isCompleted(request)) return { isGood: false, ttftMs: null, tpotMs: null };
    const stamps = this.#opened.target.stamps === "client" ? "delivered" : "produced";
    const latencies = requestLatencies(request, stamps);
    const { ttftMs, tpotMs } = latencies;
    return { isGood: keepsServiceLevels(latencies, this.#options.serviceLevels), ttftMs, tpotMs };
  }
}
