/** The weight formats that are tried of a checkpoint, and how each is made. Pure. */

import { outOfRange } from "openvino-llm/internal";

/** Options of `prepareModel()` of openvino-llm-model-tools. */
export interface FormatOptions {
  /** What the weights are stored as. */
  readonly weightFormat?: "fp16" | "int8" | "int4";
  /** Activations in 8 bits too, with scales that are fixed beforehand. */
  readonly quantMode?: "int8";
  /** Without zero points. */
  readonly sym?: boolean;
  /** Share of the layers in 4 bits. */
  readonly ratio?: number;
  /** Weights that share a scale; -1: one for each row. */
  readonly groupSize?: number;
  /** What calibrates: a file, or a name that the exporter knows. */
  readonly dataset?: string;
  /** SmoothQuant's alpha. */
  readonly smoothQuantAlpha?: number;
}

/** A way to store the weights. */
export interface WeightFormat {
  /** Short and unique: "int4-g64-sym". */
  readonly id: string;
  /** How it is made; null for the source as it is. */
  readonly options: FormatOptions | null;
}

/** The text that calibrates where none is given: openvino-llm-model-tools brings it along. */
export const DEFAULT_CALIBRATION = "bundled";
/** SmoothQuant's alpha, as in the preset amx-int8. */
const SMOOTH_QUANT_ALPHA = 0.7;

/** The format that all others are judged by. */
export const FP16: WeightFormat = { id: "fp16", options: { weightFormat: "fp16" } };

/**
 * Those that are tried, FP16 first. 8-bit weights come by rows: the exporter makes no groups of them, but a GGUF file in
 * Q8_0 has groups of 32, and is tried as it is.
 *
 * @param isGguf - the source can be loaded as it is
 * @param names - which ones; FP16 is always among them, to judge by. Default all.
 * @param calibration - a text file, or the name of a data set
 * @throws RangeError for a name that there is not
 */
export function weightFormats(
  isGguf: boolean,
  names: readonly string[] | undefined,
  calibration: string = DEFAULT_CALIBRATION,
): WeightFormat[] {
  const groups = [32, 64, 128, -1];
  const all: WeightFormat[] = [
    FP16,
    ...(isGguf ? [{ id: "as-it-is", options: null }] : []),
    { id: "int8", options: { weightFormat: "int8" } },
    { id: "int8-sym", options: { weightFormat: "int8", sym: true } },
    {
      id: "static-int8",
      options: {
        quantMode: "int8",
        dataset: calibration,
        smoothQuantAlpha: SMOOTH_QUANT_ALPHA,
      },
    },
    ...groups.flatMap((groupSize) =>
      [false, true].map((sym): WeightFormat => ({
        id: `int4-${groupSize === -1 ? "rows" : `g${groupSize}`}${sym ? "-sym" : ""}`,
        options: { weightFormat: "int4", groupSize, ratio: 1, ...(sym ? { sym } : {}) },
      })),
    ),
  ];
  for (const [index, name] of (names ?? []).entries()) {
    if (all.some(({ id }) => id === name)) continue;
    throw outOfRange(`options.formats[${index}]`, `one of ${all.map(({ id }) => id).join(", ")}`, name);
  }
  return all.filter(({ id }) => id === FP16.id || names === undefined || names.includes(id));
}

/** The command that makes a format: for the recommendation. */
export function prepareCommand(source: string, { options }: WeightFormat): string | null {
  if (options === null) return null;
  const words = Object.entries(options).flatMap(([name, value]) => {
    const flag = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    return value === true ? [flag] : [flag, quoted(String(value))];
  });
  return ["npx openvino-llm models prepare", quoted(source), ...words].join(" ");
}

/** As a shell takes it for one word. */
function quoted(text: string): string {
  return /^[\w./:=@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
