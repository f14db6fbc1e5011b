/** A reranking model of the AI SDK. */
import type { TextRerankPipeline } from "openvino-llm";

import { PROVIDER } from "../call/provider-options.js";
import { sdkError } from "../errors/sdk-error.js";
import type { CommonCallOptions, SpecificationVersion, Warning } from "../spec/shared.js";
import type { SharedPipeline } from "./shared-pipeline.js";

interface RerankCall extends CommonCallOptions {
  readonly documents:
    | { readonly type: "text"; readonly values: readonly string[] }
    | { readonly type: "object"; readonly values: readonly object[] };
  readonly query: string;
  readonly topN?: number | undefined;
}

interface RerankResult {
  ranking: { index: number; relevanceScore: number }[];
  response: { timestamp: Date; modelId: string };
  warnings: Warning[];
}

/**
 * A reranking model for `rerank()`: `RerankingModelV4` of the AI SDK, or `RerankingModelV3`.
 *
 * @typeParam Version - that of the specification
 */
export class OpenVINORerankingModel<Version extends SpecificationVersion = "v4"> {
  /** Version of the AI SDK's specification. */
  readonly specificationVersion: Version;
  /** "openvino". */
  readonly provider: string = PROVIDER;
  /** The name that it was requested by, or that of the pipeline's model. */
  readonly modelId: string;
  readonly #shared: SharedPipeline<TextRerankPipeline>;

  /** @internal */
  constructor(version: Version, modelId: string, shared: SharedPipeline<TextRerankPipeline>) {
    this.specificationVersion = version;
    this.modelId = modelId;
    this.#shared = shared;
  }

  /**
   * The pipeline behind it, loaded by this call where it is not.
   *
   * @throws (by rejection) NoSuchModelError; what `TextRerankPipeline.load()` gives
   */
  pipeline(): Promise<TextRerankPipeline> {
    return this.#shared.get();
  }

  /** Called by the AI SDK. @internal */
  async doRerank({ documents, query, topN, abortSignal: signal }: RerankCall): Promise<RerankResult> {
    const texts =
      documents.type === "text" ? documents.values : documents.values.map((one) => JSON.stringify(one));
    try {
      const pipeline = await this.#shared.until(signal);
      const timestamp = new Date();
      const ranked = await pipeline.rerank(query, texts, { topN: topN ?? Math.max(1, texts.length), signal });
      return {
        ranking: ranked.map(({ index, score }) => ({ index, relevanceScore: score })),
        response: { timestamp, modelId: this.modelId },
        warnings:
          documents.type === "text"
            ? []
            : [
                {
                  type: "compatibility",
                  feature: "object documents",
                  details: "Each is ranked by its JSON text.",
                },
              ],
      };
    } catch (error) {
      throw sdkError(error, query);
    }
  }
}
