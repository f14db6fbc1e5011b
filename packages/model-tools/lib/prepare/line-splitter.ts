/** Cuts what a process writes into lines. A progress bar draws its line again and again: only the last state counts. */
export class LineSplitter {
  readonly #onLine: (line: string) => void;
  #rest = "";

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  /** Takes the next piece of text. */
  push(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = redrawn(lines.pop() ?? "");
    for (const line of lines) this.#line(line);
  }

  /** The text is at its end. */
  end(): void {
    if (this.#rest !== "") this.#line(this.#rest);
    this.#rest = "";
  }

  #line(line: string): void {
    this.#onLine(redrawn(line.replace(/\r+$/, "")));
  }
}

/** What stands in a line after its last carriage return; one at the end may still be followed by the line's end. */
function redrawn(line: string): string {
  const start = line.lastIndexOf("\r", line.length - 2);
  return start === -1 ? line : line.slice(start + 1);
}
