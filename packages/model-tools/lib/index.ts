/**
 * openvino-llm-model-tools: makes models that openvino-llm loads.
 *
 * `prepareModel` makes OpenVINO IR of a checkpoint, `synthModel` does it with random weights.
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
  type WeightsEvent,
} from "./synth/synth-model.js";
export {
  GEOMETRIES,
  type Family,
  type Geometry,
  type GeometryName,
  type GeometrySizes,
} from "./synth/geometries.js";
