import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { BenchCommand, newFolder, outcomeOf, summaryIn } from "../helpers/bench-command.js";
import { chainModel } from "../../../../test/helpers/chain.js";
import {
  startMockServer,
  steady,
  textChunk,
  type MockOptions,
  type MockServer,
} from "../helpers/mock-openai-server.mjs";

const TINY = "--levels 1,2 --input-len 8 --output-len 8 --num-prompts 4 --repeats 2".split(" ");
const KEY = "key-0123456789";

let chain: string;
let bench: BenchCommand;
const servers: MockServer[] = [];

beforeAll(async () => {
  chain = await chainModel();
  bench = new BenchCommand({ OPENAI_API_KEY: KEY });
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serve(options: MockOptions = {}): Promise<MockServer> {
  const server = await startMockServer(options);
  servers.push(server);
  return server;
}

const textOf = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
    .join("\n");

describe("bench --http", () => {
  test("measures the server's first model; the key goes to the server and into no file", async () => {
    const server = await serve({ models: [{ id: "served" }, { id: "other" }] });
    const folder = newFolder();
    const { code, stdout, stderr } = await bench.run(
      "--http",
      server.url,
      ...TINY,
      "--header",
      "X-Team: secret-team",
      "--out",
      folder,
    );
    expect(stderr).toContain(`served: ${server.url}/v1, endpoint completions, prompts as text`);
    expect(stderr).toMatch(/^served, concurrency 2, repeat 1: [\d.,]+ tokens\/s/m);
    expect(stdout).toContain("ok    failed-requests   None of 16 failed.");
    expect(stdout).toContain("ok    token-counts      All 16 requests have the lengths of the plan.");
    expect(code).toBe(0);
    expect(server.requests.every(({ headers }) => headers["authorization"] === `Bearer ${KEY}`)).toBe(true);
    expect(server.requests.every(({ headers }) => headers["x-team"] === "secret-team")).toBe(true);
    expect(textOf(folder)).not.toMatch(/key-0123456789|secret-team/);
    expect(summaryIn(folder).targets[0]).toMatchObject({ engine: "http", server: { servedModel: "served" } });
  });

  test("with --in-process measures both ways in turns, with the same token ids, and says what HTTP costs", async () => {
    const server = await serve();
    const folder = newFolder();
    const both = [
      "--http",
      server.url,
      "--in-process",
      "--served-model-name",
      "mock",
      "--no-kernels",
      "--out",
      folder,
    ];
    const { code, stdout, stderr } = await bench.run(chain, ...TINY, ...both);
    expect(stderr).toContain("prompts as token ids");
    expect(stdout).toContain("The cost of HTTP: HTTP minus in-process; throughput: HTTP over in-process");
    expect(code).toBe(0);
    const { httpCosts, results, levels } = summaryIn(folder);
    expect(httpCosts).toMatchObject([
      { concurrency: 1, inProcess: "chain", http: "chain (http)", repeats: 2 },
      { concurrency: 2, inProcess: "chain", http: "chain (http)", repeats: 2 },
    ]);
    expect(results.map(({ target, repeat }) => `${target} ${repeat}`)).toEqual(
      ["chain 1", "chain (http) 1", "chain (http) 2", "chain 2"].flatMap((one) => [one, one]),
    );
    expect(levels.map(({ failed }) => failed)).toEqual([0, 0, 0, 0]);
    const keysOf = (target: string) =>
      readFileSync(join(folder, "requests.jsonl"), "utf8")
        .split("\n")
        .filter((line) => line.includes(`"record":"request","target":"${target}"`))
        .map((line) => (JSON.parse(line) as { prefixKey: string }).prefixKey)
        .sort();
    expect(keysOf("chain (http)")).toEqual(keysOf("chain"));
    expect(readFileSync(join(folder, "report.md"), "utf8")).toContain("## The cost of HTTP");
  });

  test("closes its connections at Ctrl-C, and goes on with --resume, headers given again", async () => {
    const mode = { isSlow: false };
    const server = await serve({
      answer: (request) =>
        mode.isSlow ? { parts: [{ bytes: textChunk(request, "a") }], end: "open" } : steady(request),
    });
    const folder = newFolder();
    const child = bench.start("mock", "--http", server.url, ...TINY, "--out", folder);
    let stderr = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
      if (stderr.includes("concurrency 1, repeat 1:")) mode.isSlow = true;
    });
    const stopped = outcomeOf(child);
    while (!mode.isSlow || server.requests.every(({ isCut, writtenMs }) => isCut || writtenMs.length !== 1)) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    child.kill("SIGINT");
    expect((await stopped).code).toBe(130);
    expect(server.requests.some(({ isCut }) => isCut)).toBe(true);
    mode.isSlow = false;
    const { code, stdout } = await bench.run("--resume", folder, "--header", "x-again: yes");
    expect(code).toBe(0);
    expect(stdout).toContain("None of 16 failed.");
    expect(server.requests.at(-1)?.headers["x-again"]).toBe("yes");
    expect(summaryIn(folder).runsLeft).toBe(0);
  });

  test("stops with what to check where no request is answered", async () => {
    const server = await serve({
      models: [{ id: "other" }],
      answer: () => ({ status: 404, parts: [{ bytes: "no such model" }] }),
    });
    const { code, stdout, stderr } = await bench.run(
      "mock",
      "--http",
      server.url,
      ...TINY,
      "--out",
      newFolder(),
    );
    expect(stderr).toMatch(
      /was answered: HTTP 404 Not Found: no such model \[ERR_SERVER\]\nCheck the URL, the name of the model/,
    );
    expect(stderr).toContain("The server lists: other.");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  });

  test("with --dry-run asks the server and writes nothing", async () => {
    const { code, stdout } = await bench.run("--http", (await serve()).url, ...TINY, "--dry-run");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^About \d+ s for 4 runs, loading not counted\.$/m);
  });
});
