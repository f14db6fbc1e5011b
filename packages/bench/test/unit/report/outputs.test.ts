import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { BenchFolder } from "../../../lib/results/folder.js";
import { derivedFiles, detailFiles, writeOutputs } from "../../../lib/report/outputs.js";
import { dataOf } from "../sample-data.js";

const root = mkdtempSync(join(tmpdir(), "openvino-llm-outputs-"));
afterAll(() => rmSync(root, { recursive: true }));

describe("writeOutputs", () => {
  it("writes between two runs what takes no time, and the report with charts at the end", async () => {
    const data = dataOf({ levels: [2], repeats: 1 });
    const folder = await BenchFolder.create(join(root, "a"), data.plan, data.environments[0]!);
    await writeOutputs(folder);
    const quick = ["report.md", "requests.jsonl", "summary.csv", "summary.json"];
    expect(readdirSync(folder.path).sort()).toEqual(quick);
    for (const run of data.runs) await folder.addRun(run);
    await writeOutputs(folder, { detail: true });
    expect(readdirSync(folder.path).sort()).toEqual([
      "report.html",
      ...quick.slice(0, 2),
      "runs",
      ...quick.slice(2),
    ]);
  });

  it("names files without what a file system would not take", () => {
    const data = dataOf({ levels: [1], repeats: 1 }, { models: ["a b?c"] });
    expect(detailFiles(data).map(({ name }) => name)).toEqual(["runs/a-b-c-c1-r1.json"]);
    expect(derivedFiles(data).map(({ name }) => name)).toEqual(["summary.json", "summary.csv", "report.md"]);
  });
});
