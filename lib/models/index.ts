/**
 * openvino-llm/models: gets and inspects models.
 *
 * `pullModel` downloads one, `inspectModel` describes a model by its files, without loading it. The package
 * openvino-llm-model-tools makes models.
 */

export { pullModel, type PullModelOptions } from "./pull/pull-model.js";
export type { PulledModel, PullEvent, PullPlan, PullPlanFile, RefusedFile } from "./pull/pull-events.js";
export { knownHubModels, type KnownHubModel } from "./known-hub-models.js";
export type { CacheHolder } from "../cache/process-name.js";
export { listModels, type ListedModel } from "./list.js";
export { verifyModel, verifyModels, type VerifiedModel, type VerifyModelOptions } from "./store/verify.js";
export { removeModel } from "./store/remove.js";
export { resolveModel, type ResolvedModel } from "./store/resolve.js";

export type { ModelFile, ModelManifest, ModelPreparation, ModelSource } from "./files/manifest.js";

export { inspectModel } from "./inspect/inspect-model.js";
export type { MixtureOfExperts, InspectedFile, ModelFormat, ModelInspection } from "./inspect/inspection.js";
export type { ModelGeometry } from "./inspect/geometry.js";
export type { CacheKind, GraphFacts } from "./inspect/ir-facts.js";
export type { KvCacheNeeds, MemoryNeeds } from "./inspect/memory.js";
export type { StepNeeds } from "./inspect/step-needs.js";
export type { RandomWeights } from "./inspect/random-weights.js";
export type { ChatTemplate, TokenizerFacts } from "./inspect/tokenizer-facts.js";
export type { Quantization, QuantizationGroup, TensorRole, WeightCensusRow } from "./inspect/weights.js";
export type { JsonObject } from "./files/json-file.js";
