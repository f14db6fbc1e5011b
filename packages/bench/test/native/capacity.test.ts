import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CapacityReport } from "../../lib/capacity/capacity-report.js";
import { BenchCommand, newFolder, outcomeOf } from "../helpers/bench-command.js";
import { startMockServer, steady, type MockServer } from "../helpers/mock-openai-server.mjs";
import { ALPHABET, chainModel } from "../../../../test/helpers/chain.js";

// An hour for a token: whatever the machine is doing, everything is kept.
const LENIENT = "--slo ttft=3600000,tpot=3600000 --share 0.5 --input-len 8 --output-len 8".split(" ");

let chain: string;
let bench: BenchCommand;
let server: MockServer;
beforeAll(async () => {
  chain = await chainModel({ text: ALPHABET, loop: true });
  bench = new BenchCommand();
  server = await startMockServer({ answer: (request) => steady(request, { ttftMs: 1, tpotMs: 1 }) });
});
afterAll(() => server.close());

function reportIn(folder: string): CapacityReport {
  return JSON.parse(readFileSync(join(folder, "capacity.json"), "utf8")) as CapacityReport;
}

describe("bench capacity", () => {
  test("finds that all users up to the most are served, and writes its folder", async () => {
    const folder = newFolder();
    const args = [chain, ...LENIENT, "--max-users", "2", "--budget", "1h", "--out", folder];
    const { code, stdout, stderr } = await bench.run("capacity", ...args);
    expect(stderr).toContain("2 at once: 8 of 8 requests within the service levels\n");
    expect(stderr).toMatch(/^2 at once: \d+ of \d+ requests within the service levels: kept$/m);
    expect(stdout).toContain("This machine serves 2 users within 3,600 s and 3,600 s (50 % of the requests");
    expect(stdout.trimEnd().endsWith(`Results: ${folder}`)).toBe(true);
    expect(code).toBe(0);
    const { users, rate, target } = reportIn(folder);
    expect(users).toMatchObject({ highest: 2, failing: null, end: "decided" });
    expect(rate?.points.length).toBeGreaterThan(0);
    expect(target).toMatchObject({ engine: "batching", label: "chain" });
    expect(readFileSync(join(folder, "report.html"), "utf8")).toContain("This machine serves 2 users");
  });

  test("finds that a server serves nobody within a microsecond", async () => {
    const folder = newFolder();
    const args = ["--http", server.url, "--slo", "e2el=0.001", "--output-len", "2", "--budget", "1m"];
    const { code, stdout } = await bench.run("capacity", ...args, "--out", folder, "--json");
    expect(code).toBe(0);
    const report = JSON.parse(stdout) as CapacityReport;
    expect(report).toEqual(reportIn(folder));
    expect(report.users).toMatchObject({ highest: 0, failing: 1, end: "decided" });
    expect(report.rate).toMatchObject({ highest: 0, end: "decided" });
    expect(report.target.server).toMatchObject({ url: `${server.url}/v1` });
  });

  test("keeps what is found at Ctrl-C", async () => {
    const folder = newFolder();
    const child = bench.start("capacity", chain, ...LENIENT, "--share", "0.999999", "--out", folder);
    let stderr = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
      if (stderr.includes("2 at once: ")) child.kill("SIGINT");
    });
    const { code, stdout } = await outcomeOf(child);
    expect(code).toBe(130);
    expect(stdout).toContain("is not shown to serve 1 user");
    expect(reportIn(folder)).toMatchObject({ users: { highest: 0, end: "interrupted" }, rate: null });
  });

  test.each([
    [["--share", "1"], "--share"],
    [["--slo", "ttft=0"], "--slo"],
    [["--levels", "1"], "--levels"],
  ])("refuses %j as wrong usage", async (args, message) => {
    const { code, stdout, stderr } = await bench.run("capacity", chain, ...args);
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });
});
