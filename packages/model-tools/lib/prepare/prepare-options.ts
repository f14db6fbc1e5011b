/** What a caller asks of `prepareModel`, checked. */
import { basename, isAbsolute, join, resolve } from "node:path";
import { stat } from "node:fs/promises";

import type { CacheHolder } from "openvino-llm/models";
import { OpenVinoLlmError } from "openvino-llm";
import { describe, invalidArgType, outOfRange, modelsDir } from "openvino-llm/internal";
import {
  EXPORT_OPTIONS,
  checkExportOptions,
  exportArguments,
  isFourBit,
  type ExportOptions,
} from "./export-options.js";
import { PREPARE_PRESETS, PREPARE_PRESET_NAMES, type PreparePresetName } from "./presets.js";
import { PYTHON_FOLDER } from "./python-folder.js";
import { resolveSource, type PrepareSource } from "./source.js";

/**
 * Parts of a preparation, in their order; not every one has all. "wait": another process has been making the same for a
 * second, while this one waited.
 */
export type PreparePhase =
  | "wait"
  | "environment"
  | "download"
  | "checkpoint"
  | "dataset"
  | "load"
  | "convert"
  | "quantise"
  | "tokenizer"
  | "finish";

/** What a preparation says while it runs. */
export type PrepareEvent =
  | {
      /** What it needs and what there is, before the long part begins. */
      readonly type: "needs";
      /** Bytes of free disk that it needs where the model goes. */
      readonly diskBytes: number;
      /** Bytes that are free there. */
      readonly freeDiskBytes: number;
      /** Bytes of free memory that it needs. */
      readonly memoryBytes: number;
      /** Bytes of memory that are free, at most the limit of the control group. */
      readonly freeMemoryBytes: number;
    }
  | {
      /** It comes to its next part. */
      readonly type: "phase";
      /** Which one that is. */
      readonly phase: PreparePhase;
      /** Whom it waits for, in the phase "wait". */
      readonly holder?: CacheHolder;
    }
  | {
      /** A step of the current part goes on. */
      readonly type: "progress";
      /** What the step is, in the tool's own words. */
      readonly label: string;
      /** How far it is: 0 to 1. */
      readonly fraction: number;
    }
  | {
      /** A tool printed something. */
      readonly type: "log";
      /** One line of it. */
      readonly line: string;
    };

/** Options of `prepareModel`: those of the exporter, and how it is done. */
export interface PrepareModelOptions extends ExportOptions {
  /**
   * A published recipe, or "amx-int8": weights and activations in 8 bits, calibrated on the bundled text, for CPUs with AMX.
   * Other options that are given stand above it; its model, where it has one, is the default source.
   */
  readonly preset?: PreparePresetName;
  /**
   * The model on the hub by whose name the exporter looks for a recipe of its own, where no option but the weight format
   * says how to quantise. Default: the preset's model, else the last part of the source.
   */
  readonly recipe?: string;
  /** Branch, tag or commit on the hub. Default "main". */
  readonly revision?: string;
  /** Arguments that are handed to `optimum-cli export openvino` as they stand. */
  readonly extraArguments?: readonly string[];
  /** Name in the cache. Default: made from source and weight format, e.g. `phi-4-mini-instruct-int4`. */
  readonly name?: string;
  /** The folder to make, in place of one in the cache. */
  readonly out?: string;
  /** Makes a model anew that is there already. Default false. */
  readonly overwrite?: boolean;
  /** Goes on where disk or memory seem too small. Default false. */
  readonly force?: boolean;
  /** Ends the preparation; nothing of it is left but what was downloaded from the hub. */
  readonly signal?: AbortSignal;
  /** Receives progress. */
  readonly onEvent?: (event: PrepareEvent) => void;
}

/** A checked request. Paths are absolute. */
export interface ResolvedPreparation {
  readonly source: PrepareSource;
  readonly preset: PreparePresetName | null;
  /** Last part of the id by whose name the exporter looks for a recipe. */
  readonly recipe: string;
  readonly revision: string;
  /** The exporter's options, the data set replaced where it is a file. */
  readonly options: ExportOptions;
  /** A text file to calibrate with. */
  readonly samples: string | null;
  readonly extraArguments: readonly string[];
  readonly name: string;
  /** The folder to make. */
  readonly dir: string;
}

/** Names that the exporter knows; a length may follow. */
const DATASETS = /^(?:auto|wikitext2|c4|c4-new|gsm8k|textvqa|contextual|[\w.-]+\/[\w./-]+)(?::seq_len=\d+)?$/;
/** Questions and answers of many kinds in some languages, with code, lists and tables; written for this. */
const BUNDLED_SAMPLES = join(PYTHON_FOLDER, "calibration.txt");
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/**
 * Checks a request.
 * @throws TypeError, RangeError naming `options.<name>`; OpenVinoLlmError `ERR_MODEL_NOT_FOUND` for a source or data set
 * that is not there
 */
