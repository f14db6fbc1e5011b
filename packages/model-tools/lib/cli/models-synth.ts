import { Option, type Command } from "commander";

import { integer, number, outOfRange, startProgress, type Progress } from "openvino-llm/internal";
import { EXPORT_OPTIONS } from "../prepare/export-options.js";
import { GEOMETRIES, type GeometryName } from "../synth/geometries.js";
import { GGUF_WEIGHT_FORMATS, synthGguf, type SynthGgufOptions } from "../synth/synth-gguf.js";
import {
  synthModel,
  type SynthEvent,
  type SynthesizedModel,
  type SynthModelOptions,
} from "../synth/synth-model.js";
import { makeModel } from "./make-model.js";
import { PrepareDisplay } from "./models-prepare.js";

interface SynthFlags extends Omit<SynthModelOptions, "signal" | "onEvent" | "weightFormat"> {
  readonly weightFormat: SynthModelOptions["weightFormat"] | SynthGgufOptions["weightFormat"];
  readonly verbose?: boolean;
}

/** Those that a GGUF file has too. */
const GGUF_FLAGS: ReadonlySet<string> = new Set(["weightFormat", "layers", "seed", "out", "force"]);

/** In messages, options go by their flags. */
const FLAG_NAMES: Readonly<Record<string, string>> = {
  weightFormat: "--weight-format",
  layers: "--layers",
  seed: "--seed",
  groupSize: "--group-size",
  groupSizeFallback: "--group-size-fallback",
  ratio: "--ratio",
  backupPrecision: "--backup-precision",
  allLayers: "--all-layers",
  keepCheckpoint: "--keep-checkpoint",
};

/** Adds `models synth`. The model's folder goes to stdout, everything else to stderr; errors go up. */
export function registerSynth(models: Command): void {
  models
    .command("synth")
    .argument("<model>", `whose sizes to take: ${[...GEOMETRIES.keys()].join(", ")}`)
    .description("make a model of a published one's sizes with random weights, print where it is")
    .addOption(
      new Option("--weight-format <format>", "what the weights are stored as; q4_0, q8_0: in a GGUF file")
        .choices(["int4", "int8", "fp16", ...GGUF_WEIGHT_FORMATS])
        .makeOptionMandatory(),
    )
    .option("--layers <n>", "layers to make (all; of gpt-oss-20b 3 of 24)", integer)
    .option("--seed <n>", "what the weights are made from (0)", integer)
    .option("--group-size <n>", "weights that share a scale, -1: a scale for each row", integer)
    .addOption(new Option("--group-size-fallback <how>").choices(choicesOf("groupSizeFallback")))
    .option("--ratio <share>", "share of the layers in 4 bits", number)
    .option("--sym", "quantise symmetrically")
    .addOption(new Option("--backup-precision <type>").choices(choicesOf("backupPrecision")))
    .option("--all-layers", "the embedding and the last layer in 4 bits too")
    .option("--awq", "activation-aware weight quantisation without data")
    .option("--out <path>", "the folder (of GGUF: the file) to make, in place of one in the cache")
    .option("--keep-checkpoint", "keep the checkpoint that the model is made from, in the cache")
    .option("--overwrite", "make a model anew that is there already")
    .option("--force", "go on where disk or memory seem too small")
    .option("--verbose", "print what the tools say")
    .action(synth);
}

function choicesOf(name: "groupSizeFallback" | "backupPrecision"): string[] {
  const option = EXPORT_OPTIONS.find((one) => one.name === name);
  return option !== undefined && "choices" in option ? [...option.choices] : [];
}

async function synth(name: GeometryName, flags: SynthFlags): Promise<void> {
  const { verbose = false, weightFormat, ...options } = flags;
  const display = new SynthDisplay(verbose);
  const onEvent = (event: SynthEvent) => display.show(event);
  await makeModel({ display, flagNames: FLAG_NAMES, summaryOf }, async (signal) => {
    if (weightFormat !== "q4_0" && weightFormat !== "q8_0") {
      return synthModel(name, { ...options, weightFormat, signal, onEvent });
    }
    const other = Object.entries(options).find(([name]) => !GGUF_FLAGS.has(name));
    if (other !== undefined)
      throw outOfRange(`options.${other[0]}`, `no value with ${weightFormat}`, other[1]);
    const { path, ...made } = await synthGguf(name, { ...options, weightFormat, signal, onEvent });
    return { ...made, dir: path, checkpoint: null };
  });
}

function summaryOf({ name, isNew, layersShare, checkpoint }: SynthesizedModel): string {
  const part = layersShare === 1 ? "" : `, ${(layersShare * 100).toFixed(1)} % of the real model's layers`;
  const kept = checkpoint === null ? "" : `\nThe checkpoint is kept: ${checkpoint}`;
  return `${name} ${isNew ? "is ready" : "was there already"}: random weights${part}${kept}`;
}

/** Shows how the random weights come, then how the preparation does. */
class SynthDisplay {
  readonly #preparation: PrepareDisplay;
  #weights: Progress | null = null;

  constructor(isVerbose: boolean) {
    this.#preparation = new PrepareDisplay(isVerbose);
  }

  show(event: SynthEvent): void {
    if (event.type === "phase" && event.phase === "weights") {
      this.#preparation.end();
      this.#weights = startProgress("Writing random weights");
      return;
    }
    if (event.type !== "progress") this.#endWeights();
    this.#preparation.show(event);
  }

  end(): void {
    this.#endWeights();
    this.#preparation.end();
  }

  #endWeights(): void {
    this.#weights?.stop();
    this.#weights = null;
  }
}
