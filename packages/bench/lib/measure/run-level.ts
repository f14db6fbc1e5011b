/** Runs one level of concurrency once: warm-up, then requests by arrival and a limit of how many run at once. */
import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

import { onAbort } from "openvino-llm/internal";
import { AbortError } from "openvino-llm";
import { EventQueue } from "./event-queue.js";
import { watchHost } from "./host-watch.js";
import { prefixKey } from "../prompts/prompts.js";
import { roundedMs, type EngineSample, type RequestRecord, type RunRecord } from "./records.js";
import { Semaphore } from "./semaphore.js";
import type { BenchRequest, BenchTarget } from "./target.js";

/** What to run. */
export interface LevelWorkload {
  /** Requests in flight at most. */
  readonly concurrency: number;
  /** In the order in which they arrive. */
  readonly requests: readonly BenchRequest[];
  /** When each request arrives, in milliseconds from the start, ascending. Default: all at once, a closed loop. */
  readonly arrivalsMs?: readonly number[];
  /** Sent before the clock starts, as many at once as in the run; nothing of them counts. Default none. */
  readonly warmup?: readonly BenchRequest[];
}

/** How it is run. */
export interface LevelOptions {
  /** Ends it. What had come is lost. */
  readonly signal?: AbortSignal | undefined;
  /** How often there is a "progress" event, and the engine is asked for its metrics, in milliseconds. Default 250. */
  readonly progressEveryMs?: number | undefined;
}

/** One level, measured. */
export type LevelMeasurement = Pick<
  RunRecord,
  "concurrency" | "startedAt" | "durationMs" | "warmupKeys" | "host" | "samples" | "requests"
>;

/** What happens on the way. "finished" is the last event. */
export type LevelEvent =
  | {
      /** The warm-up begins. */
      readonly type: "warmup";
      /** Requests of the warm-up: 1 or more. */
      readonly requests: number;
    }
  | {
      /** The clock starts. */
      readonly type: "started";
      /** Requests that will be sent. */
      readonly requests: number;
    }
  | {
      /** It goes on; as often as `progressEveryMs` says. */
      readonly type: "progress";
      /** Milliseconds since the start. */
      readonly elapsedMs: number;
      /** Tokens so far. */
      readonly tokens: number;
      /** Requests that have ended. */
      readonly ended: number;
    }
  | {
      /** A request has ended. */
      readonly type: "request";
      /** What was recorded of it. */
      readonly request: RequestRecord;
    }
  | {
      /** All requests have ended. */
      readonly type: "finished";
      /** What was recorded. */
      readonly measurement: LevelMeasurement;
    };

/**
 * Runs one level and reports it as it goes on. The run does not wait for whoever takes the events. Leaving the loop
 * early cancels the requests in flight.
 *
 * As in vLLM's serving benchmark every request's clock starts when it is sent, which is after its turn at the limit of
 * concurrency has come; its wait until then is recorded apart. The run lasts from the first arrival until all have ended.
 *
 * @throws (by the iteration) {@link AbortError} when `signal` is aborted
 */
export async function* runLevel(
  target: BenchTarget,
  workload: LevelWorkload,
  { signal, progressEveryMs = 250 }: LevelOptions = {},
): AsyncGenerator<LevelEvent, void, undefined> {
  const events = new EventQueue<LevelEvent>();
  const controller = new AbortController();
  // Every request in flight listens to it; from eleven on Node.js would warn of a leak.
  setMaxListeners(0, controller.signal);
  const stopListening = onAbort(signal, () => controller.abort(signal?.reason));
  const work = new LevelRun(target, workload, events, controller.signal, progressEveryMs);
  const done = work.run().then(
    () => events.close(),
    (error: unknown) => events.fail(controller.signal.aborted ? aborted(controller.signal) : error),
  );
  try {
    yield* events.drain();
  } finally {
    controller.abort();
    stopListening();
    await done;
  }
}

function aborted(signal: AbortSignal): AbortError<undefined> {
  return new AbortError("The benchmark was aborted.", signal.reason, undefined);
}

class LevelRun {
  readonly #target: BenchTarget;
  readonly #workload: LevelWorkload;
  readonly #events: EventQueue<LevelEvent>;
  readonly #signal: AbortSignal;
  readonly #progressEveryMs: number;
  readonly #records: RequestRecord[] = [];
  readonly #samples: EngineSample[] = [];

