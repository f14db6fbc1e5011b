import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { printAnswer } from "../../../../lib/cli/generate/print-answer.js";
import type { GenerationResult, TokenChunk } from "../../../../lib/generation/generation-result.js";
import { ChunkQueue, TokenStream } from "../../../../lib/generation/token-stream.js";

/** A stream that has these chunks and is over. */
function finished(chunks: readonly Partial<TokenChunk>[]): TokenStream {
  const queue = new ChunkQueue();
  for (const chunk of chunks) queue.chunk(chunk as TokenChunk);
  queue.ended(null);
  const result = Promise.resolve({ finishReason: "stop" } as GenerationResult);
  return new TokenStream({ result, stop: () => {} }, queue);
}

/** What is printed on stdout and stderr. */
async function printed(chunks: readonly Partial<TokenChunk>[], isTTY: boolean): Promise<[string, string]> {
  const screen = () => Object.assign(new PassThrough(), { isTTY, columns: 80, hasColors: () => false });
  const [out, aside] = [screen(), screen()];
  const screens = [out, aside] as unknown as [NodeJS.WriteStream, NodeJS.WriteStream];
  await printAnswer(finished(chunks), screens[0], { reason: null }, screens[1]);
  return Promise.all([out.end(), aside.end()].map((stream) => text(stream))) as Promise<[string, string]>;
}

const CHUNKS = [
  { text: "", parts: [{ type: "reasoning", text: "Why" }] },
  { text: "", parts: [{ type: "reasoning", text: "?\u001b[2J" }] },
  { text: "Bec", parts: [{ type: "text", text: "Bec" }] },
  { text: "ause.\u001b[2J", parts: [{ type: "text", text: "ause.\u001b[2J" }] },
] as const;

test("shows what the model thinks beside its answer on a terminal, without what commands it", async () => {
  expect(await printed(CHUNKS, true)).toEqual(["Because.[2J\n", "Why?[2J\n\n"]);
  expect(await printed(CHUNKS.slice(0, 1), true)).toEqual(["\n", "Why\n\n"]);
});

test("prints the answer alone elsewhere, as it is", async () => {
  expect(await printed(CHUNKS, false)).toEqual(["Because.\u001b[2J\n", ""]);
  expect(await printed([{ text: "a\n" }], false)).toEqual(["a\n", ""]);
});
