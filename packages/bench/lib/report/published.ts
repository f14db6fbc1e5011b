/** The published measurements that this benchmark repeats. Data only. */

/** One model at one precision. Null: not published. */
export interface PublishedSeries {
  /** As the article names it. */
  readonly model: "Phi-4-mini-instruct" | "gpt-oss-20b";
  /** What the weights are stored in. */
  readonly precision: "INT4" | "INT8";
  /** A mixture of experts. */
  readonly isMoe: boolean;
  /** Output tokens per second at concurrency 1. */
  readonly singleThroughput: number;
  /** The single throughput is not printed in the article but follows from its efficiencies. */
  readonly isSingleDerived: boolean;
  /** At concurrency 8. */
  readonly atEight: {
    /** Output tokens per second. */
    readonly outputThroughput: number;
    /** Mean time per output token. */
    readonly meanTpotMs: number;
    /** Mean time to first token. */
    readonly meanTtftMs: number;
    /** Throughput over eight times that of concurrency 1. */
    readonly scalingEfficiency: number;
  };
  /** Scaling efficiency at concurrency 32. */
  readonly efficiencyAtThirtyTwo: number | null;
}

/** The article's own ratios, INT4 to INT8 and dense to MoE. */
export interface PublishedRatios {
  /** How many times as fast INT4 is as INT8 by time per output token, at a concurrency. */
  readonly int4ToInt8: ReadonlyArray<{
    /** As the article names it. */
    readonly model: PublishedSeries["model"];
    /** Requests in flight. */
    readonly concurrency: number;
    /** Above 1: INT4 is faster. */
    readonly ratio: number;
    /** By throughput that follows from the efficiencies, where the time per token is not published. */
    readonly by: "tpot" | "throughput";
  }>;
  /** Output tokens per second, Phi-4-mini-instruct to gpt-oss-20b, at concurrency 8. */
  readonly denseToMoe: ReadonlyArray<{
    /** What the weights of both are stored in. */
    readonly precision: PublishedSeries["precision"];
    /** Above 1: the dense model is faster. */
    readonly ratio: number;
  }>;
}

/** Where the figures come from and what they were measured on. */
export const PUBLISHED_SOURCE = {
  /** Of the article. */
  title: "Efficient AI Inference on CPUs with OpenVINO",
  /** Address of the article. */
  url: "https://community.intel.com/t5/Blogs/Tech-Innovation/Artificial-Intelligence-AI/Efficient-AI-Inference-on-CPUs-with-OpenVINO/post/1748451",
  /** Processor that it was measured on. */
  machine: "Intel Xeon 6975P-C, 24 cores, AMX",
  /** What answered, and what made the load. */
  software: "OpenVINO GenAI 2026.0 in OpenVINO Model Server, load by vllm bench serve 0.16",
  /** What was sent. */
  workload: {
    /** Prompts of random tokens. */
    dataset: "random",
    /** Tokens of a prompt. */
    inputLength: 128,
    /** Tokens to generate. */
    outputLength: 128,
    /** Infinity: a closed loop. */
    requestRate: Infinity,
    /** 0: greedy decoding. */
    temperature: 0,
    /** Requests in flight at each level. */
    levels: [1, 2, 4, 8, 16, 32],
    /** Limits of the means, in milliseconds. */
    serviceLevels: {
      /** Time to first token. */
      ttftMs: 3000,
      /** Time per output token. */
      tpotMs: 100,
    },
  },
} as const;

/** The table. */
export const PUBLISHED_SERIES: readonly PublishedSeries[] = [
  {
    model: "Phi-4-mini-instruct",
    precision: "INT4",
    isMoe: false,
    singleThroughput: 36,
    isSingleDerived: false,
    atEight: { outputThroughput: 161.0, meanTpotMs: 47.7, meanTtftMs: 302.1, scalingEfficiency: 0.558 },
    efficiencyAtThirtyTwo: 0.433,
  },
  {
    model: "gpt-oss-20b",
    precision: "INT4",
    isMoe: true,
    singleThroughput: 29,
    isSingleDerived: false,
    atEight: { outputThroughput: 66.6, meanTpotMs: 115.6, meanTtftMs: 691.0, scalingEfficiency: 0.285 },
    efficiencyAtThirtyTwo: null,
  },
  {
    model: "Phi-4-mini-instruct",
    precision: "INT8",
    isMoe: false,
    singleThroughput: 20.1,
    isSingleDerived: true,
    atEight: { outputThroughput: 152.4, meanTpotMs: 50.7, meanTtftMs: 274.2, scalingEfficiency: 0.946 },
    efficiencyAtThirtyTwo: 0.75,
  },
  {
    model: "gpt-oss-20b",
    precision: "INT8",
    isMoe: true,
    singleThroughput: 18.4,
    isSingleDerived: true,
    atEight: { outputThroughput: 61.4, meanTpotMs: 125.6, meanTtftMs: 733.7, scalingEfficiency: 0.417 },
    efficiencyAtThirtyTwo: null,
  },
];

/** The ratios that the article prints. */
export const PUBLISHED_RATIOS: PublishedRatios = {
  int4ToInt8: [
    { model: "Phi-4-mini-instruct", concurrency: 1, ratio: 1.8, by: "tpot" },
    { model: "gpt-oss-20b", concurrency: 1, ratio: 1.6, by: "tpot" },
    { model: "Phi-4-mini-instruct", concurrency: 8, ratio: 1.06, by: "tpot" },
    { model: "gpt-oss-20b", concurrency: 8, ratio: 1.09, by: "tpot" },
    { model: "Phi-4-mini-instruct", concurrency: 32, ratio: 1.03, by: "throughput" },
  ],
  denseToMoe: [
    { precision: "INT4", ratio: 2.42 },
    { precision: "INT8", ratio: 2.48 },
  ],
};
