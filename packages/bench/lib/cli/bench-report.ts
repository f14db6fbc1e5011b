import { resolve } from "node:path";

import type { Command } from "commander";

import { BenchFolder } from "../results/folder.js";
import { writeOutputs } from "../report/outputs.js";

/** Adds `bench report`. What was written goes to stdout. */
export function registerBenchReport(bench: Command): void {
  bench
    .command("report")
    .argument("<folder>", "the folder of a benchmark, finished or not")
    .description("make the report and the other files of a benchmark anew from its requests.jsonl")
    .action(report);
}

async function report(path: string): Promise<void> {
  const folder = await BenchFolder.open(resolve(path));
  const { runsLeft } = await writeOutputs(folder);
  const left = runsLeft === 0 ? "" : ` (runs of the plan left: ${runsLeft})`;
  process.stdout.write(`Results: ${folder.path}${left}\n`);
}
