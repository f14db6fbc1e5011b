/** The options of `optimum-cli export openvino` that a text model can use: one table for the library and the command line. */
import { invalidArgType, outOfRange } from "openvino-llm/internal";

/**
 * What is done to the weights: the options of Optimum Intel's exporter, `optimum-cli export openvino`, in camelCase.
 * Absent means Optimum's default. What contradicts itself is refused by the exporter, with `ERR_MODEL_LOAD`.
 */
export interface ExportOptions {
  /** What the weights are stored as. Absent: int8 above a thousand million parameters, else as in the checkpoint. */
  readonly weightFormat?: "fp32" | "fp16" | "int8" | "int4" | "mxfp4" | "nf4" | "cb4";
  /** Quantises activations too, instead of {@link weightFormat}; needs a {@link dataset}. */
  readonly quantMode?: "int8" | "f8e4m3" | "f8e5m2" | "cb4_f8e4m3" | "int4_f8e4m3" | "int4_f8e5m2";
  /** Symmetric quantisation, without zero points. Default false. */
  readonly sym?: boolean;
  /** Share of the layers in 4 bits, above 0 to 1; the rest takes {@link backupPrecision}. Default 1. */
  readonly ratio?: number;
  /** Weights that share a scale; -1: one for each column. It has to divide the width of the layers. Default 128. */
  readonly groupSize?: number;
  /** Layers whose width the group size does not divide: an error (default), left as they are, or a smaller group. */
  readonly groupSizeFallback?: "error" | "ignore" | "adjust";
  /** Of the layers that do not take 4 bits. Default "int8_asym". */
  readonly backupPrecision?: "none" | "int8_sym" | "int8_asym";
  /**
   * Text to calibrate with: the path of a text file, each paragraph of it one sample; "bundled" (48 questions and answers
   * that this package brings along); "auto" (text that the model itself makes up); or a data set that comes from the hub: "wikitext2", "c4", "c4-new", "gsm8k". The named ones take
   * a length in tokens: "wikitext2:seq_len=128".
   */
  readonly dataset?: string;
  /** Samples of the data set, at most. Default 128. */
  readonly numSamples?: number;
  /** The embedding and the last layer in 4 bits too. Default false: in 8 bits. */
  readonly allLayers?: boolean;
  /** Activation-aware weight quantisation; without a data set it looks at the weights only. Default false. */
  readonly awq?: boolean;
  /** Scales that make the layers' output differ least; needs a data set. Default false. */
  readonly scaleEstimation?: boolean;
  /** GPTQ; needs a data set. Default false. */
  readonly gptq?: boolean;
  /** Adds low-rank layers that take back part of the error; needs a data set. Default false. */
  readonly loraCorrection?: boolean;
  /** How layers are ranked where {@link ratio} is below 1. */
  readonly sensitivityMetric?:
    | "weight_quantization_error"
    | "hessian_input_activation"
    | "mean_activation_variance"
    | "max_activation_variance"
    | "mean_activation_magnitude";
  /** A folder that keeps the statistics of a model and data set, for another run with other options. */
  readonly quantizationStatisticsPath?: string;
  /** SmoothQuant's alpha, 0 to 1, with {@link quantMode} only. */
  readonly smoothQuantAlpha?: number;
  /** What the model is for. Default "text-generation-with-past". */
  readonly task?: string;
  /** The library that loads the checkpoint. Default: found out. */
  readonly library?: "transformers" | "diffusers" | "timm" | "sentence_transformers" | "open_clip" | "kokoro";
  /** Runs Python code that the checkpoint brings along. Only for sources that you trust. Default false. */
  readonly trustRemoteCode?: boolean;
  /** The token that fills a sequence, where the tokenizer names none. */
  readonly padTokenId?: number;
  /** Weights of another file name: `model.<variant>.safetensors`. */
  readonly variant?: string;
  /** Arguments of the model's own `forward`, as JSON. */
  readonly modelKwargs?: string;
  /** Where the hub's files are kept. Default: the hub's own cache, `HF_HOME`. */
  readonly cacheDir?: string;
}

