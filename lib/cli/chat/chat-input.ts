/** Lines that a person types, or that come through a pipe. */
import { createInterface, type Interface } from "node:readline";

/** A line; or that there is no more, or that Ctrl-C was pressed. */
export type Line = { readonly text: string } | { readonly end: "closed" | "interrupted" };

/** Where lines come from. */
export interface LineInput {
  /** The next line, asked for with a prompt where someone sees it. */
  next(prompt: string): Promise<Line>;
  /** Releases stdin, so that the process can end. */
  close(): void;
}

/**
 * Lines of a terminal, with editing and a history. Between two of them the terminal is as a shell leaves it: Ctrl-C is a
 * signal, and what is typed meanwhile waits for the next prompt.
 */
export class TerminalInput implements LineInput {
  readonly #screen = [process.stderr, process.stdout].find((stream) => stream.isTTY);
  readonly #terminal: Interface;
  /** Several where they were pasted. */
  readonly #lines: string[] = [];
  #end: "closed" | "interrupted" | undefined;
  #wake: () => void = () => {};

  constructor() {
    this.#terminal = createInterface({
      input: process.stdin,
      ...(this.#screen === undefined ? undefined : { output: this.#screen }),
      terminal: this.#screen !== undefined,
      removeHistoryDuplicates: true,
    });
    this.#terminal.on("line", (text) => {
      this.#lines.push(text);
      this.#wake();
    });
    this.#terminal.once("SIGINT", () => this.#leave("interrupted"));
    this.#terminal.once("close", () => this.#leave("closed"));
  }

  async next(prompt: string): Promise<Line> {
    if (this.#lines.length === 0 && this.#end === undefined) await this.#ask(prompt);
    const text = this.#lines.shift();
    if (text !== undefined) return { text };
    this.#screen?.write("\n"); // the prompt stands there
    return { end: this.#end ?? "closed" };
  }

  close(): void {
    this.#terminal.close();
  }

  /** Resumes when all that came in one piece has been taken apart into lines. */
  async #ask(prompt: string): Promise<void> {
    const woken = new Promise<void>((resolve) => (this.#wake = resolve));
    this.#setRawMode(true);
    this.#terminal.setPrompt(prompt);
    this.#terminal.prompt(true);
    await woken;
    if (this.#end === "closed") return;
    this.#terminal.pause();
    this.#setRawMode(false);
  }

  #leave(end: "closed" | "interrupted"): void {
    this.#end ??= end;
    this.#wake();
  }

  #setRawMode(isRaw: boolean): void {
    if (this.#terminal.terminal) process.stdin.setRawMode(isRaw);
  }
}

/** Lines of a pipe or a file. */
export class PipedInput implements LineInput {
  readonly #lines = createInterface({ input: process.stdin, crlfDelay: Infinity });
  readonly #next = this.#lines[Symbol.asyncIterator]();

  async next(): Promise<Line> {
    const { done, value } = await this.#next.next();
    return done === true ? { end: "closed" } : { text: value };
  }

  close(): void {
    this.#lines.close();
  }
}

const QUOTES = '"""';

/**
 * The next message: a line, or the lines between two `"""`.
 *
 * @param prompts of the first line, and of those after an opening `"""`
 */
export async function readMessage(input: LineInput, prompts: readonly [string, string]): Promise<Line> {
  const first = await input.next(prompts[0]);
  if ("end" in first || !first.text.trimStart().startsWith(QUOTES)) return first;
  const lines: string[] = [];
  for (let rest = first.text.trimStart().slice(QUOTES.length); ;) {
    const isLast = rest.trimEnd().endsWith(QUOTES);
    lines.push(isLast ? rest.trimEnd().slice(0, -QUOTES.length) : rest);
    if (isLast) return { text: lines.join("\n").replace(/^\n|\n$/g, "") };
    const next = await input.next(prompts[1]);
    if ("end" in next) return next;
    rest = next.text;
  }
}
