/** When the tokens of an answer came, on the clock of this page. */

export class TokenTimes {
  readonly #sentMs: number;
  readonly #gapsMs: number[] = [];
  #lastMs: number;

  /** @param sentMs - when the request was sent */
  constructor(sentMs: number) {
    this.#sentMs = sentMs;
    this.#lastMs = sentMs;
  }

  /** A token came. */
  add(nowMs: number): void {
    this.#gapsMs.push(nowMs - this.#lastMs);
    this.#lastMs = nowMs;
  }

  /**
   * The answer has this many tokens. A last event may bring text that was held back, and no token.
   */
  cut(tokens: number): void {
    while (this.#gapsMs.length > tokens) this.#lastMs -= this.#gapsMs.pop() ?? 0;
  }

  /** Of each token the time since the one before it; of the first since the request was sent. */
  get gapsMs(): readonly number[] {
    return this.#gapsMs;
  }

  /** Time to first token; null before it. */
  get ttftMs(): number | null {
    return this.#gapsMs[0] ?? null;
  }

  /** Of the tokens behind the first; null before the second. */
  get tokensPerSecond(): number | null {
    const decodeMs = this.#lastMs - this.#sentMs - (this.ttftMs ?? 0);
    const decoded = this.#gapsMs.length - 1;
    return decoded < 1 || decodeMs <= 0 ? null : (decoded * 1000) / decodeMs;
  }

  /** The longest of the times between two tokens; null before the second. */
  get longestGapMs(): number | null {
    return this.#gapsMs.length < 2
      ? null
      : this.#gapsMs.slice(1).reduce((longest, gap) => Math.max(longest, gap), 0);
  }
}
