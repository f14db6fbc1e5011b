import type { GenerationResult } from "../generation-result.js";
import type { TokenStream } from "../token-stream.js";
import type { ToolCall } from "../tool.js";
import { printable } from "./format.js";
import { startProgress } from "./progress.js";
import type { StopWatch } from "./stop-watch.js";

/** Writes the text as it comes, with a line end after it; `out` null writes nothing. */
export async function printAnswer<Result extends GenerationResult>(
  stream: TokenStream<unknown, ToolCall, Result>,
  out: NodeJS.WriteStream | null,
  watch: StopWatch,
): Promise<Result> {
  const progress = startProgress("Reading the prompt");
  let last = "";
  try {
    for await (const { text } of stream) {
      progress.stop();
      if (text === "" || watch.reason === "reader gone") continue;
      out?.write(out.isTTY ? printable(text) : text);
      last = text;
    }
    const result = await stream.result;
    progress.stop();
    if (!last.endsWith("\n") && !out?.destroyed) out?.write("\n");
    return result;
  } finally {
    progress.stop();
  }
}
