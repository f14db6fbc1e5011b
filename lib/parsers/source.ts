/** How many characters that were taken can be put back. */
const LOOK_BACK = 64;

/**
 * A text that comes in pieces and is read once, from front to back. What is taken stays on record until it is settled
 * what it was. A character of two halves (surrogates) is never torn.
 */
export class Source {
  #text = "";
  #at = 0;
  #half = "";
  #record = "";
  #ended = false;

  /** The text goes on. */
  push(text: string): void {
    const whole = this.#half + text;
    const isTorn = isHighSurrogate(whole.charCodeAt(whole.length - 1));
    this.#half = isTorn ? whole.slice(-1) : "";
    const from = Math.max(0, this.#at - LOOK_BACK);
    this.#text = this.#text.slice(from) + (isTorn ? whole.slice(0, -1) : whole);
    this.#at -= from;
  }

  /** The text is over. */
  end(): void {
    this.#text += this.#half;
    this.#half = "";
    this.#ended = true;
  }

  /** Whether nothing can be read now. */
  get isEmpty(): boolean {
    return this.#at === this.#text.length;
  }

  /** Whether all has come and been taken. */
  get isOver(): boolean {
    return this.isEmpty && this.#ended;
  }

  /** Whether nothing will come any more. */
  get hasEnded(): boolean {
    return this.#ended;
  }

  /** The code of the next character; only where there is one. */
  get code(): number {
    return this.#text.charCodeAt(this.#at);
  }

  /** Looks at what has come and not been taken, which begins at `at`. */
  look<Result>(reader: (text: string, at: number) => Result): Result {
    return reader(this.#text, this.#at);
  }

  /** Takes the next characters. */
  take(count: number): string {
    const taken = this.#text.slice(this.#at, this.#at + count);
    this.#at += count;
    this.#record += taken;
    return taken;
  }

  /**
   * Puts back the last characters that were taken.
   *
   * @returns false, with nothing done, where that is more than 64, or more than the record has
   */
  putBack(count: number): boolean {
    if (count > LOOK_BACK || count > this.#record.length) return false;
    this.#at -= count;
    this.#record = this.#record.slice(0, this.#record.length - count);
    return true;
  }

  /** Puts back all that was taken since the last settlement. */
  restart(): void {
    const length = this.#record.length;
    // Where more came since then, what was taken first is not in the text any more.
    if (length > this.#at) {
      this.#text = this.#record + this.#text.slice(this.#at);
      this.#at = length;
    }
    this.#at -= length;
    this.#record = "";
  }

  /** What was taken since the last time. */
  settle(): string {
    const record = this.#record;
    this.#record = "";
    return record;
  }

  /** How many characters were taken since then. */
  get recordLength(): number {
    return this.#record.length;
  }

  /** What was taken since the record had this length. */
  recordFrom(length: number): string {
    return this.#record.slice(length);
  }

  /** The end of what is on record, as far as it can be put back. */
  recordEnd(): string {
    return this.#record.slice(-LOOK_BACK);
  }

  /** Whether anything was taken since then. */
  get hasRecord(): boolean {
    return this.#record !== "";
  }
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}
