/** Why a generation is to end before its time. */
export type StopReason = "interrupted" | "reader gone";

/** Watches for Ctrl-C, and for a reader of stdout that has gone, as in `openvino-llm … | head`. */
export class StopWatch implements Disposable {
  readonly #controller = new AbortController();
  #reason: StopReason | null = null;

  constructor() {
    // Once: a second Ctrl-C ends the process as usual, while the engine may still read a long prompt.
    process.once("SIGINT", this.#onInterrupt);
    process.stdout.once("error", this.#onReaderGone);
  }

  /** Aborted at the first of them. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Null until then. */
  get reason(): StopReason | null {
    return this.#reason;
  }

  /** From here on Ctrl-C ends the process as usual. */
  [Symbol.dispose](): void {
    process.removeListener("SIGINT", this.#onInterrupt);
    process.stdout.removeListener("error", this.#onReaderGone);
  }

  readonly #onInterrupt = (): void => this.#stop("interrupted");
  readonly #onReaderGone = (): void => this.#stop("reader gone");

  #stop(reason: StopReason): void {
    this.#reason ??= reason;
    this.#controller.abort();
  }
}
