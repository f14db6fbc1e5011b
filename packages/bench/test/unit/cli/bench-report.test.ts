import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import { registerBench } from "../../../lib/cli/bench.js";
import { BenchFolder } from "../../../lib/results/folder.js";
import type { BenchSummary } from "../../../lib/summary/summary.js";
import { dataOf, ENVIRONMENT } from "../sample-data.js";

const root = mkdtempSync(join(tmpdir(), "openvino-llm-report-command-"));
afterEach(() => vi.restoreAllMocks());
afterAll(() => rmSync(root, { recursive: true }));

async function report(folder: string): Promise<string> {
  let stdout = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => (stdout += String(text)) !== "");
  const program = new Command("openvino-llm").exitOverride();
  registerBench(program);
  await program.parseAsync(["bench", "report", folder], { from: "user" });
  return stdout;
}

test("bench report makes all files of an unfinished folder, and leaves what was measured as it is", async () => {
  const data = dataOf({ levels: [1], repeats: 2 });
  const folder = await BenchFolder.create(join(root, "a"), data.plan, ENVIRONMENT);
  await folder.addRun(data.runs[0]!);
  const measured = readFileSync(join(folder.path, "requests.jsonl"), "utf8");
  expect(await report(folder.path)).toBe(`Results: ${folder.path} (runs of the plan left: 1)\n`);
  expect(readdirSync(folder.path).sort()).toEqual([
    "report.html",
    "report.md",
    "requests.jsonl",
    "runs",
    "summary.csv",
    "summary.json",
  ]);
  expect(readFileSync(join(folder.path, "requests.jsonl"), "utf8")).toBe(measured);
  const summary = JSON.parse(readFileSync(join(folder.path, "summary.json"), "utf8")) as BenchSummary;
  expect(summary.environments).toEqual([ENVIRONMENT]);
});

test("bench report of a folder without a benchmark says what it expected", async () => {
  await expect(report(root)).rejects.toThrow(/a folder with requests\.jsonl/);
});