/** How an option goes to the exporter. */
export interface ExportOption {
  readonly name: keyof ExportOptions;
  readonly flag: `--${string}`;
  readonly kind: "flag" | "integer" | "number" | "text";
  readonly choices?: readonly string[];
  readonly help: string;
}

/** Every option, in the order of the help text. */
export const EXPORT_OPTIONS = [
  {
    name: "weightFormat",
    flag: "--weight-format",
    kind: "text",
    choices: ["fp32", "fp16", "int8", "int4", "mxfp4", "nf4", "cb4"],
    help: "what the weights are stored as",
  },
  {
    name: "groupSize",
    flag: "--group-size",
    kind: "integer",
    help: "weights that share a scale (128); -1: a column",
  },
  { name: "ratio", flag: "--ratio", kind: "number", help: "share of the layers in 4 bits (1)" },
  { name: "sym", flag: "--sym", kind: "flag", help: "symmetric, without zero points" },
  { name: "awq", flag: "--awq", kind: "flag", help: "activation-aware weight quantisation" },
  {
    name: "scaleEstimation",
    flag: "--scale-estimation",
    kind: "flag",
    help: "scales that change the layers' output least; needs a data set",
  },
  { name: "gptq", flag: "--gptq", kind: "flag", help: "GPTQ; needs a data set" },
  {
    name: "loraCorrection",
    flag: "--lora-correction",
    kind: "flag",
    help: "low-rank layers that take back part of the error; needs a data set",
  },
  {
    name: "dataset",
    flag: "--dataset",
    kind: "text",
    help: "a text file, bundled, auto, or from the hub: wikitext2, c4, c4-new, gsm8k",
  },
  {
    name: "numSamples",
    flag: "--num-samples",
    kind: "integer",
    help: "samples of the data set at most (128)",
  },
  {
    name: "allLayers",
    flag: "--all-layers",
    kind: "flag",
    help: "the embedding and the last layer in 4 bits too",
  },
  {
    name: "backupPrecision",
    flag: "--backup-precision",
    kind: "text",
    choices: ["none", "int8_sym", "int8_asym"],
    help: "of layers that do not take 4 bits",
  },
  {
    name: "groupSizeFallback",
    flag: "--group-size-fallback",
    kind: "text",
    choices: ["error", "ignore", "adjust"],
    help: "for layers that the group size does not divide",
  },
  {
    name: "sensitivityMetric",
    flag: "--sensitivity-metric",
    kind: "text",
    choices: [
      "weight_quantization_error",
      "hessian_input_activation",
      "mean_activation_variance",
      "max_activation_variance",
      "mean_activation_magnitude",
    ],
    help: "how layers are ranked where --ratio is below 1",
  },
  {
    name: "quantizationStatisticsPath",
    flag: "--quantization-statistics-path",
    kind: "text",
    help: "folder that keeps the statistics for another run",
  },
  {
    name: "quantMode",
    flag: "--quant-mode",
    kind: "text",
    choices: ["int8", "f8e4m3", "f8e5m2", "cb4_f8e4m3", "int4_f8e4m3", "int4_f8e5m2"],
    help: "quantises activations too, instead of --weight-format",
  },
  {
    name: "smoothQuantAlpha",
    flag: "--smooth-quant-alpha",
    kind: "number",
    help: "SmoothQuant's alpha, with --quant-mode",
  },
  { name: "task", flag: "--task", kind: "text", help: "what the model is for (text-generation-with-past)" },
  {
    name: "library",
    flag: "--library",
    kind: "text",
    choices: ["transformers", "diffusers", "timm", "sentence_transformers", "open_clip", "kokoro"],
    help: "what loads the checkpoint",
  },
  {
    name: "trustRemoteCode",
    flag: "--trust-remote-code",
    kind: "flag",
    help: "run Python code that the checkpoint brings along",
  },
  { name: "padTokenId", flag: "--pad-token-id", kind: "integer", help: "the token that fills a sequence" },
  { name: "variant", flag: "--variant", kind: "text", help: "weights of another file name" },
  {
    name: "modelKwargs",
    flag: "--model-kwargs",
    kind: "text",
    help: "arguments of the model's forward, as JSON",
  },
  { name: "cacheDir", flag: "--cache_dir", kind: "text", help: "where the hub's files are kept" },
] as const satisfies readonly ExportOption[];

