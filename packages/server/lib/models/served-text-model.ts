/** A model that gives numbers for texts: vectors, or an order. */
import { Tokenizer, type TextEmbeddingPipeline, type TextRerankPipeline } from "openvino-llm";

import { queueFull } from "../errors/engine-error.js";
import { DEFAULT_MAX_QUEUE, type QueueOptions } from "./served-model.js";

/** What such a model is for, by the names of OpenVINO Model Server. */
export type TextTask = "embeddings" | "rerank";

/** A model for texts that is served. */
export class ServedTextModel {
  /** What clients call it. */
  readonly name: string;
  /** What it is for. */
  readonly task: TextTask;
  /** The model. */
  readonly pipeline: TextEmbeddingPipeline | TextRerankPipeline;
  /** When it was loaded, in seconds of Unix time. */
  readonly createdSeconds = Math.floor(Date.now() / 1000);
  readonly #capacity: number;
  #admitted = 0;
  #tokenizer: Promise<Tokenizer> | undefined;

  /** @internal */
  constructor(
    name: string,
    task: TextTask,
    pipeline: TextEmbeddingPipeline | TextRerankPipeline,
    { maxQueue }: QueueOptions = {},
  ) {
    this.name = name;
    this.task = task;
    this.pipeline = pipeline;
    this.#capacity = 1 + (maxQueue ?? DEFAULT_MAX_QUEUE);
  }

  /** The folder with its OpenVINO IR. */
  get root(): string {
    return this.pipeline.model.path;
  }

  /** Tokens of a text at most; null where no file says so. */
  get contextLength(): number | null {
    return this.pipeline.model.contextLength;
  }

  /**
   * Does something by the model, which takes one call after the other.
   *
   * @internal
   * @throws ApiError 429 where as many wait as may
   */
  async run<Result>(call: () => Promise<Result>): Promise<Result> {
    if (this.#admitted >= this.#capacity) throw queueFull();
    this.#admitted++;
    try {
      return await call();
    } finally {
      this.#admitted--;
    }
  }

  /** Tokens that the model reads of texts. @internal */
  async countTokens(texts: readonly string[]): Promise<number> {
    const loading = (this.#tokenizer ??= Tokenizer.load(this.root));
    const tokenizer = await loading.catch((error: unknown) => {
      // The next request tries again.
      if (this.#tokenizer === loading) this.#tokenizer = undefined;
      throw error;
    });
    let count = 0;
    for (const text of texts) {
      count += Math.min((await tokenizer.encode(text)).length, this.contextLength ?? Infinity);
    }
    return count;
  }

  /** Frees what counts tokens; the model is its loader's. @internal */
  async close(): Promise<void> {
    await this.#tokenizer?.then(
      (tokenizer) => tokenizer.close(),
      () => undefined,
    );
  }
}