export async function resolvePreparation(
  source: string | undefined,
  options: PrepareModelOptions,
  env: NodeJS.ProcessEnv = process.env,
): Promise<ResolvedPreparation> {
  const { preset = null } = options;
  if (preset !== null && !Object.hasOwn(PREPARE_PRESETS, preset)) {
    throw outOfRange("options.preset", `one of ${PREPARE_PRESET_NAMES.join(", ")}`, preset);
  }
  const recommended = preset === null ? null : PREPARE_PRESETS[preset];
  const from = await resolveSource(source ?? recommended?.source ?? "");
  const given = pickExportOptions({ ...recommended?.options, ...pickExportOptions(options) });
  checkExportOptions(given);
  const samples = await samplesFile(given.dataset);
  for (const key of ["name", "out", "recipe", "revision"] as const) {
    const value: unknown = options[key];
    if (value !== undefined && (typeof value !== "string" || value === "")) {
      throw invalidArgType(`options.${key}`, "a string", value);
    }
  }
  const name =
    options.name ??
    (options.out === undefined ? defaultName(from, preset, given) : basename(resolve(options.out)));
  if (options.out === undefined && !NAME.test(name)) {
    throw outOfRange("options.name", "letters, digits, dots, dashes and underscores", name);
  }
  return {
    source: from,
    preset,
    recipe: basename(options.recipe ?? recommended?.source ?? from.name),
    revision: options.revision ?? "main",
    options: given,
    samples,
    extraArguments: extraArgumentsOf(options.extraArguments),
    name,
    dir: options.out === undefined ? join(modelsDir(env), name) : resolve(options.out),
  };
}

/** What the exporter's command line gets beside model and output. */
export function commandArguments({ options, samples, extraArguments }: ResolvedPreparation): string[] {
  const { task = "text-generation-with-past", dataset, ...others } = options;
  // The exporter's own parser knows names of data sets only; a file takes the place of one that is always allowed.
  const named = samples === null ? dataset : "auto";
  return [
    ...exportArguments({ ...others, task, ...(named === undefined ? {} : { dataset: named }) }),
    ...extraArguments,
  ];
}

function pickExportOptions(options: ExportOptions): ExportOptions {
  return Object.fromEntries(
    EXPORT_OPTIONS.flatMap(({ name }) =>
      options[name] === undefined ? [] : [[name, options[name]] as const],
    ),
  );
}

async function samplesFile(dataset: string | undefined): Promise<string | null> {
  if (dataset === undefined) return null;
  if (dataset === "bundled") return BUNDLED_SAMPLES;
  const path = resolve(dataset);
  const stats = await stat(path).catch(() => null);
  if (stats?.isFile() === true) {
    if (stats.size === 0) throw outOfRange("options.dataset", "a file with text in it", dataset);
    return path;
  }
  if (!isAbsolute(dataset) && !dataset.startsWith(".") && DATASETS.test(dataset) && !dataset.endsWith(".txt"))
    return null;
  throw new OpenVinoLlmError(
    "ERR_MODEL_NOT_FOUND",
    `Expected a text file or the name of a data set (bundled, auto, wikitext2, c4, c4-new, gsm8k) for options.dataset but received ` +
      `${describe(dataset)}, and no file is at ${path}.`,
  );
}

function extraArgumentsOf(value: unknown): readonly string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || !value.every((word): word is string => typeof word === "string")) {
    throw invalidArgType("options.extraArguments", "a list of strings", value);
  }
  return value;
}

/** "phi-4-mini-instruct-int4-g128-awq": what one would look for. */
function defaultName(
  source: PrepareSource,
  preset: PreparePresetName | null,
  options: ExportOptions,
): string {
  const isForAll = preset !== null && PREPARE_PRESETS[preset].source === undefined;
  if (preset !== null && !isForAll && source.kind === "hub") return preset;
  const { weightFormat, quantMode, groupSize, awq, scaleEstimation, gptq } = options;
  const parts = [
    source.name,
    isForAll ? preset : (weightFormat ?? quantMode),
    isFourBit(options) && groupSize !== undefined ? `g${groupSize}` : undefined,
    awq === true ? "awq" : undefined,
    scaleEstimation === true ? "se" : undefined,
    gptq === true ? "gptq" : undefined,
  ];
  return parts
    .filter((part) => part !== undefined)
    .join("-")
    .toLowerCase();
}
