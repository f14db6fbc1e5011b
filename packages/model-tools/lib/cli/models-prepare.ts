import type { Command } from "commander";
import { Option } from "commander";

import {
  duration,
  formatBytes,
  holderText,
  integer,
  invalidArgType,
  number,
  printable,
} from "openvino-llm/internal";
import { EXPORT_OPTIONS, type ExportOption, type ExportOptions } from "../prepare/export-options.js";
import type { PrepareEvent, PrepareModelOptions, PreparePhase } from "../prepare/prepare-options.js";
import { prepareModel, type PreparedModel } from "../prepare/prepare.js";
import { PREPARE_PRESET_NAMES } from "../prepare/presets.js";
import { prepareForThisCpu, type ModelForThisCpu } from "./for-this-cpu.js";
import { makeModel } from "./make-model.js";

/** What commander makes of the flags: the exporter's options, and ours. */
type PrepareFlags = ExportOptions &
  Pick<PrepareModelOptions, "preset" | "recipe" | "revision" | "name" | "out" | "overwrite" | "force"> & {
    readonly verbose?: boolean;
    readonly forThisCpu?: boolean;
    /** In milliseconds. */
    readonly budget?: number;
  };

/** In messages, options go by their flags. */
const FLAG_NAMES: Readonly<Record<string, string>> = Object.fromEntries([
  ...EXPORT_OPTIONS.map((option) => [option.name, flagOf(option)] as const),
  ...["preset", "recipe", "revision", "name", "out"].map((name) => [name, `--${name}`] as const),
  ["extraArguments", "what stands after --"],
]);

const PHASE_NAMES: Readonly<Record<PreparePhase, string>> = {
  wait: "Waiting for another process that makes the same",
  environment: "Making the Python environment (once; 3 GB to download, 6.5 GB stay)",
  download: "Downloading the checkpoint",
  checkpoint: "Making a checkpoint of the GGUF file",
  dataset: "Getting the data set",
  load: "Loading the checkpoint",
  convert: "Converting to OpenVINO IR",
  quantise: "Quantising the weights",
  tokenizer: "Converting the tokenizer",
  finish: "Writing the manifest",
};

/** What does not go with the making of every format. */
const BESIDE_FORMATS = ["preset", "name", "out", "recipe", "revision", "overwrite", "force"] as const;

/** Adds `models prepare`. The model's folder goes to stdout, everything else to stderr; errors go up. */
export function registerModelsPrepare(models: Command): void {
  const command = models
    .command("prepare")
    .argument("[source]", "a model on the hub (owner/name), a checkpoint folder or a .gguf file")
    .argument("[exporter...]", "after --: further arguments of optimum-cli export openvino")
    .description("convert and quantise a model with Optimum Intel, print its folder")
    .addOption(
      new Option("--preset <name>", "a published recipe; its model is the default source").choices([
        ...PREPARE_PRESET_NAMES,
      ]),
    );
  for (const option of EXPORT_OPTIONS) command.addOption(commanderOption(option));
  command
    .option("--recipe <id>", "the model whose own recipe the exporter takes where no option says how")
    .option("--revision <name>", "branch, tag or commit on the hub (main)")
    .option("--name <name>", "name in the cache")
    .option("--out <folder>", "the folder to make, in place of one in the cache")
    .option("--overwrite", "make a model anew that is there already")
    .option("--force", "go on where disk or memory seem too small")
    .option("--verbose", "print what the tools say")
    .addOption(
      new Option(
        "--for-this-cpu",
        "make and measure every weight format here, and give the recommended one (openvino-llm-bench)",
      ).conflicts([...EXPORT_OPTIONS.map(({ name }) => name), ...BESIDE_FORMATS]),
    )
    .option(
      "--budget <time>",
      "with --for-this-cpu: time for measuring, e.g. 30m (default: 5m for each format)",
      duration,
    )
    .action((source: string | undefined, exporter: string[], flags: PrepareFlags) =>
      prepare(source, exporter, flags),
    );
}

function commanderOption(option: ExportOption): Option {
  const { kind, choices, help } = option;
  const made = new Option(
    kind === "flag" ? flagOf(option) : `${flagOf(option)} <${kind === "text" ? "value" : "n"}>`,
    help,
  );
  if (choices !== undefined) return made.choices([...choices]);
  if (kind === "integer") return made.argParser(integer);
  return kind === "number" ? made.argParser(number) : made;
}

/** The exporter writes one of its flags with an underscore. */
function flagOf({ flag }: ExportOption): string {
  return flag.replaceAll("_", "-");
}

