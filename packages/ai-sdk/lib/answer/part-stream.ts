/** A streamed answer. */
import type { GenerationResult, TokenStream } from "openvino-llm";

import { codeOf, sdkError } from "../errors/sdk-error.js";
import type { StreamPart } from "../spec/language.js";
import { answerEnd, failedEnd, mismatchOf } from "./answer-end.js";
import { AnswerParts } from "./answer-parts.js";

/** What `next()` of a stream of tokens gives. */
export type NextChunk = Awaited<ReturnType<TokenStream["next"]>>;

/**
 * The parts of an answer, made as they are asked for; the engine does not wait for its reader.
 *
 * @param head - what comes first
 * @param first - the first of `tokens`, which was taken already
 * @param prompt - what was asked, for errors
 */
export function partStream(
  head: readonly StreamPart[],
  first: NextChunk,
  tokens: TokenStream,
  prompt: unknown,
): ReadableStream<StreamPart> {
  const parts = new AnswerParts();
  let taken: NextChunk | undefined = first;

  /** The next parts, at least one, and whether they are the last. */
  async function next(): Promise<{ readonly made: readonly StreamPart[]; readonly isLast: boolean }> {
    for (;;) {
      const { done, value } = taken ?? (await tokens.next());
      taken = undefined;
      if (done === true) return last(await tokens.result, null);
      const made = parts.take(value);
      if (made.length > 0) return { made, isLast: false };
    }
  }

  function last(result: GenerationResult, mismatch: string | null) {
    const end = answerEnd(result, parts.hasCalls, mismatch);
    return { made: [...parts.end(), { type: "finish", ...end } as const], isLast: true };
  }

  function lastOf(error: unknown) {
    // The AI SDK looks for the stream's own error.
    if (codeOf(error) === "ERR_ABORTED") throw error;
    const mismatch = mismatchOf(error);
    if (mismatch !== null) return last(mismatch.partial, mismatch.message);
    const { partial } = error as { partial?: GenerationResult };
    const failed = { type: "error", error: sdkError(error, prompt) } as const;
    return {
      made: [...parts.end(), failed, { type: "finish", ...failedEnd(partial) } as const],
      isLast: true,
    };
  }

  let isLeft = false;
  return new ReadableStream<StreamPart>(
    {
      start: (controller) => {
        for (const part of head) controller.enqueue(part);
      },
      pull: async (controller) => {
        const { made, isLast } = await next().catch(lastOf);
        if (isLeft) return;
        for (const part of made) controller.enqueue(part);
        if (isLast) controller.close();
      },
      cancel: async () => {
        isLeft = true;
        await tokens.return();
      },
    },
    { highWaterMark: 0 },
  );
}
