/** A language model of the AI SDK. */
import { randomUUID } from "node:crypto";
import type { GenerationResult, TextGenerator, TokenStream } from "openvino-llm";

import { AnswerParts } from "../answer/answer-parts.js";
import { answerEnd, failedEnd } from "../answer/answer-end.js";
import { contentOf } from "../answer/content.js";
import { engineCallOf } from "../call/engine-call.js";
import { PROVIDER } from "../call/provider-options.js";
import { codeOf, sdkError } from "../errors/sdk-error.js";
import type {
  AnswerPart,
  GenerateResult,
  LanguageCallOptions,
  ResponseMetadata,
  StreamPart,
  StreamResult,
} from "../spec/language.js";
import type { SpecificationVersion, Warning } from "../spec/shared.js";
import type { SharedPipeline } from "./shared-pipeline.js";

/** An answer that was begun. */
interface BegunAnswer {
  readonly tokens: TokenStream;
  readonly response: ResponseMetadata;
  readonly warnings: Warning[];
}

/**
 * A language model for `generateText()`, `streamText()` and all that is built on them: `LanguageModelV4` of the AI SDK, or
 * `LanguageModelV3`. Calls that run at once are answered together, step by step.
 *
 * @typeParam Version - that of the specification
 */
export class OpenVINOLanguageModel<Version extends SpecificationVersion = "v4"> {
  /** Version of the AI SDK's specification. */
  readonly specificationVersion: Version;
  /** "openvino". */
  readonly provider: string = PROVIDER;
  /** What it was asked for by, or the name of the pipeline's model. */
  readonly modelId: string;
  /** None: files that are no text cannot be read, wherever they are. */
  readonly supportedUrls: Record<string, RegExp[]> = {};
  readonly #shared: SharedPipeline<TextGenerator>;

  /** @internal */
  constructor(version: Version, modelId: string, shared: SharedPipeline<TextGenerator>) {
    this.specificationVersion = version;
    this.modelId = modelId;
    this.#shared = shared;
  }

  /**
   * The pipeline behind it, loaded by this call where it is not: for a load before the first question, and for the pipeline's
   * figures.
   *
   * @throws (by rejection) NoSuchModelError; what `ContinuousBatchingPipeline.load()` gives
   */
  pipeline(): Promise<TextGenerator> {
    return this.#shared.get();
  }

  /** Called by the AI SDK. @internal */
  async doGenerate(options: LanguageCallOptions): Promise<GenerateResult> {
    const parts = new AnswerParts();
    const made: AnswerPart[] = [];
    try {
      const { tokens, response, warnings } = await this.#begin(options);
      const result = await drain(tokens, (chunk) => void made.push(...parts.take(chunk)));
      made.push(...parts.end());
      return { content: contentOf(made), ...answerEnd(result, parts.hasCalls), response, warnings };
    } catch (error) {
      throw sdkError(error, options.prompt);
    }
  }

  /** Called by the AI SDK. @internal */
  async doStream(options: LanguageCallOptions): Promise<StreamResult> {
    try {
      const { tokens, response, warnings } = await this.#begin(options);
      // What is wrong with the call is thrown before there is a stream.
      const first = await tokens.next();
      const head: StreamPart[] = [
        { type: "stream-start", warnings },
        { type: "response-metadata", ...response },
      ];
      return { stream: streamOf(tokens, first, head, options.prompt) };
    } catch (error) {
      throw sdkError(error, options.prompt);
    }
  }

  async #begin(options: LanguageCallOptions): Promise<BegunAnswer> {
    const llm = await this.#shared.until(options.abortSignal);
    const { input, options: engineOptions, warnings } = engineCallOf(options, llm.tokenizer.chatTemplate);
    return {
      tokens: llm.stream(input, engineOptions),
      response: { id: randomUUID(), timestamp: new Date(), modelId: this.modelId },
      warnings,
    };
  }
}

type Chunk = Awaited<ReturnType<TokenStream["next"]>>;

async function drain(
  tokens: TokenStream,
  take: (chunk: NonNullable<Chunk["value"]>) => void,
): Promise<GenerationResult> {
  try {
    for await (const chunk of tokens) take(chunk);
    return await tokens.result;
  } catch (error) {
    return mismatchAsText(error);
  }
}

/** An answer that does not fit its schema is one all the same: the AI SDK judges it, and has its text in the error. */
function mismatchAsText(error: unknown): GenerationResult {
  const { partial } = error as { partial?: GenerationResult };
  if (codeOf(error) === "ERR_SCHEMA_MISMATCH" && partial !== undefined) return partial;
  throw error;
}

/** The engine does not wait for its reader; parts are made as they are asked for. */
function streamOf(
  tokens: TokenStream,
  first: Chunk,
  head: readonly StreamPart[],
  prompt: unknown,
): ReadableStream<StreamPart> {
  const parts = new AnswerParts();
  let next: Promise<Chunk> | Chunk = first;
  const pull = async (controller: ReadableStreamDefaultController<StreamPart>): Promise<void> => {
    for (;;) {
      const { done, value } = await next;
      if (done === true) return finish(controller, await tokens.result.catch(mismatchAsText));
      next = tokens.next();
      // Its error is met when it is asked for.
      next.catch(() => undefined);
      const made = parts.take(value);
      for (const part of made) controller.enqueue(part);
      if (made.length > 0) return;
    }
  };
  const finish = (
    controller: ReadableStreamDefaultController<StreamPart>,
    result: GenerationResult,
  ): void => {
    for (const part of parts.end()) controller.enqueue(part);
    controller.enqueue({ type: "finish", ...answerEnd(result, parts.hasCalls) });
    controller.close();
  };
  return new ReadableStream<StreamPart>(
    {
      start: (controller) => {
        for (const part of head) controller.enqueue(part);
      },
      pull: async (controller) => {
        try {
          await pull(controller);
        } catch (error) {
          const { partial } = error as { partial?: GenerationResult };
          if (codeOf(error) === "ERR_SCHEMA_MISMATCH" && partial !== undefined) {
            return finish(controller, partial);
          }
          if (codeOf(error) === "ERR_ABORTED") throw error;
          for (const part of parts.end()) controller.enqueue(part);
          controller.enqueue({ type: "error", error: sdkError(error, prompt) });
          controller.enqueue({ type: "finish", ...failedEnd(partial) });
          controller.close();
        }
      },
      cancel: async () => {
        await tokens.return();
      },
    },
    { highWaterMark: 0 },
  );
}
