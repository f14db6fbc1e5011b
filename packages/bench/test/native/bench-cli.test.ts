import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { BenchCommand, newFolder, outcomeOf, summaryIn } from "../helpers/bench-command.js";
import { ALPHABET, chainModel } from "../../../../test/helpers/chain.js";

const TINY = "--levels 1,2 --input-len 8 --output-len 8 --num-prompts 4 --repeats 1".split(" ");

let chain: string;
let bench: BenchCommand;

beforeAll(async () => {
  chain = await chainModel();
  bench = new BenchCommand();
});

describe("bench", () => {
  test("measures a model and writes its folder; tables go to stdout, progress in plain lines to stderr", async () => {
    const folder = newFolder();
    const { code, stdout, stderr } = await bench.run(chain, ...TINY, "--out", folder);
    expect(stderr).toMatch(/^chain: engine batching, weights FP16, loaded in /m);
    expect(stderr).toMatch(
      /^chain, concurrency 2, repeat 1: [\d.,]+ tokens\/s, TTFT [\d.,]+ ms, TPOT [\d.,]+ ms$/m,
    );
    expect(stderr).not.toContain("\u001b");
    expect(stdout).toMatch(/^ +concurrency +tokens\/s +TTFT ms +TPOT ms +efficiency/m);
    expect(stdout).toContain("ok    failed-requests   None of 8 failed.");
    expect(stdout.trimEnd().endsWith(`Results: ${folder}`)).toBe(true);
    expect(code).toBe(0);
    expect(readdirSync(folder).sort()).toEqual([
      "report.html",
      "report.md",
      "requests.jsonl",
      "runs",
      "summary.csv",
      "summary.json",
    ]);
    expect(readdirSync(join(folder, "runs")).sort()).toEqual(["chain-c1-r1.json", "chain-c2-r1.json"]);
    expect(summaryIn(folder).options).toMatchObject({ levels: [1, 2], inputLength: 8, outputLength: 8 });
  });

  test("prints the summary and nothing else to stdout with --json", async () => {
    const folder = newFolder();
    const { code, stdout } = await bench.run(
      chain,
      ...TINY,
      "--engine",
      "pipeline",
      "--json",
      "--out",
      folder,
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual(summaryIn(folder));
  });

  test("with --dry-run prints the plan and how long it would take, and writes nothing", async () => {
    const folder = newFolder();
    const { code, stdout, stderr } = await bench.run(chain, ...TINY, "--dry-run", "--out", folder);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Lengths +8 tokens in, 8 out$|^ +Lengths +8 tokens in, 8 out$/m);
    expect(stdout).toMatch(/^About \d+ s for 2 runs, loading not counted\.$/m);
    expect(stderr).not.toContain("concurrency 1, repeat 1:");
    expect(existsSync(folder)).toBe(false);
  });

  test("keeps at Ctrl-C what is done, and goes on with --resume", async () => {
    const endless = await chainModel({ loop: true, text: ALPHABET, contextLength: 2 ** 20 });
    const folder = newFolder();
    // The first level ends in a moment, the second one only after minutes.
    const args = ["--levels", "1,2", "--input-len", "8", "--output-len", "4000", "--num-prompts", "1"];
    const child = bench.start(endless, ...args, "--repeats", "30", "--out", folder);
    let stderr = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
      if (stderr.includes("concurrency 1, repeat 1:")) child.kill("SIGINT");
    });
    const stopped = await outcomeOf(child);
    expect(stopped.code).toBe(130);
    expect(stopped.stdout).toMatch(/^\d+ runs of the plan left; go on with --resume\.$/m);
    const { results, runsLeft } = summaryIn(folder);
    expect(results.length).toBeGreaterThan(0);
    expect(results.length + runsLeft).toBe(60);

    const again = bench.start("--resume", folder);
    let more = "";
    again.stderr?.on("data", (chunk: Buffer) => {
      more += chunk.toString();
      if (/concurrency \d, repeat \d+:/.test(more)) again.kill("SIGINT");
    });
    expect((await outcomeOf(again)).code).toBe(130);
    const resumed = summaryIn(folder);
    expect(resumed.results.length).toBeGreaterThan(results.length);
    expect(resumed.results.slice(0, results.length)).toEqual(results);
    expect(resumed.environments).toHaveLength(2);
    expect(resumed.selfChecks.find(({ name }) => name === "distinct-prompts")?.status).toBe("ok");
  });

  test("does nothing more for a folder in which everything is done", async () => {
    const folder = newFolder();
    await bench.run(chain, ...TINY, "--out", folder);
    const before = summaryIn(folder);
    const { code, stderr } = await bench.run("--resume", folder);
    expect(code).toBe(0);
    expect(stderr).toBe("");
    expect(summaryIn(folder).results).toEqual(before.results);
  });

  test.each([
    [["--levels", "0"], "--levels[0]"],
    [["--levels", "a"], "Expected a whole number"],
    [["--resume", "/nowhere", "--levels", "1"], "Give the folder alone"],
    [["--resume", "/nowhere", "model"], "Give the folder alone"],
    [["--resume", "/nowhere"], "a folder with requests.jsonl"],
  ])("refuses %j as wrong usage", async (args, message) => {
    const { code, stdout, stderr } = await bench.run(...args);
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });

  test("reports a model that is not there before it writes anything", async () => {
    const folder = newFolder();
    const { code, stderr } = await bench.run("no-such-model", "--out", folder);
    expect(stderr).toContain("ERR_MODEL_NOT_FOUND");
    expect(code).toBe(1);
    expect(existsSync(folder)).toBe(false);
  });

  test("refuses a folder that has results already", async () => {
    const folder = newFolder();
    await bench.run(chain, ...TINY, "--out", folder);
    const { code, stderr } = await bench.run(chain, ...TINY, "--out", folder);
    expect(code).toBe(2);
    expect(stderr).toContain("a folder without a benchmark");
  });
});
