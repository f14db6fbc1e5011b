/** Lines that a person types, or that come through a pipe. */
import { createInterface } from "node:readline";

/** A line; or that there is no more, or that Ctrl-C was pressed. */
export type Line = { readonly text: string } | { readonly end: "closed" | "interrupted" };

/** Where lines come from. */
export interface LineInput {
  /** The next line, asked for with a prompt where someone sees it. */
  next(prompt: string): Promise<Line>;
  /** Lets go of stdin, so that the process can end. */
  close(): void;
}

/**
 * Lines of a terminal, with editing and a history. Between two of them the terminal is as a shell leaves it: Ctrl-C is a
 * signal, and what is typed meanwhile waits for the next prompt.
 */
export class TerminalInput implements LineInput {
  /** Lines that were pasted behind the one that was asked for. */
  readonly #pasted: string[] = [];
  /** What stood behind the last line end. */
  #begun = "";
  #history: string[] = [];

  async next(prompt: string): Promise<Line> {
    const pasted = this.#pasted.shift();
    if (pasted !== undefined) return { text: pasted };
    const screen = [process.stderr, process.stdout].find((stream) => stream.isTTY);
    const terminal = createInterface({
      input: process.stdin,
      ...(screen === undefined ? undefined : { output: screen }),
      terminal: screen !== undefined,
      prompt,
      history: this.#history,
      removeHistoryDuplicates: true,
    });
    // Resumed when all that came in one piece has been taken apart into lines.
    const how = await new Promise<"line" | "closed" | "interrupted">((resolve) => {
      terminal.on("line", (text) => {
        this.#pasted.push(text);
        resolve("line");
      });
      terminal.once("close", () => resolve("closed"));
      terminal.once("SIGINT", () => resolve("interrupted"));
      terminal.on("history", (history) => (this.#history = history));
      terminal.prompt();
      if (this.#begun !== "") terminal.write(this.#begun);
    });
    this.#begun = how === "line" ? terminal.line : "";
    terminal.close();
    const text = this.#pasted.shift();
    if (how === "line" && text !== undefined) return { text };
    screen?.write("\n"); // the prompt stands there
    return { end: how === "interrupted" ? "interrupted" : "closed" };
  }

  close(): void {}
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
