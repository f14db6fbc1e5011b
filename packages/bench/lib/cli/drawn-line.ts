/** Lines on a terminal, the last of which may be drawn again and again; elsewhere plain lines alone. */
export class DrawnLine {
  readonly #out: NodeJS.WriteStream;
  #isDrawn = false;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  /** Draws a text in place of the one that is drawn, where this is a terminal. */
  draw(text: string): void {
    if (!this.#out.isTTY) return;
    this.#out.write(`\r\u001b[K${text.slice(0, Math.max(0, this.#out.columns - 1))}`);
    this.#isDrawn = true;
  }

  /** Writes a line that stays. */
  line(text: string): void {
    this.end();
    this.#out.write(`${text}\n`);
  }

  /** Takes away what is drawn. */
  end(): void {
    if (this.#isDrawn) this.#out.write("\r\u001b[K");
    this.#isDrawn = false;
  }
}
