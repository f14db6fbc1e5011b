import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LiveComparison } from "../../lib/against/live-comparison.js";
import { BenchCommand, newFolder } from "../helpers/bench-command.js";
import { startMockServer, steady, type MockServer } from "../helpers/mock-openai-server.mjs";
import { ALPHABET, chainModel } from "../../../../test/helpers/chain.js";

const TINY = "--levels 1,2 --input-len 8 --output-len 16 --budget 1s".split(" ");

let chain: string;
let bench: BenchCommand;
let server: MockServer;
beforeAll(async () => {
  chain = await chainModel({ text: ALPHABET, loop: true });
  bench = new BenchCommand();
  server = await startMockServer({ answer: (request) => steady(request, { ttftMs: 5, tpotMs: 1 }) });
});
afterAll(() => server.close());

describe("bench --against", () => {
  test("calls a model beside itself the same, and keeps the comparison", async () => {
    const folder = newFolder();
    // Its own default in so many words: two processes with the same settings.
    const args = [
      chain,
      ...TINY,
      "--against",
      "enablePrefixCaching=false",
      "--threshold",
      "50",
      "--out",
      folder,
    ];
    const { code, stdout, stderr } = await bench.run(...args);
    expect(stderr).toBe("A: chain. B: chain, enablePrefixCaching=false.\n");
    expect(stdout.trimEnd().split("\n").at(-1)).toBe("**same**: of 6 figures of B 6 same.");
    expect(code).toBe(0);
    expect(readFileSync(join(folder, "against.md"), "utf8")).toBe(stdout);
    const found = JSON.parse(readFileSync(join(folder, "against.json"), "utf8")) as LiveComparison;
    expect(found).toMatchObject({ schema: 1, verdict: "same", isBothLoaded: true });
    expect(found.blocks).toBeGreaterThanOrEqual(3);
    expect(found.sides.a.facts).toMatchObject({ engine: "batching", stamps: "engine" });
  });

  test("compares with a server, with the same token ids, and ends with 3 where that is slower", async () => {
    const load = "--levels 1 --input-len 8 --output-len 4 --budget 1s --prompts-per-concurrency 1".split(" ");
    const { code, stdout } = await bench.run(chain, ...load, "--against", server.url, "--json");
    const { verdict, sides, load: measured } = JSON.parse(stdout) as LiveComparison;
    expect([code, measured.stamps]).toEqual([verdict === "slower" ? 3 : 0, "delivered"]);
    expect(sides.b.facts).toMatchObject({ engine: "http", server: { prompts: "tokenIds" } });
  });

  test.each([
    [["--against", "maxNumSeq=4"], "--against: "],
    [["--against", "maxNumSeqs=4", "--serve"], "--serve"],
    [["--budget", "1m"], "no value without --against"],
    [["other", "--against", "maxNumSeqs=4"], "--against compares one model"],
  ])("refuses %j as wrong usage", async (args, message) => {
    const { code, stdout, stderr } = await bench.run(chain, ...args);
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });
});
