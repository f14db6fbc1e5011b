import {
  checkRerankLoadOptions,
  checkRerankOptions,
  checkText,
  checkTexts,
  type RerankOptions,
  type TextRerankLoadOptions,
} from "./text-model-options.js";
import type { PropertiesReport } from "../engine-guard/guard.js";
import { TextModel, type LoadedTextModel } from "./text-model.js";

/** A document and its relevance to the query. */
export interface RerankedDocument {
  /** Its index in the documents that were given. */
  readonly index: number;
  /** Its relevance by the model, 0 to 1. Good for an order; what is high enough depends on the model. */
  readonly score: number;
}

/**
 * Orders documents by their relevance to a query: `ov::genai::TextRerankPipeline`. Calls are done in their order, off
 * the JavaScript thread; any number may be made at once.
 */
export class TextRerankPipeline implements AsyncDisposable {
  /** What is known of the model. */
  readonly model: LoadedTextModel;
  /** OpenVINO's properties: as requested, corrected where the engine cannot run with a default, and as in force. */
  readonly properties: PropertiesReport;
  /** Milliseconds from the call into GenAI to the end of a first inference, which makes the kernels. */
  readonly loadMs: number;
  readonly #native: TextModel;
  readonly #topN: number;

  private constructor(native: TextModel, topN: number) {
    this.#native = native;
    this.#topN = topN;
    this.model = native.model;
    this.properties = native.properties;
    this.loadMs = native.loadMs;
  }

  /**
   * Loads a reranker off the JavaScript thread. Never downloads.
   *
   * @param model a folder with OpenVINO IR as `optimum-cli export openvino --task text-classification` makes it (a
   *   Qwen3-Reranker: `text-generation`), or the name of one in the cache
   * @throws (by rejection) TypeError, RangeError for options; {@link OpenVinoLlmError} ERR_MODEL_NOT_FOUND; ERR_MODEL_LOAD,
   *   also for a model that is for something else; ERR_DEVICE, and what finding the runtime gives; {@link AbortError}
   */
  static async load(model: string, options: TextRerankLoadOptions = {}): Promise<TextRerankPipeline> {
    const checked = checkRerankLoadOptions(options);
    return new TextRerankPipeline(await TextModel.load(model, "rerank", checked), checked.topN);
  }

  /**
   * The best documents for a query, best first, equal ones in the order in which they were given; none for no documents.
   * They run one by one, because GenAI's tokenizer may damage memory where several share a query.
   *
   * @throws (by rejection) TypeError for what is no text and for lone surrogates; RangeError for an empty text;
   *   OpenVinoLlmError ERR_CLOSED, ERR_NATIVE; {@link AbortError}
   */
  async rerank(
    query: string,
    documents: readonly string[],
    options: RerankOptions = {},
  ): Promise<RerankedDocument[]> {
    const { topN, signal } = checkRerankOptions(options, this.#topN);
    const text = checkText("query", query);
    const scores = await this.#native.run(text, checkTexts("documents", documents), signal);
    return Array.from(scores, (score, index) => ({ index, score }))
      .sort((a, b) => b.score - a.score)
      .slice(0, topN);
  }

  /**
   * Frees the model. Calls that are not done fail with ERR_CLOSED at once; it resolves when the inference that runs has
   * ended. Idempotent.
   */
  close(): Promise<void> {
    return this.#native.close();
  }

  /** `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
