/** A language model of the AI SDK. */
import { randomUUID } from "node:crypto";
import type { GenerationResult, TextGenerator, TokenStream } from "openvino-llm";

import { AnswerParts } from "../answer/answer-parts.js";
import { answerEnd, mismatchOf } from "../answer/answer-end.js";
import { contentOf } from "../answer/content.js";
import { partStream } from "../answer/part-stream.js";
import { engineCallOf } from "../call/engine-call.js";
import { PROVIDER } from "../call/provider-options.js";
import { sdkError } from "../errors/sdk-error.js";
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
  /** The name that it was requested by, or that of the pipeline's model. */
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
      const { result, mismatch } = await drain(tokens, parts, made);
      made.push(...parts.end());
      const end = answerEnd(result, parts.hasCalls, mismatch);
      return { content: contentOf(made), ...end, response, warnings };
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
      return { stream: partStream(head, first, tokens, options.prompt) };
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

async function drain(
  tokens: TokenStream,
  parts: AnswerParts,
  made: AnswerPart[],
): Promise<{ readonly result: GenerationResult; readonly mismatch: string | null }> {
  try {
    for await (const chunk of tokens) made.push(...parts.take(chunk));
    return { result: await tokens.result, mismatch: null };
  } catch (error) {
    const mismatch = mismatchOf(error);
    if (mismatch === null) throw error;
    return { result: mismatch.partial, mismatch: mismatch.message };
  }
}