async function prepare(source: string | undefined, exporter: string[], flags: PrepareFlags): Promise<void> {
  const { verbose = false, forThisCpu = false, budget, ...options } = flags;
  if (forThisCpu) return prepareRecommended(source, budget);
  if (budget !== undefined) throw invalidArgType("--budget", "no value without --for-this-cpu", budget);
  // Without a source, the first word after -- stands in its place.
  const isWord = source?.startsWith("-") === true;
  const extraArguments = isWord ? [source, ...exporter] : exporter;
  const display = new PrepareDisplay(verbose);
  await makeModel({ display, flagNames: FLAG_NAMES, summaryOf }, (signal) =>
    prepareModel(isWord ? undefined : source, {
      ...options,
      extraArguments,
      signal,
      onEvent: (event) => display.show(event),
    }),
  );
}

/** Measures for as long as a tuning takes. */
async function prepareRecommended(source: string | undefined, budgetMs: number | undefined): Promise<void> {
  if (source === undefined) {
    throw invalidArgType("source", "a model on the hub, a checkpoint folder or a .gguf file", source);
  }
  const display = { end: () => undefined };
  await makeModel(
    { display, flagNames: FLAG_NAMES, summaryOf: ({ report }: ModelForThisCpu) => report },
    (signal) =>
      prepareForThisCpu(source, {
        budgetMs,
        signal,
        onStep: (line) => process.stderr.write(`${printable(line)}\n`),
      }),
  );
}

function summaryOf({ name, isNew, manifest }: PreparedModel): string {
  const { files = [], preparation, weights } = manifest;
  const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const parts = [
    formatBytes(bytes),
    ...(preparation === undefined
      ? []
      : [
          `made in ${Math.round(preparation.seconds)} s`,
          `${formatBytes(preparation.peakMemoryBytes)} of memory at most`,
        ]),
    ...(weights === "random" ? ["random weights"] : []),
  ];
  return `${name} ${isNew ? "is ready" : "was there already"}: ${parts.join(", ")}`;
}

/** Shows on stderr where a preparation is: on a terminal in one line that is drawn again, elsewhere as plain lines. */
export class PrepareDisplay {
  readonly #out: NodeJS.WriteStream;
  readonly #isVerbose: boolean;
  #phase: PreparePhase | null = null;
  #title = "";
  #phaseStartMs = 0;
  #progress = "";
  #timer: NodeJS.Timeout | null = null;
  #isDrawn = false;

  constructor(isVerbose: boolean, out: NodeJS.WriteStream = process.stderr) {
    this.#isVerbose = isVerbose;
    this.#out = out;
  }

  /** Takes an event of the preparation. */
  show(event: PrepareEvent): void {
    switch (event.type) {
      case "needs":
        return this.#line(
          `Needs about ${formatBytes(event.diskBytes)} of disk (${formatBytes(event.freeDiskBytes)} free) and ` +
            `${formatBytes(event.memoryBytes)} of memory (${formatBytes(event.freeMemoryBytes)} free)`,
        );
      case "phase":
        return this.#begin(event);
      case "progress":
        this.#progress = `${printable(event.label)} ${Math.floor(event.fraction * 100)} %`;
        return this.#draw();
      case "log":
        return this.#isVerbose ? this.#line(`  ${printable(event.line)}`) : undefined;
    }
  }

  /** Ends the last phase and takes away what is drawn. */
  end(): void {
    this.#endPhase();
    this.#clear();
  }

  #begin({ phase, holder }: Extract<PrepareEvent, { readonly type: "phase" }>): void {
    // The tools come back to a part that they have begun.
    if (phase === this.#phase) return;
    this.#endPhase();
    this.#phase = phase;
    this.#title = `${PHASE_NAMES[phase]}${holder === undefined ? "" : ` (${holderText(holder)})`}`;
    this.#phaseStartMs = performance.now();
    if (!this.#out.isTTY) return this.#line(this.#title);
    this.#timer = setInterval(() => this.#draw(), 250).unref();
    this.#draw();
  }

  #endPhase(): void {
    const phase = this.#phase;
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#progress = "";
    this.#phase = null;
    if (phase !== null && this.#out.isTTY) this.#line(`${this.#title}: ${this.#seconds()} s`);
  }

  #seconds(): number {
    return Math.round((performance.now() - this.#phaseStartMs) / 1000);
  }

  #line(text: string): void {
    this.#clear();
    this.#out.write(`${text}\n`);
    this.#draw();
  }

  #draw(): void {
    if (!this.#out.isTTY || this.#phase === null) return;
    const parts = [this.#title, this.#progress, `${this.#seconds()} s`];
    const text = parts.filter((part) => part !== "").join("  ");
    this.#out.write(`\r\u001b[K${text.slice(0, Math.max(0, this.#out.columns - 1))}`);
    this.#isDrawn = true;
  }

  #clear(): void {
    if (this.#isDrawn) this.#out.write("\r\u001b[K");
    this.#isDrawn = false;
  }
}
