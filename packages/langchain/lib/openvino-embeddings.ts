import { Embeddings, type EmbeddingsParams } from "@langchain/core/embeddings";
import { TextEmbeddingPipeline, type TextEmbeddingLoadOptions } from "openvino-llm";

import { invalidArgType } from "./errors/errors.js";

/** Fields of {@link OpenVINOEmbeddings}. */
export interface OpenVINOEmbeddingsInput extends EmbeddingsParams {
  /** A loaded embedding model. It stays its owner's to close. */
  readonly pipeline: TextEmbeddingPipeline;
}

/**
 * Embeddings of LangChain by a model that is loaded in this process, for vector stores and retrievers. Queries and documents
 * get the instructions that the pipeline was loaded with.
 */
export class OpenVINOEmbeddings extends Embeddings {
  /** The loaded model: its `close()` frees it. */
  readonly pipeline: TextEmbeddingPipeline;
  /** The model's name. */
  readonly model: string;

  constructor(fields: OpenVINOEmbeddingsInput) {
    super(fields);
    if (typeof (fields.pipeline as Partial<TextEmbeddingPipeline> | undefined)?.embedQuery !== "function") {
      throw invalidArgType(
        "pipeline",
        "a loaded TextEmbeddingPipeline",
        fields.pipeline,
        "Or use OpenVINOEmbeddings.load().",
      );
    }
    this.pipeline = fields.pipeline;
    this.model = fields.pipeline.model.name;
  }

  /**
   * Loads an embedding model. Never downloads. Close it by `embeddings.pipeline.close()`.
   *
   * @param model - a folder with OpenVINO IR for feature extraction, or the name of one in the cache
   * @throws (by rejection) what `TextEmbeddingPipeline.load()` throws
   */
  static async load(model: string, options: TextEmbeddingLoadOptions = {}): Promise<OpenVINOEmbeddings> {
    return new OpenVINOEmbeddings({ pipeline: await TextEmbeddingPipeline.load(model, options) });
  }

  /** The vectors of what is searched in. Throws (by rejection) what `TextEmbeddingPipeline.embedDocuments()` throws, as for empty texts. */
  override async embedDocuments(documents: string[]): Promise<number[][]> {
    return (await this.pipeline.embedDocuments(documents)).map((vector) => Array.from(vector));
  }

  /** The vector of what is searched for. Throws as `embedDocuments()` does. */
  override async embedQuery(document: string): Promise<number[]> {
    return Array.from(await this.pipeline.embedQuery(document));
  }
}
