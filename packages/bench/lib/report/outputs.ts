import { resultsCsv } from "./csv.js";
import type { BenchFolder } from "../results/folder.js";
import type { BenchData } from "../results/bench-data.js";
import { htmlReport } from "./html/report.js";
import { markdownReport } from "./report-markdown.js";
import { resultOf, summarize, type BenchSummary } from "../summary/summary.js";

/** A file that is made from the data. */
export interface DerivedFile {
  /** Its path in the folder: "report.md", "runs/….json". */
  readonly name: string;
  /** Everything in it. */
  readonly text: string;
}

/** The summary and the tables of a benchmark, as files. */
export function derivedFiles(data: BenchData, summary: BenchSummary = summarize(data)): DerivedFile[] {
  return [
    { name: "summary.json", text: `${JSON.stringify(summary, null, 2)}\n` },
    { name: "summary.csv", text: resultsCsv(summary.results) },
    { name: "report.md", text: markdownReport(summary) },
  ];
}

/** One file for each run, as `vllm bench serve --save-result --save-detailed` writes it. */
export function detailFiles(data: BenchData): DerivedFile[] {
  return data.runs.map((run) => ({
    name: `runs/${fileName(run.target)}-c${run.concurrency}-r${run.repeat}.json`,
    text: `${JSON.stringify(resultOf(run, data, true))}\n`,
  }));
}

/**
 * Makes all files of a folder anew from its data: summary, tables, `report.html`, and one file for each run. It keeps a CPU
 * busy for some seconds, so it is for the end of a benchmark and not for between two runs.
 */
export async function writeOutputs(folder: BenchFolder): Promise<BenchSummary> {
  const { data } = folder;
  const summary = summarize(data);
  const report = { name: "report.html", text: await htmlReport(data, summary) };
  for (const { name, text } of [...derivedFiles(data, summary), ...detailFiles(data), report]) {
    await folder.writeDerived(name, text);
  }
  return summary;
}

function fileName(label: string): string {
  return label.replaceAll(/[^\w.-]+/g, "-").replaceAll(/^-+|-+$/g, "");
}
