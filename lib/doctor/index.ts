/** The entry `openvino-llm/doctor`: what this machine is, and whether a model runs correctly on it. */
export { checkModel, type CheckModelOptions, type ModelCheck, type ModelSpeed } from "./check-model.js";
export type { ModelVerdict } from "./judge-model.js";
export type { LogitsComparison } from "./compare-logits.js";
export type { KnownKernels, ModelKernels } from "./model-kernels.js";
export type { PhaseWeightLayers, WeightKernel, WeightLayers } from "../host/kernels/weight-layers.js";
