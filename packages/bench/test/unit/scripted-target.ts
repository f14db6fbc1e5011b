import type { BenchRequest, BenchTarget, RequestOutcome } from "../../lib/measure/target.js";

/** A request that was sent and waits for the test to end it. */
export interface Sent {
  readonly request: BenchRequest;
  /** Ends it with tokens: the first after 50 ms, then one every 10 ms. */
  finish(outcome?: Partial<RequestOutcome>): void;
}

/** First token after 50 ms, then one every 10 ms, delivered a quarter of a millisecond later. */
export function scriptedOutcome({ prompt, outputLength }: BenchRequest): RequestOutcome {
  const producedMs = Array.from({ length: outputLength }, (_, token) => 50 + 10 * token);
  return {
    queueMs: 1,
    promptTokens: prompt.length ?? 0,
    producedMs,
    deliveredMs: producedMs.map((ms) => ms + 0.25),
    cachedTokens: null,
    text: "x".repeat(outputLength),
    error: null,
  };
}

/** A target that answers by a script: at once, or when the test says so. */
export class ScriptedTarget implements BenchTarget {
  readonly stamps = "engine";
  producedTokens = 0;
  /** Everything that was sent, in order. */
  readonly sent: Sent[] = [];
  /** Sent and not ended. */
  inFlight = 0;
  mostInFlight = 0;
  readonly #answersAtOnce: boolean;
  #onSent: () => void = () => {};

  constructor(options: { answersAtOnce?: boolean } = {}) {
    this.#answersAtOnce = options.answersAtOnce ?? true;
  }

  send(request: BenchRequest, signal: AbortSignal): Promise<RequestOutcome> {
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    return new Promise((resolve, reject) => {
      const end = (): void => void (this.inFlight -= 1);
      const onAbort = () => {
        end();
        reject(new Error("aborted"));
      };
      signal.addEventListener("abort", onAbort);
      const finish = (outcome: Partial<RequestOutcome> = {}) => {
        signal.removeEventListener("abort", onAbort);
        end();
        this.producedTokens += request.outputLength;
        resolve({ ...scriptedOutcome(request), ...outcome });
      };
      this.sent.push({ request, finish });
      this.#onSent();
      if (this.#answersAtOnce) setImmediate(finish, {});
    });
  }

  /** Waits until so many requests were sent in all. */
  async untilSent(count: number): Promise<void> {
    while (this.sent.length < count) await new Promise<void>((resolve) => (this.#onSent = resolve));
  }
}
