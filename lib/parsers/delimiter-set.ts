interface Node {
  readonly next: Map<number, Node>;
  isDelimiter: boolean;
}

/** {@link DelimiterSet.match}: the text ends where a delimiter may still come of it. */
export const UNDECIDED = -1;

/** Delimiters to be found in a text that is still coming. Where one delimiter begins another, the shorter one counts. */
export class DelimiterSet {
  readonly #root: Node = { next: new Map(), isDelimiter: false };

  constructor(delimiters: readonly string[]) {
    for (const delimiter of delimiters.filter((delimiter) => delimiter !== "")) {
      let node = this.#root;
      for (let at = 0; at < delimiter.length; at++) {
        const code = delimiter.charCodeAt(at);
        const next = node.next.get(code) ?? { next: new Map(), isDelimiter: false };
        node.next.set(code, next);
        node = next;
      }
      node.isDelimiter = true;
    }
  }

  /** Whether a delimiter begins with this character. */
  begins(code: number): boolean {
    return this.#root.next.has(code);
  }

  /**
   * How long the delimiter is that stands at `at`; 0 where none does; {@link UNDECIDED} where the text ends too early
   * to decide.
   */
  match(text: string, at: number): number {
    let node = this.#root;
    for (let index = at; index < text.length; index++) {
      const next = node.next.get(text.charCodeAt(index));
      if (next === undefined) return 0;
      if (next.isDelimiter) return index + 1 - at;
      node = next;
    }
    return UNDECIDED;
  }

  /** Where, from `from` on, the first delimiter stands, or might; the text's length where none can. */
  find(text: string, from: number, hasEnded: boolean): number {
    for (let at = from; at < text.length; at++) {
      const length = this.match(text, at);
      if (length > 0 || (length === UNDECIDED && !hasEnded)) return at;
    }
    return text.length;
  }

  /** How many characters at the end of a text may begin a delimiter. */
  openEnd(text: string): number {
    let at = 0;
    while (at < text.length && this.match(text, at) !== UNDECIDED) at++;
    return text.length - at;
  }
}
