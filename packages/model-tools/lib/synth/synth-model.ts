import { join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";

import {
  missingIrFiles,
  isJsonObject,
  readJsonObject,
  MANIFEST_FILE,
  modelsDir,
} from "openvino-llm/internal";
import { checkDisk, checkMemory, exportNeeds } from "../prepare/needs.js";
import { givenOptions, type ExportOptions } from "../prepare/export-options.js";
import type { PrepareEvent } from "../prepare/prepare-options.js";
import { prepareModel } from "../prepare/prepare.js";
import { makeCheckpoint, planName, standInFacts, type CheckpointPlan } from "./checkpoint.js";
import { checkpointTensors, parameterCountOf } from "./checkpoint-tensors.js";
import type { GeometryName } from "./geometries.js";
import { checkpointBytes } from "./shards.js";
import { planOf, smallTokenizer, type SynthPlanOptions, type WeightsEvent } from "./synth-plan.js";

/** What the weights of a synthesised model can be stored as. */
export type SynthWeightFormat = "int4" | "int8" | "fp16";

/** What {@link synthModel} says while it works: what a preparation says, and how far the random weights are. */
export type SynthEvent = PrepareEvent | WeightsEvent;

/** How the weights are quantised. Where none but the format is given, Optimum takes its recipe for the real model. */
type Quantization = Pick<
  ExportOptions,
  "groupSize" | "groupSizeFallback" | "ratio" | "sym" | "backupPrecision" | "allLayers" | "awq"
>;

/** Options of {@link synthModel}. */
export interface SynthModelOptions extends Quantization, SynthPlanOptions {
  /** What the weights are stored as. */
  readonly weightFormat: SynthWeightFormat;
  /** The folder to make, in place of one in the cache. */
  readonly out?: string;
  /**
   * Keeps the checkpoint that the model is made from, in the cache. Default false: it goes with the last run that uses it,
   * unless another run has asked for it to be kept.
   */
  readonly keepCheckpoint?: boolean;
  /** Makes a model anew that is there already. Default false. */
  readonly overwrite?: boolean;
  /** Goes on where disk or memory seem too small. Default false. */
  readonly force?: boolean;
  /** Ends the work; nothing of it is left. */
  readonly signal?: AbortSignal;
  /** Receives progress. */
  readonly onEvent?: (event: SynthEvent) => void;
}

/** A model of real sizes and random weights, ready to be loaded. */
export interface SynthesizedModel {
  /** It says that the weights are random, and which part of the real model's layers they are. */
  readonly name: string;
  /** The folder with the OpenVINO IR, absolute. */
  readonly dir: string;
  /** The checkpoint it was made from, when it is kept; else null. */
  readonly checkpoint: string | null;
  /** False when it was there already, or another process made it meanwhile. */
  readonly isNew: boolean;
  /** Part of the real model's layers: above 0 to 1. */
  readonly layersShare: number;
}

const WEIGHT_FORMATS: readonly string[] = ["int4", "int8", "fp16"];

/**
 * Makes a model that has the sizes of a published one and random weights, for measurements where the real weights cannot
 * be had: speed, memory and scaling are those of the real model, texts mean nothing. Graph and quantisation are made by
 * the same exporter with the same recipe as the real model's ({@link prepareModel}).
 *
 * Runs of one model at the same time share its checkpoint, which the last of them takes away. Of runs that would make
 * the same model, one makes it and the others wait for that.
 *
 * @throws TypeError or RangeError naming the option.
 * @throws OpenVinoLlmError `ERR_DOWNLOAD` when the tokenizer or the exporter cannot be had; `ERR_MODEL_LOAD` when disk or
 * memory are too small, something else stands in the place, the checkpoint is deleted meanwhile, or the exporter fails.
 * @throws AbortError when the signal is aborted.
 */
export async function synthModel(
  geometry: GeometryName,
  options: SynthModelOptions,
): Promise<SynthesizedModel> {
  const plan = planOf(geometry, options, WEIGHT_FORMATS);
  const { weightFormat, keepCheckpoint = false, force = false, overwrite = false, signal, onEvent } = options;
  const quantization = { weightFormat, ...pickQuantization(options) };
  const name = synthName(plan, quantization);
  const dir = options.out === undefined ? join(modelsDir(), name) : resolve(options.out);
  const { layersShare } = standInFacts(plan);
  if (!overwrite && (await stands(dir, plan, quantization))) {
    return { name, dir, checkpoint: null, isNew: false, layersShare };
  }
  if (!force) await checkNeeds(dir, plan, quantization);

  const checkpoint = await makeCheckpoint(plan, {
    tokenizer: () => {
      onEvent?.({ type: "phase", phase: "weights" });
      return smallTokenizer();
    },
    force,
    signal,
    onWait: (holder) => onEvent?.({ type: "phase", phase: "wait", holder }),
    onProgress: ({ writtenBytes, totalBytes }) =>
      onEvent?.({ type: "progress", label: "random weights", fraction: writtenBytes / totalBytes }),
  });
  let [isNew, isKept] = [false, false];
  try {
    ({ isNew } = await prepareModel(checkpoint.dir, {
      ...quantization,
      recipe: plan.geometry.hubId,
      name,
      ...(options.out === undefined ? {} : { out: dir }),
      overwrite,
      force,
      ...(signal === undefined ? {} : { signal }),
      ...(onEvent === undefined ? {} : { onEvent }),
    }));
  } finally {
    isKept = await checkpoint.release(keepCheckpoint ? "keep" : "remove");
  }
  return { name, dir, checkpoint: isKept ? checkpoint.dir : null, isNew, layersShare };
}

/** The name of a synthesised model: what it is like, that it is random, and its precision. */
export function synthName(plan: CheckpointPlan, options: ExportOptions): string {
  const { groupSize, sym, ratio, weightFormat } = options;
  const parts = [
    planName(plan),
    ...(sym === true ? ["sym"] : []),
    ...(groupSize === undefined ? [] : [groupSize === -1 ? "channel" : `g${groupSize}`]),
    ...(ratio === undefined || ratio === 1 ? [] : [`r${ratio}`]),
    weightFormat,
  ];
  return parts.join("-");
}

const QUANTIZATION_KEYS = [
  "groupSize",
  "groupSizeFallback",
  "ratio",
  "sym",
  "backupPrecision",
  "allLayers",
  "awq",
] as const satisfies readonly (keyof Quantization)[];

function pickQuantization(options: SynthModelOptions): Quantization {
  const given = QUANTIZATION_KEYS.filter((key) => options[key] !== undefined);
  return Object.fromEntries(given.map((key) => [key, options[key]]));
}

/** Both the checkpoint and the export are judged before anything is written. */
async function checkNeeds(dir: string, plan: CheckpointPlan, options: ExportOptions): Promise<void> {
  const tensors = checkpointTensors(plan.geometry, plan.layers);
  const loadedBytes = checkpointBytes(tensors);
  const isMoe = plan.geometry.sizes.experts > 0;
  const needs = exportNeeds({ parameters: parameterCountOf(tensors), loadedBytes, isMoe }, options);
  const what = `${plan.layers} layers of ${plan.geometry.name}`;
  await checkDisk(dir, loadedBytes + needs.diskBytes, what);
  checkMemory(needs.memoryBytes, `the export of ${what}`);
}

/** Whether the model of this plan is there already. */
async function stands(dir: string, plan: CheckpointPlan, options: ExportOptions): Promise<boolean> {
  const manifest = await readJsonObject(join(dir, MANIFEST_FILE)).catch(() => null);
  if (manifest === null || (await missingIrFiles(dir)).length > 0) return false;
  const { options: made } = isJsonObject(manifest["preparation"]) ? manifest["preparation"] : {};
  const facts: Readonly<Record<string, unknown>> = standInFacts(plan);
  const isPlanned = Object.entries(facts).every(([key, value]) => isDeepStrictEqual(manifest[key], value));
  return isPlanned && isDeepStrictEqual(made, givenOptions(options));
}
