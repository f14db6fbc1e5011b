import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { BenchFolder } from "../../../lib/results/folder.js";
import { derivedFiles, detailFiles, writeOutputs } from "../../../lib/report/outputs.js";
import { dataOf } from "../sample-data.js";

const root = mkdtempSync(join(tmpdir(), "openvino-llm-outputs-"));
afterAll(() => rmSync(root, { recursive: true }));

describe("writeOutputs", () => {
  it("makes every file from the data, again and again the same", async () => {
    const data = dataOf({ levels: [2], repeats: 1 });
    const folder = await BenchFolder.create(join(root, "a"), data.plan, data.environments[0]!);
    for (const run of data.runs) await folder.addRun(run);
    await writeOutputs(folder);
    const names = [
      "report.html",
      "report.md",
      "requests.jsonl",
      "runs/model-c2-r1.json",
      "summary.csv",
      "summary.json",
    ];
    const texts = () => names.map((name) => readFileSync(join(folder.path, name), "utf8"));
    const before = texts();
    expect(readdirSync(folder.path).sort()).toEqual([...names.slice(0, 3), "runs", ...names.slice(4)]);
    await writeOutputs(await BenchFolder.open(folder.path));
    expect(texts()).toEqual(before);
  });

  it("names files without what a file system would not take", () => {
    const data = dataOf({ levels: [1], repeats: 1 }, { models: ["a b?c"] });
    expect(detailFiles(data).map(({ name }) => name)).toEqual(["runs/a-b-c-c1-r1.json"]);
    expect(derivedFiles(data).map(({ name }) => name)).toEqual(["summary.json", "summary.csv", "report.md"]);
  });
});
