/** The flags of `bench --against`, and what its text stands for. */
import { InvalidArgumentError, type Command } from "commander";

import { duration, inFlags, integer, invalidArgType, number } from "openvino-llm/internal";
import type { LiveOptions, LiveSide } from "../against/live-comparison.js";
import { nameOf } from "../plan/plan.js";
import type { BenchOptions } from "../plan/bench-options.js";
import { resolveBenchOptions } from "../plan/resolve-bench-options.js";
import { jsonOrText } from "./bench-flag-values.js";
import type { BenchFlags } from "./bench-flags.js";

/** The flags as the command line parser gives them. */
export interface AgainstFlags extends BenchFlags {
  readonly against?: string;
  /** In milliseconds. */
  readonly budget?: number;
  readonly threshold?: number;
}

/** Adds the flags to a command. */
export function addAgainstFlags(command: Command): Command {
  return command
    .option(
      "--against <what>",
      "compare in turns (A B B A) with other settings (KV_CACHE_PRECISION=u8,maxNumSeqs=4,engine=pipeline), another model, or a server's address; exit code 3: slower",
    )
    .option("--budget <time>", "with --against: time for it, e.g. 90s, 10m (default: 10m)", duration)
    .option(
      "--threshold <percent>",
      "with --against: from how much on a difference counts (default: 5)",
      percent,
    );
}

/** What has an effect beside --against alone. */
export function checkWithoutAgainst({ budget, threshold }: AgainstFlags): void {
  for (const [flag, value] of Object.entries({ "--budget": budget, "--threshold": threshold })) {
    if (value !== undefined) throw invalidArgType(flag, "no value without --against", value);
  }
}

/** What has no meaning beside --against. */
export function checkBesideAgainst(flags: AgainstFlags): void {
  const { resume, dryRun, serve, isaCompare, inProcess } = flags;
  const idle = {
    "--resume": resume,
    "--dry-run": dryRun,
    "--serve": serve,
    "--isa-compare": isaCompare,
    "--in-process": inProcess,
  };
  for (const [flag, value] of Object.entries(idle)) {
    if (value !== undefined) throw invalidArgType(flag, "no value with --against", value);
  }
}

/** How long and how strictly; `--repeats` are the blocks at most. */
export function liveOptionsOf({ budget, threshold, repeats }: AgainstFlags): LiveOptions {
  if (repeats !== undefined && repeats < 3) {
    throw invalidArgType("--repeats", "3 or more with --against", repeats, "They are mirrored blocks.");
  }
  return { budgetMs: budget, thresholdPercent: threshold, mostBlocks: repeats };
}

/** Whether `--against` names a server. */
export function isAddress(text: string): boolean {
  return /^https?:\/\//i.test(text);
}

/**
 * The other side, where it is no server: the model with other settings, or another model with the same ones. Settings stand
 * in the forms of the flags: an OpenVINO property in capitals, an option of the benchmark (`engine`, `device`, `threads`,
 * `profile`, `performance-hint`, `prompt-lookup`), else one of the scheduler.
 *
 * @throws TypeError, RangeError naming --against
 */
export function otherSide(text: string, model: string, options: BenchOptions): LiveSide {
  if (!/^[\w-]+=/.test(text)) return { name: nameOf(text), model: text, options };
  let changed = options;
  // A comma may be part of a value; what begins another setting is not.
  for (const part of text.split(/,(?=\s*[\w-]+=)/)) {
    const at = part.indexOf("=");
    changed = withSetting(changed, part.slice(0, at).trim(), part.slice(at + 1).trim());
  }
  try {
    resolveBenchOptions(changed);
  } catch (error) {
    if (error instanceof Error) {
      error.message = `--against: ${inFlags(error.message.replaceAll("options.", ""), {})}`;
    }
    throw error;
  }
  return { name: `${nameOf(model)}, ${text}`, model, options: changed };
}

function withSetting(options: BenchOptions, name: string, text: string): BenchOptions {
  const { properties, scheduler } = options;
  if (/^[A-Z][A-Z0-9_]*$/.test(name)) return { ...options, properties: { ...properties, [name]: text } };
  const key = name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  if (key === "threads")
    return { ...options, properties: { ...properties, INFERENCE_NUM_THREADS: integer(text) } };
  if (key === "promptLookup") return { ...options, promptLookup: jsonOrText(text) as boolean };
  if (OPTIONS.has(key)) return { ...options, [key]: text };
  return { ...options, scheduler: { ...scheduler, [key]: jsonOrText(text) } };
}

const OPTIONS: ReadonlySet<string> = new Set(["engine", "device", "profile", "performanceHint"]);

function percent(text: string): number {
  const value = number(text);
  if (value < 0) throw new InvalidArgumentError("Expected a number of percent, 0 or more.");
  return value;
}
