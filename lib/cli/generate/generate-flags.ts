/** The flags of `generate`, those that it shares with `chat`, and what they are called in the library. */
import { Option, type Command } from "commander";

import type { ChatMessage } from "../../prompt/input.js";
import type { GenerationOptions } from "../../options/generation-options.js";
import { validateGenerationOptions } from "../../options/validate-generation-options.js";
import type { Properties } from "../../options/properties.js";
import type { PerformanceHint } from "../../profiles/performance-hints.js";
import { DEFAULT_MODEL } from "../default-model.js";
import { inFlags, integer, number, pair, repeated } from "../terminal/flag-values.js";

/** About 400 words. A model may go on up to its context, which takes many minutes and which nobody waits for by accident. */
export const DEFAULT_MAX_NEW_TOKENS = 512;

/** Flags about the answer. */
export interface AnswerFlags {
  readonly maxNewTokens: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly seed?: number;
  readonly stop?: readonly string[];
  readonly raw?: boolean;
}

/** Flags about what runs the model. */
export interface EngineFlags {
  readonly device: string;
  readonly threads?: number;
  readonly property?: readonly (readonly [string, string])[];
  readonly profile?: string;
  readonly performanceHint?: PerformanceHint;
  readonly warmup?: boolean;
}

/** The flags as the command line parser gives them. */
export interface GenerateFlags extends AnswerFlags, EngineFlags {
  readonly model: string;
  readonly system?: string;
  readonly json?: boolean;
  readonly stats?: boolean;
}

/** Adds the flags to a command. */
export function addGenerateFlags(command: Command): Command {
  command.option(
    "-m, --model <path|name>",
    "folder with OpenVINO IR, .gguf file or name in the cache",
    DEFAULT_MODEL,
  );
  addAnswerFlags(command)
    .addOption(new Option("--system <text>", "a system message before the prompt").conflicts("raw"))
    .option("--raw", "take the prompt as it is, without the model's chat template");
  return addEngineFlags(command, "generate two tokens before the measured answer")
    .option("--stats", "print latency figures, a chart and the instruction sets to stderr")
    .option("--json", "print the whole result as JSON to stdout, nothing else");
}

/** Adds those about the answer. */
export function addAnswerFlags(command: Command): Command {
  return command
    .option("-n, --max-new-tokens <n>", "tokens to generate at most", integer, DEFAULT_MAX_NEW_TOKENS)
    .option("-t, --temperature <n>", "0: the likeliest token each time; above 0: sampling", number)
    .option("--top-p <n>", "sample from the likeliest tokens that reach this probability together", number)
    .option("--top-k <n>", "sample from this many likeliest tokens", integer)
    .option("--seed <n>", "seed of sampling", integer)
    .option("--stop <string>", "end the answer where this appears; can be repeated", repeated(String));
}

/** Adds those about what runs the model. */
export function addEngineFlags(command: Command, warmup: string): Command {
  const engine = command
    .option("--device <name>", "OpenVINO device", "CPU")
    .option("--threads <n>", "threads of inference (default: OpenVINO's choice)", integer)
    .option(
      "--property <NAME=VALUE>",
      "an OpenVINO property, e.g. INFERENCE_PRECISION_HINT=f32; can be repeated",
      repeated(pair),
    );
  return addProfileFlags(engine).option("--warmup", warmup).option("--no-warmup", "do not (default)");
}

/** Adds those about settings that measuring found; they give way to `--property` and `--threads`. */
export function addProfileFlags(command: Command): Command {
  return command
    .option("--profile <file|auto>", "settings that bench tune found; auto: those for this CPU and model")
    .addOption(
      new Option(
        "--performance-hint <name>",
        "properties by CPU and format of the weights, for one request or for many",
      ).choices(["latency", "throughput"]),
    );
}

/**
 * The library's options. Checked here too, as far as that is possible without the model: loading it takes seconds.
 *
 * @throws TypeError, RangeError naming the flag
 */
export function generationOptionsOf(flags: AnswerFlags): GenerationOptions {
  const options: GenerationOptions = {
    maxNewTokens: flags.maxNewTokens,
    temperature: flags.temperature,
    topP: flags.topP,
    topK: flags.topK,
    rngSeed: flags.seed,
    stopStrings: flags.stop,
    applyChatTemplate: flags.raw === true ? false : undefined,
  };
  try {
    return validateGenerationOptions(options, { vocabSize: null, engine: "pipeline" });
  } catch (error) {
    if (error instanceof Error) error.message = inFlags(error.message, FLAG_NAMES);
    throw error;
  }
}

/** The prompt as the library takes it: alone, or after a system message. */
export function inputOf(prompt: string, flags: GenerateFlags): string | ChatMessage[] {
  if (flags.system === undefined) return prompt;
  return [
    { role: "system", content: flags.system },
    { role: "user", content: prompt },
  ];
}

/** OpenVINO's properties; one that is given by name wins over `--threads`. */
export function propertiesOf(flags: Pick<EngineFlags, "property" | "threads">): Properties {
  const threads = flags.threads === undefined ? {} : { INFERENCE_NUM_THREADS: flags.threads };
  return { ...threads, ...Object.fromEntries(flags.property ?? []) };
}

const FLAG_NAMES: Readonly<Record<string, string>> = {
  maxNewTokens: "--max-new-tokens",
  temperature: "--temperature",
  topP: "--top-p",
  topK: "--top-k",
  rngSeed: "--seed",
  stopStrings: "--stop",
  applyChatTemplate: "--raw",
};
