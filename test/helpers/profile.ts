import type { Profile } from "../../lib/profiles/profile.js";

/** A profile with every field, of a processor and a model that there are not. */
export const PROFILE: Profile = {
  $schema: "urn:openvino-llm:profile:1",
  version: 1,
  model: {
    name: "tiny",
    graphSha256: "ab".repeat(32),
    weightsBytes: 1000,
    weightFormat: "int4 in groups of 128, symmetric",
  },
  cpu: {
    modelName: "Some Processor",
    family: 6,
    model: 207,
    instructionSets: ["avx2", "avx512_vnni", "amx_int8"],
    cpus: 8,
  },
  versions: { openvinoLlm: "0.1.0", openvino: "2026.4.1-1", openvinoGenai: "2026.4.1.0-1" },
  load: { inputLen: 128, outputLen: 128, levels: [1, 8], slo: { ttftMs: 3000, tpotMs: 100 } },
  objective: "latency",
  settings: {
    pipeline: "ContinuousBatchingPipeline",
    properties: {
      INFERENCE_PRECISION_HINT: "f32",
      DYNAMIC_QUANTIZATION_GROUP_SIZE: 128,
      KV_CACHE_PRECISION: "u8",
      INFERENCE_NUM_THREADS: 8,
      ENABLE_CPU_PINNING: true,
      ENABLE_HYPER_THREADING: false,
      SCHEDULING_CORE_TYPE: "PCORE_ONLY",
    },
    scheduler: { maxNumBatchedTokens: 512, maxNumSeqs: 64, dynamicSplitFuse: false },
    promptLookup: false,
  },
  evidence: {
    against: "the engine's defaults",
    ratio: { value: 1.5, low: 1.4, high: 1.6 },
    levels: [
      {
        concurrency: 1,
        tokensPerSecond: { value: 1.5, low: 1.4, high: 1.6 },
        ttft: { value: 1.2, low: 1.1, high: 1.3 },
        tpot: { value: 0.6, low: 0.5, high: 0.7 },
      },
      {
        concurrency: 8,
        tokensPerSecond: { value: 1.5, low: 1.4, high: 1.6 },
        ttft: { value: 1.2, low: 1.1, high: 1.3 },
        tpot: null,
      },
    ],
    quality: {
      reference: "f32 without dynamic quantisation",
      perplexity: 12.1,
      referencePerplexity: 12,
      greedyAgreementPercent: 98.5,
      tokensCompared: 1000,
    },
  },
  created: "2026-11-28T21:00:00.000Z",
  holds: ["model.graphSha256", "cpu", "versions.openvino", "versions.openvinoGenai"],
};
