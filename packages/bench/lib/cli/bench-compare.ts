import { resolve } from "node:path";

import { InvalidArgumentError, type Command } from "commander";

import { EXIT_FAILURE, reportFailure, number } from "openvino-llm/internal";
import { comparisonMarkdown } from "../compare/compare-markdown.js";
import { compareBenchmarks } from "../compare/compare.js";
import type { BenchComparison, ComparedMetric } from "../compare/comparison.js";
import { readBenchFolder } from "../results/folder.js";

/** B is slower than A by more than the threshold. */
export const EXIT_SLOWER = 3;

/** The flags as the command line parser gives them. */
interface CompareFlags {
  readonly metric?: readonly ComparedMetric[];
  readonly threshold?: number;
  readonly json?: boolean;
}

/** Adds `bench compare`. The comparison goes to stdout. */
export function registerBenchCompare(bench: Command): void {
  bench
    .command("compare")
    .argument("<a>", "the folder of a benchmark: what was before")
    .argument("<b>", "another one, with the same load: what is now")
    .description("say whether benchmark B is faster or slower than benchmark A, level by level")
    .option("--metric <list>", "what to judge, of ttft, tpot, itl, e2el, throughput (default: all)", metrics)
    .option("--threshold <percent>", "from how much on a difference counts (default: 5)", threshold)
    .option("--json", "print the comparison as JSON")
    .addHelpText("after", EXIT_CODES)
    .action(compare);
}

const EXIT_CODES = `
Exit codes:
  0  nothing is shown to be slower: faster, same, or unclear
  1  a folder cannot be read, or the two cannot be compared
  2  wrong usage
  3  a figure of B is slower by more than the threshold`;

async function compare(a: string, b: string, flags: CompareFlags): Promise<void> {
  const comparison = await comparisonOf(a, b, flags);
  if (comparison === null) return;
  const text =
    flags.json === true ? `${JSON.stringify(comparison, null, 2)}\n` : comparisonMarkdown(comparison);
  process.stdout.write(text);
  if (comparison.verdict === "slower") process.exitCode = EXIT_SLOWER;
}

/** Null where it failed. The folders are data and not how the command was called, so that no error of theirs is a 2. */
async function comparisonOf(a: string, b: string, flags: CompareFlags): Promise<BenchComparison | null> {
  try {
    const [before, now] = [await readBenchFolder(resolve(a)), await readBenchFolder(resolve(b))];
    return compareBenchmarks(before, now, { metrics: flags.metric, thresholdPercent: flags.threshold });
  } catch (error) {
    reportFailure(error, process.stderr, process.env);
    process.exitCode = EXIT_FAILURE;
    return null;
  }
}

const METRICS: ReadonlyMap<string, ComparedMetric> = new Map([
  ["ttft", "ttftMs"],
  ["tpot", "tpotMs"],
  ["itl", "itlMs"],
  ["e2el", "e2elMs"],
  ["throughput", "outputThroughput"],
]);

function metrics(text: string): ComparedMetric[] {
  return text.split(",").map((name) => {
    const metric = METRICS.get(name.trim());
    if (metric === undefined) throw new InvalidArgumentError(`Expected ${[...METRICS.keys()].join(", ")}.`);
    return metric;
  });
}

function threshold(text: string): number {
  const percent = number(text);
  if (percent < 0) throw new InvalidArgumentError("Expected a number of percent, 0 or more.");
  return percent;
}