  constructor(
    target: BenchTarget,
    workload: LevelWorkload,
    events: EventQueue<LevelEvent>,
    signal: AbortSignal,
    progressEveryMs: number,
  ) {
    this.#target = target;
    this.#workload = workload;
    this.#events = events;
    this.#signal = signal;
    this.#progressEveryMs = progressEveryMs;
  }

  async run(): Promise<void> {
    const { concurrency, warmup = [], requests } = this.#workload;
    if (warmup.length > 0) {
      this.#events.push({ type: "warmup", requests: warmup.length });
      await this.#warmUp(warmup, concurrency);
    }
    this.#signal.throwIfAborted();
    this.#events.push({ type: "started", requests: requests.length });
    // Before the clock starts: hashing takes time that must not lie between two requests.
    const keys = requests.map(({ prompt }) => prefixKey(prompt));
    const startedAt = new Date().toISOString();
    const unwatch = watchHost();
    const startMs = performance.now();
    const ticker = this.#startTicker(startMs);
    try {
      await this.#sendAll(startMs, keys);
    } finally {
      clearInterval(ticker);
    }
    const durationMs = roundedMs(performance.now() - startMs);
    const host = unwatch();
    const measurement = {
      concurrency,
      startedAt,
      durationMs,
      warmupKeys: warmup.map(({ prompt }) => prefixKey(prompt)),
      host,
      samples: this.#samples,
      requests: this.#records.toSorted((a, b) => a.index - b.index),
    };
    this.#events.push({ type: "finished", measurement });
  }

  async #warmUp(requests: readonly BenchRequest[], concurrency: number): Promise<void> {
    const slots = new Semaphore(concurrency);
    const send = async (request: BenchRequest) => {
      await slots.acquire();
      try {
        this.#signal.throwIfAborted();
        await this.#target.send(request, this.#signal);
      } finally {
        slots.release();
      }
    };
    throwFirst(await Promise.all(requests.map((request) => ended(send(request)))));
  }

  async #sendAll(startMs: number, keys: readonly string[]): Promise<void> {
    const { concurrency, requests, arrivalsMs } = this.#workload;
    const slots = new Semaphore(concurrency);
    const running: Promise<Ending>[] = [];
    for (const [index, request] of requests.entries()) {
      const waitMs = startMs + (arrivalsMs?.[index] ?? 0) - performance.now();
      // An abort ends the sleep; then nothing more is sent, and what runs is waited for below.
      if (waitMs > 0) await sleep(waitMs, undefined, { signal: this.#signal }).catch(() => undefined);
      if (this.#signal.aborted) break;
      running.push(ended(this.#sendOne({ index, request, prefixKey: keys[index] ?? "", slots, startMs })));
    }
    throwFirst(await Promise.all(running));
    this.#signal.throwIfAborted();
  }

  async #sendOne(job: {
    index: number;
    request: BenchRequest;
    prefixKey: string;
    slots: Semaphore;
    startMs: number;
  }): Promise<void> {
    const { index, request, slots, startMs } = job;
    const arrivedMs = performance.now();
    await slots.acquire();
    try {
      this.#signal.throwIfAborted();
      const sentMs = performance.now();
      const outcome = await this.#target.send(request, this.#signal);
      const record: RequestRecord = {
        index,
        prefixKey: job.prefixKey,
        waitMs: roundedMs(sentMs - arrivedMs),
        sentMs: roundedMs(sentMs - startMs),
        endedMs: roundedMs(performance.now() - startMs),
        expectedPromptTokens: request.prompt.length,
        expectedTokens: request.outputLength,
        ...outcome,
      };
      this.#records.push(record);
      this.#events.push({ type: "request", request: record });
    } finally {
      slots.release();
    }
  }

  #startTicker(startMs: number): NodeJS.Timeout {
    const before = this.#target.producedTokens;
    return setInterval(() => {
      const elapsedMs = performance.now() - startMs;
      const sample = this.#target.sample?.();
      if (sample !== undefined) this.#samples.push({ atMs: roundedMs(elapsedMs), ...sample });
      this.#events.push({
        type: "progress",
        elapsedMs,
        tokens: this.#target.producedTokens - before,
        ended: this.#records.length,
      });
    }, this.#progressEveryMs);
  }
}

/** How a piece of work ended: null where it went well. */
type Ending = { readonly error: unknown } | null;

/** Never rejects, so that work which fails while others still run is no unhandled rejection. */
function ended(work: Promise<void>): Promise<Ending> {
  return work.then(
    () => null,
    (error: unknown) => ({ error }),
  );
}

function throwFirst(endings: readonly Ending[]): void {
  for (const ending of endings) if (ending !== null) throw ending.error;
}
