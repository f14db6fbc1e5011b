/** `bench capacity`: how many users a model serves here. The report goes to stdout, everything else to stderr. */
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

import { Command } from "commander";

import { AbortError } from "openvino-llm";
import { resolveModel } from "openvino-llm/models";
import {
  DEFAULT_MODEL,
  duration,
  EXIT_INTERRUPTED,
  formatSeconds,
  inFlags,
  integer,
  number,
  startProgress,
  StopWatch,
  writing,
} from "openvino-llm/internal";
import { capacityHtml } from "../capacity/capacity-html.js";
import type { CapacityOptions, CapacityReport } from "../capacity/capacity-report.js";
import { capacityLine, capacityMarkdown } from "../capacity/capacity-text.js";
import { benchOptionsOf as checkedOptions, findCapacity } from "../capacity/find-capacity.js";
import type { CapacityEvent } from "../capacity/search-capacity.js";
import { targetOpener } from "../http/open-http-target.js";
import { servedModelNames } from "../http/read-server.js";
import { resolveHttpOptions } from "../plan/http-options.js";
import { addBenchFlags, benchOptionsOf, httpHeaders, type BenchFlags } from "./bench-flags.js";
import { DrawnLine } from "./drawn-line.js";
import { timeStamp } from "./time-stamp.js";

/** The flags as the command line parser gives them. */
interface CapacityFlags extends BenchFlags {
  readonly share?: number;
  /** In milliseconds. */
  readonly budget?: number;
  readonly maxUsers?: number;
}

/** Flags of `bench` that say what is measured and how it is loaded. */
const OF_BENCH: ReadonlySet<string> = new Set([
  "--input-len",
  "--output-len",
  "--range-ratio",
  "--seed",
  "--slo",
  "--dataset",
  "--engine",
  "--scheduler",
  "--device",
  "--threads",
  "--property",
  "--profile",
  "--performance-hint",
  "--http",
  "--endpoint",
  "--served-model-name",
  "--header",
  "--out",
  "--json",
]);

/** Adds `bench capacity`. */
export function registerCapacity(bench: Command): void {
  const command = bench
    .command("capacity")
    .argument(
      "[model]",
      `a folder with OpenVINO IR, a .gguf file or a name in the cache (default: ${DEFAULT_MODEL}); with --http what the server calls it`,
    )
    .description(
      "find how many users, and how many requests per second, a model serves within service levels",
    );
  for (const option of addBenchFlags(new Command()).options) {
    if (OF_BENCH.has(option.long ?? "")) command.addOption(option);
  }
  command
    .option(
      "--share <part>",
      "part of the requests that has to keep the service levels (default: 0.99)",
      number,
    )
    .option("--budget <time>", "time for everything, e.g. 90s, 10m, 1h (default: 20m)", duration)
    .option("--max-users <n>", "users at most (default: 1024)", integer)
    .action((model: string | undefined, flags: CapacityFlags) => capacity(model, flags));
}

async function capacity(given: string | undefined, flags: CapacityFlags): Promise<void> {
  const options = capacityOptionsOf(flags);
  const headers = httpHeaders(flags, process.env);
  const { http } = options;
  const served =
    http === undefined || given !== undefined
      ? []
      : await servedModelNames(resolveHttpOptions(http, "--http").url, { headers });
  const model = given ?? served[0] ?? DEFAULT_MODEL;
  // A misspelt name is reported before anything is loaded.
  if (http === undefined) await resolveModel(model);
  const report = await searched(model, options, headers);
  if (report === null) return;
  const folder = resolve(flags.out ?? `openvino-llm-capacity-${timeStamp(new Date())}`);
  const text = capacityMarkdown(report);
  const json = `${JSON.stringify(report, null, 2)}\n`;
  await keep(folder, {
    "capacity.json": json,
    "report.md": text,
    "report.html": await capacityHtml(report),
  });
  const lines = `${text}\n${capacityLine(report)}\nResults: ${folder}\n`;
  process.stdout.write(flags.json === true ? json : lines);
  const isStopped = [report.users, report.rate].some((curve) => curve?.end === "interrupted");
  if (isStopped) process.exitCode = EXIT_INTERRUPTED;
}

/** Null where it was interrupted before anything could be measured. */
async function searched(
  model: string,
  options: CapacityOptions,
  headers: Record<string, string>,
): Promise<CapacityReport | null> {
  const watch = new StopWatch();
  const shown = new DrawnLine(process.stderr);
  const open = targetOpener({ headers });
  const loading = startProgress(`Loading ${model}`, process.stderr);
  try {
    return await findCapacity(model, options, {
      open: async (...what) => {
        const opened = await open(...what);
        loading.stop();
        return opened;
      },
      signal: watch.signal,
      onEvent: (event) => (event.type === "request" ? shown.draw(lineOf(event)) : shown.line(lineOf(event))),
    });
  } catch (error) {
    if (!(error instanceof AbortError) || watch.reason === null) throw error;
    process.exitCode = EXIT_INTERRUPTED;
    return null;
  } finally {
    loading.stop();
    shown.end();
    watch[Symbol.dispose]();
  }
}

/** The library's options, checked. */
function capacityOptionsOf(flags: CapacityFlags): CapacityOptions {
  const { levels: _levels, ...all } = benchOptionsOf(flags);
  const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  const options: CapacityOptions = {
    ...given,
    share: flags.share,
    budgetMs: flags.budget,
    maxUsers: flags.maxUsers,
  };
  try {
    checkedOptions(options);
    return options;
  } catch (error) {
    if (error instanceof Error) error.message = inFlags(error.message, FLAG_NAMES);
    throw error;
  }
}

const FLAG_NAMES: Readonly<Record<string, string>> = {
  share: "--share",
  budgetMs: "--budget",
  maxUsers: "--max-users",
  serviceLevels: "--slo",
};

const STATES = { holds: "kept", fails: "missed", open: "not decided" } as const;

function lineOf({ type, kind, load, requests, good, state, remainingMs }: CapacityEvent): string {
  const what = kind === "users" ? `${load} at once` : `${load} per second`;
  const shown = type === "decided" ? `: ${STATES[state]}` : "";
  const left = type === "request" ? `, ${formatSeconds(remainingMs)} left` : "";
  return `${what}: ${good} of ${requests} requests within the service levels${shown}${left}`;
}

async function keep(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await writing({ folder, purpose: "keep the report", elsewhere: "for it (--out)" }, async () => {
    await mkdir(folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  });
}
