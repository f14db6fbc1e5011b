interface Node {
  readonly next: Map<number, Node>;
  isMark: boolean;
}

/** {@link MarkSet.match}: the text ends where a mark may still come of it. */
export const UNDECIDED = -1;

/** Marks to be found in a text that is still coming. Where one mark begins another, the shorter one counts. */
export class MarkSet {
  readonly #root: Node = { next: new Map(), isMark: false };

  constructor(marks: readonly string[]) {
    for (const mark of marks.filter((mark) => mark !== "")) {
      let node = this.#root;
      for (let at = 0; at < mark.length; at++) {
        const code = mark.charCodeAt(at);
        const next = node.next.get(code) ?? { next: new Map(), isMark: false };
        node.next.set(code, next);
        node = next;
      }
      node.isMark = true;
    }
  }

  /** Whether a mark begins with this character. */
  begins(code: number): boolean {
    return this.#root.next.has(code);
  }

  /** How long the mark is that stands at `at`; 0 where none does; {@link UNDECIDED} where the text ends too early to tell. */
  match(text: string, at: number): number {
    let node = this.#root;
    for (let index = at; index < text.length; index++) {
      const next = node.next.get(text.charCodeAt(index));
      if (next === undefined) return 0;
      if (next.isMark) return index + 1 - at;
      node = next;
    }
    return UNDECIDED;
  }

  /** Where, from `from` on, the first mark stands, or might; the text's length where none can. */
  find(text: string, from: number, hasEnded: boolean): number {
    for (let at = from; at < text.length; at++) {
      const length = this.match(text, at);
      if (length > 0 || (length === UNDECIDED && !hasEnded)) return at;
    }
    return text.length;
  }

  /** How many characters at the end of a text may begin a mark. */
  openEnd(text: string): number {
    let at = 0;
    while (at < text.length && this.match(text, at) !== UNDECIDED) at++;
    return text.length - at;
  }
}