/** Does not compile when an option of the interface has no row. */
type Missing = Exclude<keyof ExportOptions, (typeof EXPORT_OPTIONS)[number]["name"]>;
const NONE_MISSING: Missing extends never ? true : Missing = true;
void NONE_MISSING;

/** Without any of these the exporter takes the recipe that it knows for a model by its name. */
const COMPRESSION: ReadonlySet<keyof ExportOptions> = new Set([
  "ratio",
  "groupSize",
  "sym",
  "allLayers",
  "dataset",
  "numSamples",
  "awq",
  "scaleEstimation",
  "gptq",
  "loraCorrection",
  "sensitivityMetric",
  "backupPrecision",
  "groupSizeFallback",
]);

/** The options that were given and their values, in the table's order. */
export function givenOptions(options: ExportOptions): Record<string, string | number | boolean> {
  return Object.fromEntries(
    EXPORT_OPTIONS.flatMap(({ name }) => {
      const value = options[name];
      return value === undefined || value === false ? [] : [[name, value] as const];
    }),
  );
}

/** Whether the exporter's own recipe for the model is asked for, if it has one. */
export function asksForRecipe(options: ExportOptions): boolean {
  return !Object.keys(givenOptions(options)).some((name) => COMPRESSION.has(name as keyof ExportOptions));
}

/** Whether the weights are to have four bits. */
export function isFourBit({ weightFormat, quantMode }: ExportOptions): boolean {
  return /^(?:int4|mxfp4|nf4|cb4)/.test(weightFormat ?? quantMode ?? "");
}

/**
 * Checks types and choices; the rest is the exporter's to judge.
 * @throws TypeError, RangeError naming `options.<name>`
 */
export function checkExportOptions(options: ExportOptions): void {
  for (const option of EXPORT_OPTIONS as readonly ExportOption[]) checkOption(option, options[option.name]);
  if (options.ratio !== undefined && !(options.ratio > 0 && options.ratio <= 1)) {
    throw outOfRange("options.ratio", "a number above 0 and up to 1", options.ratio);
  }
  const { groupSize } = options;
  if (groupSize !== undefined && groupSize < 1 && groupSize !== -1) {
    throw outOfRange("options.groupSize", "-1 or a whole number above 0", groupSize);
  }
  if (options.numSamples !== undefined && options.numSamples < 1) {
    throw outOfRange("options.numSamples", "a whole number above 0", options.numSamples);
  }
}

function checkOption({ name, kind, choices }: ExportOption, value: unknown): void {
  if (value === undefined) return;
  const what = `options.${name}`;
  if (kind === "flag") {
    if (typeof value !== "boolean") throw invalidArgType(what, "a boolean", value);
  } else if (kind === "text") {
    if (typeof value !== "string" || value === "" || value.includes("\0")) {
      throw invalidArgType(what, "a string", value);
    }
    if (choices !== undefined && !choices.includes(value)) {
      throw outOfRange(what, `one of ${choices.join(", ")}`, value);
    }
  } else {
    if (typeof value !== "number" || Number.isNaN(value)) throw invalidArgType(what, "a number", value);
    if (kind === "integer" && !Number.isSafeInteger(value)) throw outOfRange(what, "a whole number", value);
  }
}

/** The exporter's arguments for these options. One word each, so that no value is taken for a flag. */
export function exportArguments(options: ExportOptions): string[] {
  return EXPORT_OPTIONS.flatMap(({ name, flag, kind }) => {
    const value = options[name];
    if (value === undefined || value === false) return [];
    return [kind === "flag" ? flag : `${flag}=${String(value)}`];
  });
}
