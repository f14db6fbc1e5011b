/** What the tools said, in a file beside the result and to whoever listens. */
import { createWriteStream, type WriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { finished } from "node:stream/promises";

/** As much of the end as an error message can be made from. */
const TAIL_LINES = 200;

/** The log of one preparation. The file begins with the first line; one that cannot be written is done without. */
export class RunLog {
  readonly path: string;
  readonly #onLine: ((line: string) => void) | undefined;
  readonly #tail: string[] = [];
  #out: WriteStream | null = null;
  #isBroken = false;

  constructor(path: string, onLine?: (line: string) => void) {
    this.path = path;
    this.#onLine = onLine;
  }

  /** Whether there is a file that has what was said. */
  get isWritten(): boolean {
    return this.#out !== null && !this.#isBroken;
  }

  /** The last lines. */
  get tail(): readonly string[] {
    return this.#tail;
  }

  /** Takes a line without its end. */
  write(line: string): void {
    this.#tail.push(line);
    if (this.#tail.length > TAIL_LINES) this.#tail.shift();
    this.#out ??= createWriteStream(this.path).on("error", () => (this.#isBroken = true));
    if (!this.#isBroken) this.#out.write(`${line}\n`);
    this.#onLine?.(line);
  }

  /** Ends the file. */
  async close(): Promise<void> {
    if (this.#out === null) return;
    this.#out.end();
    await finished(this.#out).catch(() => undefined);
  }

  /** Ends the file and removes it where this run wrote it; another run may be writing to it now. */
  async discard(): Promise<void> {
    await (this.#out === null ? undefined : this.remove());
  }

  /** Ends the file and removes it, as well as what an earlier run left. */
  async remove(): Promise<void> {
    await this.close();
    await rm(this.path, { force: true });
  }
}
