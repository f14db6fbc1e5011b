/**
 * Lets requests that arrive together begin together. Over HTTP each of them is a turn of the event loop of its own, and an idle
 * engine would make its first step with the first one alone, while the others wait for the end of it.
 */
export class Gathering {
  #ready: Promise<void> | null = null;
  #lastMs = 0;

  /** Resolves, for all that have joined by then at once, when none has joined for a millisecond, or ten have passed. */
  join(): Promise<void> {
    const nowMs = performance.now();
    this.#lastMs = nowMs;
    this.#ready ??= new Promise((resolve) => this.#look(nowMs + MAX_WAIT_MS, resolve));
    return this.#ready;
  }

  /** Turn by turn, because a timer would come up to a millisecond later. */
  #look(endMs: number, resolve: () => void): void {
    setImmediate(() => {
      const nowMs = performance.now();
      if (nowMs < this.#lastMs + GAP_MS && nowMs < endMs) return this.#look(endMs, resolve);
      this.#ready = null;
      resolve();
    });
  }
}

/** Clients send requests that belong together within less; for a request alone it is a small part of its prompt's time. */
const GAP_MS = 1;
const MAX_WAIT_MS = 10;
