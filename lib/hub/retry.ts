/** Trying again what may pass, with growing pauses, and not for ever. */
import { setTimeout as delay } from "node:timers/promises";

import { OpenVinoLlmError } from "../errors/errors.js";
import { gaveUp, PassingFailure } from "./failures.js";
import { aborted } from "./http.js";

/** How long one goes on trying. */
export interface RetryPolicy {
  /** Tries one after the other that may fail. */
  readonly attempts: number;
  /** The first pause; each further one is twice as long. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** Where the hub asks for a longer pause, that is an error, and nobody waits. */
  readonly longestAskedMs: number;
}

export const RETRY: RetryPolicy = {
  attempts: 6,
  firstPauseMs: 1000,
  longestPauseMs: 20_000,
  longestAskedMs: 300_000,
};

/** Called before each pause. */
export type OnRetry = (reason: string, pauseMs: number) => void;

/** The tries of one thing that is asked for. */
export class Tries {
  readonly #endpoint: string;
  readonly #policy: RetryPolicy;
  readonly #onRetry: OnRetry;
  #failed = 0;

  constructor(endpoint: string, policy: RetryPolicy, onRetry: OnRetry = () => undefined) {
    this.#endpoint = endpoint;
    this.#policy = policy;
    this.#onRetry = onRetry;
  }

  /** Something came: earlier failures count no more. */
  succeed(): void {
    this.#failed = 0;
  }

  /** Waits before the next try; throws what is no passing failure, and the failure that was one too many. */
  async fail(error: unknown, signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted === true) throw aborted(signal);
    if (!(error instanceof PassingFailure)) throw error;
    const { attempts, firstPauseMs, longestPauseMs, longestAskedMs } = this.#policy;
    this.#failed++;
    const { waitMs, message } = error;
    if (waitMs !== null && waitMs > longestAskedMs) {
      const minutes = Math.ceil(waitMs / 60_000);
      throw new OpenVinoLlmError(
        "ERR_DOWNLOAD",
        `${message} and asks to wait. Try again in ${minutes} minutes: what has come is kept.`,
        { cause: error },
      );
    }
    if (this.#failed >= attempts) throw gaveUp(this.#endpoint, `${message}, ${attempts} times`, error);
    const grown = Math.min(longestPauseMs, firstPauseMs * 2 ** (this.#failed - 1));
    // Many that were refused at the same time come back at different ones.
    const pauseMs = Math.max(waitMs ?? 0, grown * (0.75 + Math.random() / 4));
    this.#onRetry(message, pauseMs);
    try {
      await delay(pauseMs, undefined, { signal });
    } catch {
      throw aborted(signal);
    }
  }
}
