/** An embedding model of the AI SDK. */
import type { TextEmbeddingPipeline } from "openvino-llm";

import { embeddingInputType, PROVIDER } from "../call/provider-options.js";
import { invalidArgument, sdkError } from "../errors/sdk-error.js";
import type { CommonCallOptions, SpecificationVersion, Warning } from "../spec/shared.js";
import type { SharedPipeline } from "./shared-pipeline.js";

interface EmbedCall extends CommonCallOptions {
  readonly values: readonly string[];
  readonly dimensions?: number | undefined;
}

interface EmbedResult {
  embeddings: number[][];
  warnings: Warning[];
}

/**
 * An embedding model for `embed()` and `embedMany()`: `EmbeddingModelV4` of the AI SDK, or `EmbeddingModelV3`.
 *
 * @typeParam Version - that of the specification
 */
export class OpenVINOEmbeddingModel<Version extends SpecificationVersion = "v4"> {
  /** Version of the AI SDK's specification. */
  readonly specificationVersion: Version;
  /** "openvino". */
  readonly provider: string = PROVIDER;
  /** The name that it was requested by, or that of the pipeline's model. */
  readonly modelId: string;
  /** No limit: the pipeline itself runs as many together as fit. */
  readonly maxEmbeddingsPerCall: number = Infinity;
  /** Calls are done in their order. */
  readonly supportsParallelCalls: boolean = true;
  readonly #shared: SharedPipeline<TextEmbeddingPipeline>;

  /** @internal */
  constructor(version: Version, modelId: string, shared: SharedPipeline<TextEmbeddingPipeline>) {
    this.specificationVersion = version;
    this.modelId = modelId;
    this.#shared = shared;
  }

  /**
   * The pipeline behind it, loaded by this call where it is not.
   *
   * @throws (by rejection) NoSuchModelError; what `TextEmbeddingPipeline.load()` gives
   */
  pipeline(): Promise<TextEmbeddingPipeline> {
    return this.#shared.get();
  }

  /** Called by the AI SDK. @internal */
  async doEmbed(options: EmbedCall): Promise<EmbedResult> {
    const { values, dimensions, abortSignal: signal } = options;
    const inputType = embeddingInputType(options);
    try {
      const pipeline = await this.#shared.until(signal);
      if ((dimensions ?? pipeline.dimensions) !== pipeline.dimensions) {
        const message = `This model has ${pipeline.dimensions} dimensions and no others, but ${dimensions} were asked for.`;
        throw invalidArgument("dimensions", message);
      }
      const vectors =
        inputType === "document"
          ? await pipeline.embedDocuments(values, { signal })
          : await Promise.all(values.map((value) => pipeline.embedQuery(value, { signal })));
      return { embeddings: vectors.map((vector) => Array.from(vector)), warnings: [] };
    } catch (error) {
      throw sdkError(error, values);
    }
  }
}
