/** The typed picture of a native model that gives numbers for texts: embeddings, or scores of a reranker. */

/** What it is loaded with; 0 stands for no limit. */
export interface NativeTextModelOptions {
  readonly kind: "embed" | "rerank";
  readonly path: string;
  readonly device: string;
  readonly properties: Array<[string, string]>;
  readonly pooling: "cls" | "mean" | "lastToken";
  readonly normalize: boolean;
  readonly paddingSide: "left" | "right";
  readonly padToMaxLength: boolean;
  /** Tokens of a text. */
  readonly maxLength: number;
  /** Texts of every inference. */
  readonly batchSize: number;
  /** It reranks by what a language model says next. */
  readonly byYesOrNo: boolean;
}

/** Calls are done one after the other, off the JavaScript thread. Their errors have a `code`. */
export interface NativeTextModelHandle {
  /**
   * As many numbers for every text, behind each other. The first call loads the model.
   *
   * @param id above 0 where it may be cancelled
   * @param query of a reranker; else ""
   */
  run(id: number, query: string, texts: readonly string[]): Promise<Float32Array>;
  /** The call does not begin, or ends between two inferences. */
  cancel(id: number): void;
  close(): Promise<void>;
}
