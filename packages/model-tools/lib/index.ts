/**
 * openvino-llm-model-tools: makes models that openvino-llm loads.
 *
 * `prepareModel` makes OpenVINO IR of a checkpoint, `synthModel` does it with random weights, `synthGguf` writes such weights as
 * a GGUF file.
 */

export { prepareModel, type PreparedModel } from "./prepare/prepare.js";
export type { PrepareEvent, PrepareModelOptions, PreparePhase } from "./prepare/prepare-options.js";
export type { ExportOptions } from "./prepare/export-options.js";
export { PREPARE_PRESET_NAMES, type PreparePresetName } from "./prepare/presets.js";

export {
  synthModel,
  type SynthEvent,
  type SynthesizedModel,
  type SynthModelOptions,
  type SynthWeightFormat,
} from "./synth/synth-model.js";
export { synthGguf, type SynthesizedGguf, type SynthGgufOptions } from "./synth/synth-gguf.js";
export type { GgufWeightFormat } from "./synth/gguf-content.js";
export type { SynthPlanOptions, WeightsEvent } from "./synth/synth-plan.js";
export {
  GEOMETRIES,
  type Family,
  type Geometry,
  type GeometryName,
  type GeometrySizes,
} from "./synth/geometries.js";
