import type { ExportOptions } from "./export-options.js";

/** Options that were measured, and the model that they are for. */
export interface PreparePreset {
  /** The model on the Hugging Face hub. Default none: for every model. */
  readonly source?: string;
  readonly options: ExportOptions;
}

/** The name of a preset. */
export type PreparePresetName =
  "phi-4-mini-int4" | "phi-4-mini-int8" | "gpt-oss-20b-int4" | "gpt-oss-20b-int8" | "amx-int8";

const PHI_4_MINI = "microsoft/Phi-4-mini-instruct";
const GPT_OSS_20B = "openai/gpt-oss-20b";

/**
 * The models and recipes of the published benchmark of OpenVINO GenAI. gpt-oss in INT4 has no options on purpose: the
 * exporter then takes the recipe that it keeps for this model (experts in 4 bits, groups of 32; the rest in 8 bits).
 *
 * "amx-int8" is static INT8, which a CPU with AMX multiplies in 8 bits in every phase. Alphas of 0.5 to 0.95 were tried
 * (docs/prepare.md).
 */
export const PREPARE_PRESETS: Readonly<Record<PreparePresetName, PreparePreset>> = {
  "phi-4-mini-int4": {
    source: PHI_4_MINI,
    options: {
      weightFormat: "int4",
      groupSize: 128,
      ratio: 1,
      awq: true,
      scaleEstimation: true,
      dataset: "wikitext2",
    },
  },
  "phi-4-mini-int8": { source: PHI_4_MINI, options: { weightFormat: "int8" } },
  "gpt-oss-20b-int4": { source: GPT_OSS_20B, options: { weightFormat: "int4" } },
  "gpt-oss-20b-int8": { source: GPT_OSS_20B, options: { weightFormat: "int8" } },
  "amx-int8": { options: { quantMode: "int8", dataset: "bundled", smoothQuantAlpha: 0.7 } },
};

/** The names of the presets. */
export const PREPARE_PRESET_NAMES = Object.keys(PREPARE_PRESETS) as readonly PreparePresetName[];
