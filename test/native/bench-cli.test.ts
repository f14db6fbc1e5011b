import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import type { BenchSummary } from "../../lib/bench/index.js";
import { locateRuntime } from "../../lib/runtime/locate.js";
import { ALPHABET, chainModel, temporaryFolder } from "../helpers/chain.js";

/** The built command line, as a user runs it. */
const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const TINY = "--levels 1,2 --input-len 8 --output-len 8 --num-prompts 4 --repeats 1".split(" ");

interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

let chain: string;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  chain = await chainModel();
  environment = {
    ...process.env,
    OPENVINO_LLM_RUNTIME: locateRuntime().dir,
    OPENVINO_LLM_CACHE: temporaryFolder(),
  };
});

function start(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [MAIN, "bench", ...args], { env: environment });
}

async function outcomeOf(child: ChildProcess): Promise<Outcome> {
  const outcome: Outcome = { code: null, stdout: "", stderr: "" };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (outcome.stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (outcome.stderr += text));
  child.stdin?.end();
  const [code] = (await once(child, "close")) as [number | null];
  return { ...outcome, code };
}

const run = (...args: string[]) => outcomeOf(start(args));
const newFolder = () => join(temporaryFolder(), "results");
const summaryOf = (folder: string) => JSON.parse(readFileSync(join(folder, "summary.json"), "utf8")) as BenchSummary;

describe("bench", () => {
  test("measures a model and writes its folder; tables go to stdout, progress in plain lines to stderr", async () => {
    const folder = newFolder();
    const { code, stdout, stderr } = await run(chain, ...TINY, "--out", folder);
    expect(stderr).toMatch(/^chain: engine batching, weights FP16, loaded in /m);
    expect(stderr).toMatch(/^chain, concurrency 2, repeat 1: [\d.,]+ tokens\/s, TTFT [\d.,]+ ms, TPOT [\d.,]+ ms$/m);
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
    expect(summaryOf(folder).options).toMatchObject({ levels: [1, 2], inputLength: 8, outputLength: 8 });
  });

  test("prints the summary and nothing else to stdout with --json", async () => {
    const folder = newFolder();
    const { code, stdout } = await run(chain, ...TINY, "--engine", "pipeline", "--json", "--out", folder);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual(summaryOf(folder));
  });

  test("with --dry-run prints the plan and how long it would take, and writes nothing", async () => {
    const folder = newFolder();
    const { code, stdout, stderr } = await run(chain, ...TINY, "--dry-run", "--out", folder);
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
    const child = start([endless, ...args, "--repeats", "30", "--out", folder]);
    let heard = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      heard += chunk.toString();
      if (heard.includes("concurrency 1, repeat 1:")) child.kill("SIGINT");
    });
    const stopped = await outcomeOf(child);
    expect(stopped.code).toBe(130);
    expect(stopped.stdout).toMatch(/^\d+ runs of the plan left; go on with --resume\.$/m);
    const { results, runsLeft } = summaryOf(folder);
    expect(results.length).toBeGreaterThan(0);
    expect(results.length + runsLeft).toBe(60);

    const again = start(["--resume", folder]);
    let more = "";
    again.stderr?.on("data", (chunk: Buffer) => {
      more += chunk.toString();
      if (/concurrency \d, repeat \d+:/.test(more)) again.kill("SIGINT");
    });
    expect((await outcomeOf(again)).code).toBe(130);
    const resumed = summaryOf(folder);
    expect(resumed.results.length).toBeGreaterThan(results.length);
    expect(resumed.results.slice(0, results.length)).toEqual(results);
    expect(resumed.environments).toHaveLength(2);
    expect(resumed.selfChecks.find(({ name }) => name === "distinct-prompts")?.status).toBe("ok");
  });

  test("does nothing more for a folder in which everything is done", async () => {
    const folder = newFolder();
    await run(chain, ...TINY, "--out", folder);
    const before = summaryOf(folder);
    const { code, stderr } = await run("--resume", folder);
    expect(code).toBe(0);
    expect(stderr).toBe("");
    expect(summaryOf(folder).results).toEqual(before.results);
  });

  test.each([
    [["--levels", "0"], "--levels[0]"],
    [["--levels", "a"], "Expected a whole number"],
    [["--resume", "/nowhere", "--levels", "1"], "Give the folder alone"],
    [["--resume", "/nowhere", "model"], "Give the folder alone"],
    [["--resume", "/nowhere"], "a folder with requests.jsonl"],
  ])("refuses %j as wrong usage", async (args, message) => {
    const { code, stdout, stderr } = await run(...args);
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });

  test("tells of a model that is not there before it writes anything", async () => {
    const folder = newFolder();
    const { code, stderr } = await run("no-such-model", "--out", folder);
    expect(stderr).toContain("ERR_MODEL_NOT_FOUND");
    expect(code).toBe(1);
    expect(existsSync(folder)).toBe(false);
  });

  test("refuses a folder that has results already", async () => {
    const folder = newFolder();
    await run(chain, ...TINY, "--out", folder);
    const { code, stderr } = await run(chain, ...TINY, "--out", folder);
    expect(code).toBe(2);
    expect(stderr).toContain("a folder without a benchmark");
  });
});
