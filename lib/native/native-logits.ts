/** The addon's `modelLogits`: what goes in and what comes out. */

/** A model, the properties that it is compiled with, and the token ids that it is fed whatever it would choose. */
export interface NativeLogitsOptions {
  /** The folder with its IR. */
  path: string;
  device: string;
  properties: Array<[string, string]>;
  /** The graph of a ContinuousBatchingPipeline, which an LLMPipeline runs as well, or that of the files. */
  graph: "paged" | "stateful";
  /** First the prompt, read in one inference; then `decodes` ids, one in each inference; then `sequences` ids. */
  tokenIds: number[];
  /** Inferences of one token after the prompt. */
  decodes: number;
  /** Sequences that get a token each in one last inference, all behind the ids before; 0 for none. */
  sequences: number;
}

/** Times are milliseconds, after a run that made the kernels. */
export interface NativeLogits {
  /** A row of `vocabSize` for each token id, in their order. */
  logits: Float32Array;
  vocabSize: number;
  /** To read and compile the model. */
  loadMs: number;
  prefillMs: number;
  /** Of each inference of one token. */
  decodeMs: number[];
  /** Of the inference of all sequences; 0 without. */
  batchMs: number;
}
