/** A target of which all is known that a roofline needs, in round numbers. */
import type { StepNeeds } from "../../../../lib/models/inspect/step-needs.js";
import type { InferenceFacts } from "../../../../lib/host/kernels/inference-facts.js";
import type { MachineLimits } from "../../lib/targets/machine-limits.js";
import type { TargetFacts } from "../../lib/targets/target-facts.js";
import { factsOf } from "./sample-data.js";

/** 50 MB of weights, a hundred million multiply-adds for a token. */
export const STEP = {
  denseBytes: 50e6,
  denseMultiplyAdds: 100e6,
  expertBytes: 0,
  expertMultiplyAdds: 0,
  activeExpertShare: 1,
  outputMultiplyAdds: 2e6,
  attentionMultiplyAdds: 10_000,
  cacheElements: 64,
  headSize: 16,
  slidingWindow: null,
} as const satisfies StepNeeds;

/** 10 GB/s, and 100 thousand million multiply-adds per second in bf16. */
export const LIMITS: MachineLimits = {
  readBandwidth: [
    { threads: 1, bytesPerSecond: 8e9 },
    { threads: 2, bytesPerSecond: 10e9 },
  ],
  multiplyRates: [
    { precision: "f32", instructions: "avx512_core", multiplyAddsPerSecond: 20e9 },
    { precision: "bf16", instructions: "avx512_core_bf16", multiplyAddsPerSecond: 40e9 },
    { precision: "bf16", instructions: "avx10_1_512_amx", multiplyAddsPerSecond: 100e9 },
    { precision: "int8", instructions: "avx10_1_512_amx", multiplyAddsPerSecond: 200e9 },
  ],
};

const kernelOf = (nodeType: string, kernel: string, timeShare: number) => ({
  nodeType,
  kernel,
  count: 1,
  timeShare,
});

/** Inference in bf16 with a cache in f16, profiled with 1 and 8 tokens. */
export const INFERENCE: InferenceFacts = {
  ok: true,
  instructionSet: "avx10_1_512_amx",
  isaLimit: null,
  activationTypes: ["bf16"],
  weightTypes: ["u4"],
  isDynamicallyQuantized: false,
  inForce: {
    inferencePrecision: "bf16",
    kvCachePrecision: "f16",
    dynamicQuantizationGroupSize: 0,
    inferenceThreads: 2,
  },
  graph: "paged",
  phases: {
    prefill: { tokens: 16, inferences: 3, totalMs: 40, kernels: [kernelOf("FullyConnected", "brgemm", 1)] },
    decode: {
      tokens: 1,
      inferences: 3,
      totalMs: 9,
      kernels: [kernelOf("FullyConnected", "gemv", 0.9), kernelOf("Attention", "ref_any", 0.1)],
    },
    batchDecode: {
      tokens: 8,
      inferences: 3,
      totalMs: 9,
      kernels: [kernelOf("FullyConnected", "brgemm_8", 1)],
    },
  },
  oneDnnKernels: [],
  oneDnnVersion: "3.13.0",
  detected: "Intel AMX",
};

/** A target with all of these. */
export function withRoofline(fields: Partial<TargetFacts> = {}): TargetFacts {
  return factsOf("model", {
    files: {
      path: "/m",
      precision: "INT4",
      weightBytes: { u4: 50e6 },
      isMoe: false,
      step: STEP,
      runtimeOptions: {},
      manifest: null,
    },
    inference: INFERENCE,
    limits: LIMITS,
    ...fields,
  });
}
