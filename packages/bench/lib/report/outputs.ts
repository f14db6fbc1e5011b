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

/** The files that are made in no time; each can be made again from the data whenever it is wanted. */
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
 * Makes the files of a folder anew.
 *
 * @param detail - whether to make those that are large, one for each run, and `report.html`, whose charts keep a CPU busy
 *   for some seconds. Default false, which is what fits between two runs.
 */
export async function writeOutputs(
  folder: BenchFolder,
  { detail = false }: { readonly detail?: boolean } = {},
): Promise<BenchSummary> {
  const summary = summarize(folder.data);
  const files = [...derivedFiles(folder.data, summary), ...(detail ? detailFiles(folder.data) : [])];
  for (const { name, text } of files) await folder.writeDerived(name, text);
  if (detail) await folder.writeDerived("report.html", await htmlReport(folder.data, summary));
  return summary;
}

function fileName(label: string): string {
  return label.replaceAll(/[^\w.-]+/g, "-").replaceAll(/^-+|-+$/g, "");
}
