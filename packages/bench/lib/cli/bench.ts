import { resolve } from "node:path";

import type { Command } from "commander";

import { AbortError } from "openvino-llm";
import { resolveModel } from "openvino-llm/models";
import {
  DEFAULT_MODEL,
  EXIT_FAILURE,
  EXIT_INTERRUPTED,
  EXIT_USAGE,
  StopWatch,
  styleFor,
} from "openvino-llm/internal";
import { captureEnvironment } from "../results/environment.js";
import { BenchFolder } from "../results/folder.js";
import type { ProbeResult } from "../run/forecast.js";
import { writeOutputs } from "../report/outputs.js";
import { targetOpener } from "../http/open-http-target.js";
import { servedModelNames } from "../http/read-server.js";
import { resolveBenchOptions } from "../plan/resolve-bench-options.js";
import type { BenchOptions } from "../plan/bench-options.js";
import { planBench, type BenchPlan } from "../plan/plan.js";
import { runBench } from "../run/run-bench.js";
import { MemoryStore, type BenchStore } from "../results/store.js";
import type { BenchSummary } from "../summary/summary.js";
import { registerBenchCompare } from "./bench-compare.js";
import { registerBenchReport } from "./bench-report.js";
import { registerCapacity } from "./capacity.js";
import { registerTune } from "./tune.js";
import { addAgainstFlags, checkWithoutAgainst, type AgainstFlags } from "./against-flags.js";
import { benchAgainst } from "./bench-against.js";
import { addBenchFlags, benchOptionsOf, httpHeaders, type BenchFlags } from "./bench-flags.js";
import { BenchDisplay } from "./bench-display.js";
import { planLines, summaryLines } from "./bench-lines.js";
import { timeStamp } from "./time-stamp.js";

/** Adds `bench`, for openvino-llm's command. */
export function registerBench(program: Command): void {
  // The program splits the command line first, so it must know of positions too.
  program.enablePositionalOptions();
  makeBench(
    program
      .command("bench")
      .description(
        "measure models on this machine: time to first token, time per token, throughput, by load",
      ),
  );
}

/**
 * Makes a command the benchmark. The results go to stdout, everything else to stderr; the exit code is 1 when a self-check
 * failed.
 */
export function makeBench(command: Command): void {
  // Without this, flags after "compare" that bench has too, such as --json, would be taken for its own.
  command.enablePositionalOptions();
  command.argument(
    "[models...]",
    `folders with OpenVINO IR, .gguf files or names in the cache (default: ${DEFAULT_MODEL}); ` +
      "with --http what the server calls them (default: its first one)",
  );
  addAgainstFlags(addBenchFlags(command)).action((models: string[], flags: AgainstFlags) =>
    bench(command, models, flags),
  );
  registerBenchCompare(command);
  registerBenchReport(command);
  registerTune(command);
  registerCapacity(command);
}

async function bench(command: Command, models: readonly string[], flags: AgainstFlags): Promise<void> {
  if (flags.against !== undefined) {
    if (models.length > 1) {
      command.error("error: --against compares one model. Give one, and the other after --against.", {
        exitCode: EXIT_USAGE,
      });
    }
    const given = models.length === 0 ? await defaultModels(benchOptionsOf(flags), flags) : models;
    return benchAgainst(given[0] ?? DEFAULT_MODEL, flags.against, flags);
  }
  checkWithoutAgainst(flags);
  if (flags.resume !== undefined) return resumeBench(command, flags, flags.resume);
  const options = benchOptionsOf(flags);
  const plan = planBench(models.length === 0 ? await defaultModels(options, flags) : models, options);
  // A misspelt name is reported before anything is loaded or written.
  for (const { model, http } of plan.targets) if (!http) await resolveModel(model);
  const environment = await captureEnvironment();
  if (flags.dryRun === true) return dryRun(new MemoryStore(plan, environment), plan, flags);
  const path = resolve(flags.out ?? `openvino-llm-bench-${timeStamp(new Date())}`);
  await measure(await BenchFolder.create(path, plan, environment), flags);
}

/** The first model that the server lists, or the one that this machine has for a start. */
async function defaultModels(options: BenchOptions, flags: BenchFlags): Promise<string[]> {
  const { http } = resolveBenchOptions(options);
  if (http === null || http.inProcess) return [DEFAULT_MODEL];
  return (await servedModelNames(http.url, { headers: httpHeaders(flags, process.env) })).slice(0, 1);
}

async function resumeBench(command: Command, flags: BenchFlags, folder: string): Promise<void> {
  const others = command.options
    .map((option) => option.attributeName())
    .filter((name) => !OF_THIS_CALL.has(name) && command.getOptionValueSource(name) === "cli");
  if (others.length > 0 || command.args.length > 0) {
    command.error("error: --resume takes models and options from the folder. Give the folder alone.", {
      exitCode: EXIT_USAGE,
    });
  }
  await measure(await BenchFolder.resume(resolve(folder), await captureEnvironment()), flags);
}

/** Flags that may stand beside --resume: what they say is not part of a plan. */
const OF_THIS_CALL: ReadonlySet<string> = new Set(["resume", "json", "header", "kernels"]);

async function measure(folder: BenchFolder, flags: BenchFlags): Promise<void> {
  let isWhole: boolean;
  try {
    isWhole = await work(folder, flags);
  } catch (error) {
    // What was measured is reported all the same; that it could not be would hide why the work ended.
    if (folder.data.runs.length > 0) await writeOutputs(folder).catch(() => undefined);
    throw error;
  }
  const summary = await writeOutputs(folder);
  report(summary, folder.path, flags);
  if (!isWhole) process.exitCode = EXIT_INTERRUPTED;
  else if (summary.selfChecks.some(({ status }) => status === "fail")) process.exitCode = EXIT_FAILURE;
}

async function dryRun(store: BenchStore, plan: BenchPlan, flags: BenchFlags): Promise<void> {
  const probes: ProbeResult[] = [];
  const isWhole = await work(store, flags, probes);
  if (!isWhole) process.exitCode = EXIT_INTERRUPTED;
  else process.stdout.write(`${planLines(plan, probes, styleFor(process.stdout)).join("\n")}\n`);
}

/** False where it was interrupted. With `probes` nothing but probing is done. */
async function work(store: BenchStore, flags: BenchFlags, probes?: ProbeResult[]): Promise<boolean> {
  const watch = new StopWatch();
  const display = new BenchDisplay(store.data.plan.options.repeats);
  const open = targetOpener({ headers: httpHeaders(flags, process.env) });
  try {
    const options = {
      open,
      signal: watch.signal,
      dryRun: probes !== undefined,
      profile: probes === undefined && flags.kernels !== false,
    };
    for await (const event of runBench(store, options)) {
      display.show(event);
      if (event.type === "probed") probes?.push(event.probe);
    }
    return true;
  } catch (error) {
    if (error instanceof AbortError && watch.reason !== null) return false;
    throw error;
  } finally {
    display.end();
    watch[Symbol.dispose]();
  }
}

function report(summary: BenchSummary, path: string, { json }: BenchFlags): void {
  if (json === true) {
    process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
    return;
  }
  const lines = summaryLines(summary, styleFor(process.stdout));
  process.stdout.write(`${[...lines, "", `Results: ${path}`].join("\n")}\n`);
}
