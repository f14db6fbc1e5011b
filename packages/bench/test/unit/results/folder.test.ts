import { appendFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { BenchFolder, readBenchFolder, REQUESTS_FILE } from "../../../lib/results/folder.js";
import type { BenchData } from "../../../lib/results/bench-data.js";
import { writeOutputs } from "../../../lib/report/outputs.js";
import { runsLeft } from "../../../lib/results/store.js";
import { summarize, type BenchSummary } from "../../../lib/summary/summary.js";
import { dataOf, ENVIRONMENT, factsOf, runOf } from "../sample-data.js";

const root = mkdtempSync(join(tmpdir(), "openvino-llm-test-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const newPath = () => join(mkdtempSync(join(root, "t-")), "results");

/** A folder with the first runs of a plan. */
async function folderWith(data: BenchData, runs = data.runs.length): Promise<BenchFolder> {
  const folder = await BenchFolder.create(newPath(), data.plan, ENVIRONMENT);
  for (const facts of data.targets) await folder.addTarget(facts);
  for (const run of data.runs.slice(0, runs)) await folder.addRun(run);
  return folder;
}

const textOf = (folder: BenchFolder, file = REQUESTS_FILE) => readFileSync(join(folder.path, file), "utf8");

describe("BenchFolder", () => {
  it("reads back what was written", async () => {
    const data = dataOf({ requestRate: 3, properties: { INFERENCE_NUM_THREADS: 2 } }, { models: ["a", "b"] });
    const folder = await folderWith(data);
    const read = await readBenchFolder(folder.path);
    expect(read).toEqual({ ...data, created: folder.data.created });
    expect(read).toEqual(folder.data);
  });

  it("gives the same summary from the files as from memory", async () => {
    const folder = await folderWith(dataOf({ levels: [1, 2, 8] }, { models: ["phi-int4", "phi-int8"] }));
    const written = await writeOutputs(folder);
    expect(summarize(await readBenchFolder(folder.path))).toEqual(written);
    const parsed = JSON.parse(textOf(folder, "summary.json")) as BenchSummary;
    expect(parsed).toEqual(JSON.parse(JSON.stringify(written)));
  });

  it("writes a summary, a table and a report, and a file for each run in vLLM's form", async () => {
    const folder = await folderWith(dataOf({ levels: [2], repeats: 1 }));
    const { results } = await writeOutputs(folder);
    expect(readdirSync(folder.path).sort()).toEqual([
      "report.html",
      "report.md",
      "requests.jsonl",
      "runs",
      "summary.csv",
      "summary.json",
    ]);
    const run = JSON.parse(textOf(folder, "runs/model-c2-r1.json")) as Record<string, unknown>;
    expect(run).toMatchObject(JSON.parse(JSON.stringify(results[0])) as object);
    expect(run["itls"]).toHaveLength(32);
    expect(textOf(folder, "summary.csv").split("\r\n")).toHaveLength(3);
  });

  it("is never written over", async () => {
    const folder = await folderWith(dataOf());
    const before = textOf(folder);
    const { plan } = folder.data;
    await expect(BenchFolder.create(folder.path, plan, ENVIRONMENT)).rejects.toThrow(RangeError);
    expect(textOf(folder)).toBe(before);
  });

  it("goes on where it was left: what is done is kept, what was begun is done again", async () => {
    const data = dataOf();
    const folder = await folderWith(data, 2);
    const third = data.runs[2]!;
    const [request] = third.requests;
    const key = { target: third.target, concurrency: third.concurrency, repeat: third.repeat };
    appendFileSync(
      join(folder.path, REQUESTS_FILE),
      `${JSON.stringify({ record: "request", ...key, ...request })}\n{"record":"requ`,
    );
    expect((await readBenchFolder(folder.path)).runs).toEqual(data.runs.slice(0, 2));

    const later = { ...ENVIRONMENT, date: "2026-02-01T00:00:00.000Z" };
    const resumed = await BenchFolder.resume(folder.path, later);
    expect(resumed.data.runs).toEqual(data.runs.slice(0, 2));
    expect(resumed.data.environments).toEqual([ENVIRONMENT, later]);
    expect(resumed.data.plan).toEqual(data.plan);
    expect(runsLeft(resumed.data)).toEqual(data.plan.runs.slice(2));
    await resumed.addTarget(factsOf("model", { loadMs: 7 }));
    for (const run of data.runs.slice(2)) await resumed.addRun(run);

    const read = await readBenchFolder(folder.path);
    expect(read.runs).toEqual(data.runs);
    expect(read.targets).toEqual([factsOf("model", { loadMs: 7 })]);
    expect(read).toEqual(resumed.data);
    expect(runsLeft(read)).toEqual([]);
  });

  it("counts no request of another run", async () => {
    const data = dataOf({ levels: [1], repeats: 2 });
    const folder = await folderWith(data, 0);
    const [first, second] = data.plan.runs.map((run) => runOf(run));
    const stray = { record: "request", target: "model", concurrency: 1, repeat: 2, ...second!.requests[0] };
    appendFileSync(join(folder.path, REQUESTS_FILE), `${JSON.stringify(stray)}\n`);
    await folder.addRun(first!);
    expect((await readBenchFolder(folder.path)).runs).toEqual([first]);
  });

  it.each([
    ["nothing", null, "a folder with requests.jsonl"],
    ["an empty file", "", "a benchmark of schema 1 in the first line"],
    ["another file of lines", '{"a":1}\n', "a benchmark of schema 1 in the first line"],
    ["a later schema", '{"record":"benchmark","schema":2}\n', "received 2"],
    ["no JSON", "what\n", "a JSON object for line 1 of"],
  ])("refuses a folder with %s", async (_, text, message) => {
    const path = mkdtempSync(join(root, "t-"));
    if (text !== null) writeFileSync(join(path, REQUESTS_FILE), text);
    await expect(readBenchFolder(path)).rejects.toThrow(message);
    await expect(BenchFolder.resume(path, ENVIRONMENT)).rejects.toBeInstanceOf(RangeError);
  });
});
