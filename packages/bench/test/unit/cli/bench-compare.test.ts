import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { BenchComparison } from "../../../lib/compare/comparison.js";
import { BenchFolder } from "../../../lib/results/folder.js";
import type { BenchData } from "../../../lib/results/bench-data.js";
import type { BenchOptions } from "../../../lib/plan/bench-options.js";
import { registerBench } from "../../../lib/cli/bench.js";
import { dataOf, ENVIRONMENT, runOf } from "../sample-data.js";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "openvino-llm-compare-"));
});

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
  rmSync(root, { recursive: true });
});

async function folderOf(name: string, data: BenchData): Promise<string> {
  const folder = await BenchFolder.create(join(root, name), data.plan, ENVIRONMENT);
  for (const facts of data.targets) await folder.addTarget(facts);
  for (const run of data.runs) await folder.addRun(run);
  return folder.path;
}

function measured(name: string, tpotMs: number, options: BenchOptions = {}): Promise<string> {
  const runs = ({ runs: planned }: BenchData["plan"]) => planned.map((run) => runOf(run, { tpotMs }));
  return folderOf(name, dataOf({ repeats: 3, numPrompts: 8, ...options }, { runs }));
}

/** The command line as main.ts builds it, in this process. */
async function run(...args: string[]): Promise<{ stdout: string; stderr: string; code: unknown }> {
  let [stdout, stderr] = ["", ""];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => (stdout += String(text)) !== "");
  vi.spyOn(process.stderr, "write").mockImplementation((text) => (stderr += String(text)) !== "");
  const program = new Command("openvino-llm")
    .helpOption("-h, --help", "print what a command takes")
    .helpCommand("help [command]", "print what a command takes")
    .exitOverride();
  registerBench(program);
  let code: unknown;
  try {
    await program.parseAsync(["bench", ...args], { from: "user" });
    code = process.exitCode ?? 0;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    code = error.exitCode === 0 ? 0 : "usage";
  } finally {
    vi.restoreAllMocks();
  }
  return { stdout, stderr, code };
}

describe("bench compare", () => {
  test("prints a table and exits with 3 where something is slower", async () => {
    const { stdout, stderr, code } = await run("compare", await measured("a", 10), await measured("b", 12));
    expect(code).toBe(3);
    expect(stdout).toContain("| 2 | TPOT, ms | 10.0 (n 24) | 12.0 (n 24) | 1.200 |");
    expect(stdout).toContain("**slower**: ");
    expect(stderr).toBe("");
  });

  test("exits with 0 where nothing is slower: same, faster, or what was not asked for", async () => {
    const [a, b] = [await measured("a", 10), await measured("b", 12)];
    const same = await run("compare", a, a);
    expect([same.code, /\*\*same\*\*/.test(same.stdout)]).toEqual([0, true]);
    const faster = await run("compare", b, a);
    expect([faster.code, /\*\*faster\*\*/.test(faster.stdout)]).toEqual([0, true]);
    const ttft = await run("compare", a, b, "--metric", "ttft");
    expect([ttft.code, ttft.stdout.includes("TPOT, ms")]).toEqual([0, false]);
    const lenient = await run("compare", a, b, "--metric", "tpot,itl", "--threshold", "25");
    expect(lenient.code).toBe(0);
  });

  test("takes flags that bench has too for its own", async () => {
    const [a, b] = [await measured("a", 10), await measured("b", 12)];
    const { stdout, code } = await run("compare", a, b, "--json", "--metric", "tpot,throughput");
    const comparison = JSON.parse(stdout) as BenchComparison;
    expect(comparison).toMatchObject({ schema: 1, verdict: "slower", thresholdPercent: 5 });
    expect(comparison.levels[0]?.metrics.map(({ metric }) => metric)).toEqual(["tpotMs", "outputThroughput"]);
    expect(code).toBe(3);
    expect((await run("compare", "--json", a, a)).stdout).toMatch(/^\{/);
  });

  test("exits with 1 where a folder has no benchmark, or a broken one", async () => {
    const a = await measured("a", 10);
    const missing = await run("compare", a, join(root, "nowhere"));
    expect([missing.code, missing.stdout]).toEqual([1, ""]);
    expect(missing.stderr).toContain("a folder with requests.jsonl");
    writeFileSync(join(a, "requests.jsonl"), "no JSON\n");
    const broken = await run("compare", a, a);
    expect([broken.code, broken.stdout]).toEqual([1, ""]);
    expect(broken.stderr).toContain("line 1 of ");
  });

  test("exits with 1 and the reason where the two cannot be compared", async () => {
    const { code, stderr } = await run(
      "compare",
      await measured("a", 10),
      await measured("b", 10, { inputLength: 32 }),
    );
    expect(code).toBe(1);
    expect(stderr).toContain("cannot be compared: inputLength is 16 in A and 32 in B.");
  });

  test.each([
    [["compare"]],
    [["compare", "a"]],
    [["compare", "a", "b", "c"]],
    [["compare", "a", "b", "--metric", "latency"]],
    [["compare", "a", "b", "--threshold", "-1"]],
    [["compare", "a", "b", "--threshold", "x"]],
    [["compare", "a", "b", "--quick"]],
  ])("refuses %j", async (args) => {
    expect((await run(...args)).code).toBe("usage");
  });

  test("says its exit codes in its help", async () => {
    const { stdout, code } = await run("compare", "--help");
    expect(code).toBe(0);
    expect(stdout).toMatch(/Exit codes:\n {2}0 {2}nothing is shown to be slower/);
    expect(stdout).toMatch(/ {2}3 {2}a figure of B is slower/);
  });
});

describe("bench", () => {
  test("still takes models and its own flags, in any order", async () => {
    const plan = (...args: string[]) => {
      let seen: unknown;
      const program = new Command();
      registerBench(program);
      const [bench] = program.commands;
      bench?.action((models: string[], flags: object) => {
        seen = { models, flags };
      });
      program.parse(["bench", ...args], { from: "user" });
      return seen;
    };
    expect(plan("phi", "--json", "gemma", "--levels", "1,2")).toEqual({
      models: ["phi", "gemma"],
      flags: { json: true, levels: [1, 2], kernels: true },
    });
    expect(plan("--json", "phi", "compare")).toMatchObject({ models: ["phi", "compare"] });
    expect(plan("./compare")).toMatchObject({ models: ["./compare"] });
    expect(plan()).toMatchObject({ models: [] });
  });
});
