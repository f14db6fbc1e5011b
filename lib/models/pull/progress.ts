/** The progress of all files of a pull together. */
import { Meter } from "../../hub/meter.js";
import type { PullEvent } from "./pull-events.js";

const REPORT_INTERVAL_MS = 250;

/** Adds up what comes, and reports it four times a second at most. */
export class ProgressReporter {
  readonly #totalBytes: number;
  readonly #onEvent: ((event: PullEvent) => void) | undefined;
  readonly #meter = new Meter();
  #receivedBytes = 0;
  #reportedMs = -Infinity;

  constructor(totalBytes: number, onEvent: ((event: PullEvent) => void) | undefined) {
    this.#totalBytes = totalBytes;
    this.#onEvent = onEvent;
    this.#meter.rate(0, totalBytes);
  }

  /** Follows a file of which so many bytes were there. @returns takes how many of its bytes are there now */
  follow(hadBytes: number): (bytes: number) => void {
    let before = hadBytes;
    return (bytes) => {
      this.#receivedBytes += bytes - before;
      before = bytes;
      if (performance.now() - this.#reportedMs >= REPORT_INTERVAL_MS) this.#report();
    };
  }

  /** Reports the end. */
  end(): void {
    if (this.#totalBytes > 0) this.#report();
  }

  #report(): void {
    this.#reportedMs = performance.now();
    const [receivedBytes, totalBytes] = [Math.max(0, this.#receivedBytes), this.#totalBytes];
    this.#onEvent?.({
      type: "progress",
      receivedBytes,
      totalBytes,
      ...this.#meter.rate(receivedBytes, totalBytes),
    });
  }
}
