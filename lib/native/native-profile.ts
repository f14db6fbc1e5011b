/** The addon's profiler: what goes in and what comes out. */

/** A model to profile, with the properties that it is compiled with. */
export interface NativeProfileOptions {
  /** The folder with its IR. */
  path: string;
  device: string;
  properties: Array<[string, string]>;
  /** Tokens that an inference of the prefill takes in. */
  promptTokens: number;
  /** Sequences of the decoding of many at once; 1 for none. */
  sequences: number;
  /** Token ids are drawn below it. */
  vocabSize: number;
  /** Of the key-value cache; with more, fewer sequences are run. */
  maxCacheBytes: number;
}

/** One phase of a profile: times are means over its inferences. */
export interface NativePhase {
  tokens: number;
  inferences: number;
  kernels: Array<{ nodeType: string; kernel: string; count: number; ms: number }>;
}

/** What a profile has. */
export interface NativeProfile {
  /** The graph was the one of a ContinuousBatchingPipeline, else that of the files. */
  paged: boolean;
  /** Of the compiled model. */
  properties: Record<string, string>;
  /** Prefill, decode, and decode of many sequences where there are. */
  phases: NativePhase[];
}
