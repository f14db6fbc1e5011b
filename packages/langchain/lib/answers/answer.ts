/** One answer of the engine: whole, or as it comes. */
import type {
  CallOptions,
  GenerationInput,
  GenerationResult,
  TextGenerator,
  TokenChunk,
  TokenStream,
} from "openvino-llm";

import { codeOf, toLangChainError } from "../errors/errors.js";

/** A finished answer. */
export interface Answer {
  readonly result: GenerationResult;
  /** Why it does not fit the schema that was asked for: who asked gets the text all the same, and its parser judges. */
  readonly mismatch: string | undefined;
}

/**
 * An answer, whole.
 *
 * @throws (by rejection) what the library throws; ContextOverflowError
 */
export async function wholeAnswer(
  pipeline: TextGenerator,
  input: GenerationInput,
  options: CallOptions,
): Promise<Answer> {
  return ended(pipeline.generate(input, options));
}

/** An answer as it comes. Who leaves the loop ends the generation. */
export class StreamedAnswer {
  readonly #stream: TokenStream;

  /** @throws what the library throws at once */
  constructor(pipeline: TextGenerator, input: GenerationInput, options: CallOptions) {
    this.#stream = pipeline.stream(input, options);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<TokenChunk, undefined, undefined> {
    try {
      for await (const chunk of this.#stream) yield chunk;
    } catch (error) {
      if (codeOf(error) !== "ERR_SCHEMA_MISMATCH") throw toLangChainError(error);
    }
    return undefined;
  }

  /** After the last chunk. */
  async end(): Promise<Answer> {
    return ended(this.#stream.result);
  }
}

async function ended(result: Promise<GenerationResult>): Promise<Answer> {
  try {
    return { result: await result, mismatch: undefined };
  } catch (error) {
    const { partial, message } = error as { partial?: GenerationResult; message: string };
    if (codeOf(error) === "ERR_SCHEMA_MISMATCH" && partial !== undefined) {
      return { result: partial, mismatch: message.replace(" The whole answer is in partial.", "") };
    }
    throw toLangChainError(error);
  }
}
