import type { GenerationResult, TokenChunk } from "../../generation/generation-result.js";
import type { TokenStream } from "../../generation/token-stream.js";
import type { ToolCall } from "../../tools/tool.js";
import { printable } from "../terminal/format.js";
import { startProgress } from "../terminal/progress.js";
import type { StopWatch } from "../terminal/stop-watch.js";
import { styleFor } from "../terminal/style.js";

/**
 * Writes the text as it comes, with a line end after it; `out` null writes nothing. What the model thinks before is no part
 * of the answer: `aside` shows it where it is a terminal.
 */
export async function printAnswer<Result extends GenerationResult>(
  stream: TokenStream<unknown, ToolCall, Result>,
  out: NodeJS.WriteStream | null,
  watch: Pick<StopWatch, "reason">,
  aside: NodeJS.WriteStream = process.stderr,
): Promise<Result> {
  const progress = startProgress("Reading the prompt", aside);
  const thoughts = new Thoughts(out === null || !aside.isTTY ? null : aside);
  let last = "";
  try {
    for await (const { text, parts } of stream) {
      progress.stop();
      thoughts.write(parts);
      if (text === "" || watch.reason === "reader gone") continue;
      thoughts.end();
      out?.write(out.isTTY ? printable(text) : text);
      last = text;
    }
    const result = await stream.result;
    progress.stop();
    thoughts.end();
    if (!last.endsWith("\n") && !out?.destroyed) out?.write("\n");
    return result;
  } finally {
    progress.stop();
  }
}

/** Reasoning, set off from the answer by an empty line. */
class Thoughts {
  readonly #out: NodeJS.WriteStream | null;
  #isOpen = false;

  constructor(out: NodeJS.WriteStream | null) {
    this.#out = out;
  }

  write(parts: TokenChunk["parts"] = []): void {
    const text = parts.map((part) => (part.type === "reasoning" ? part.text : "")).join("");
    if (text === "" || this.#out === null) return;
    this.#out.write(styleFor(this.#out).faint(printable(text)));
    this.#isOpen = true;
  }

  end(): void {
    if (this.#isOpen) this.#out?.write("\n\n");
    this.#isOpen = false;
  }
}
