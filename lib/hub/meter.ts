/** How fast bytes come, and how long the rest takes. */

/** What a meter shows. */
export interface Rate {
  /** Of the last seconds. */
  readonly bytesPerSecond: number;
  /** Null while nothing comes. */
  readonly secondsLeft: number | null;
}

/** Over so long a time the speed is taken: long enough to be steady, short enough to show that it has changed. */
const WINDOW_MS = 5000;

/** Follows the bytes that have come; what was there at the beginning counts for no speed. */
export class Meter {
  readonly #now: () => number;
  #samples: Array<{ readonly atMs: number; readonly bytes: number }> = [];

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Takes how many bytes there are now, of how many. */
  rate(bytes: number, totalBytes: number): Rate {
    const atMs = this.#now();
    // A file that begins anew takes bytes away.
    if (bytes < (this.#samples.at(-1)?.bytes ?? 0)) this.#samples = [];
    this.#samples.push({ atMs, bytes });
    const inWindow = this.#samples.findIndex((sample) => sample.atMs >= atMs - WINDOW_MS);
    // One sample from before the window, so that a pause shows.
    this.#samples.splice(0, Math.max(0, inWindow - 1));
    const [first = { atMs, bytes }] = this.#samples;
    const seconds = (atMs - first.atMs) / 1000;
    const bytesPerSecond = seconds > 0 ? (bytes - first.bytes) / seconds : 0;
    return { bytesPerSecond, secondsLeft: bytesPerSecond > 0 ? (totalBytes - bytes) / bytesPerSecond : null };
  }
}
