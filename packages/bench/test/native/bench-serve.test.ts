import { once } from "node:events";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { programOf } from "../../../../lib/cli/companion.js";
import { chainModel } from "../../../../test/helpers/chain.js";
import { httpTargetOpener } from "../../lib/http/open-http-target.js";
import type { BenchOptions } from "../../lib/plan/bench-options.js";
import { planBench } from "../../lib/plan/plan.js";
import { openLocalTarget, type OpenedTarget } from "../../lib/targets/open-target.js";
import { BenchCommand, newFolder, outcomeOf, summaryIn } from "../helpers/bench-command.js";

const TINY = "--levels 1,2 --input-len 8 --output-len 8 --num-prompts 4 --repeats 2 --no-kernels".split(" ");

let chain: string;
let bench: BenchCommand;
const opened: OpenedTarget[] = [];

beforeAll(async () => {
  chain = await chainModel();
  bench = new BenchCommand();
});
afterEach(async () => {
  for (const target of opened.splice(0)) await target.close();
});

/** Both targets of a benchmark of the chain model, the one in this process first. */
async function openBoth(options: BenchOptions): Promise<OpenedTarget[]> {
  const plan = planBench([chain], options);
  for (const target of plan.targets) {
    const open = target.http ? httpTargetOpener() : openLocalTarget;
    opened.push(await open(target, plan.options, undefined));
  }
  return [...opened];
}

/** Whether nothing listens there any more; asked until it is so. */
async function isGone(url: string): Promise<boolean> {
  for (;;) {
    try {
      await (await fetch(url)).arrayBuffer();
    } catch {
      return true;
    }
  }
}

const addressIn = (stderr: string) => /http:\/\/127\.0\.0\.1:\d+\/v1/.exec(stderr)?.[0];

describe("bench --serve", () => {
  test("measures both ways, says what HTTP costs, and stops the server", async () => {
    const folder = newFolder();
    const { code, stdout, stderr } = await bench.run(
      chain,
      "--serve",
      "--endpoint",
      "completions",
      ...TINY,
      "--out",
      folder,
    );
    const url = addressIn(stderr);
    expect(stderr).toContain(`chain (http): ${url}, endpoint completions, prompts as token ids`);
    expect(stdout).toContain("The cost of HTTP: HTTP minus in-process; throughput: HTTP over in-process");
    expect(stdout).toContain("chain (http) is measured over HTTP: its server ran on this machine");
    expect(code).toBe(0);
    const { httpCosts, levels } = summaryIn(folder);
    expect(httpCosts).toMatchObject([
      { concurrency: 1, inProcess: "chain", http: "chain (http)", repeats: 2 },
      { concurrency: 2, inProcess: "chain", http: "chain (http)", repeats: 2 },
    ]);
    expect(levels.map(({ failed }) => failed)).toEqual([0, 0, 0, 0]);
    expect(await isGone(url as string)).toBe(true);
  });

  test("the server has the engine settings of the process, and flags of its own", async () => {
    const [own, served] = await openBoth({
      scheduler: { maxNumSeqs: 3, enablePrefixCaching: true },
      maxNumBatchedTokens: [64],
      properties: { PERFORMANCE_HINT: "THROUGHPUT" },
      inputLength: 8,
      outputLength: 8,
      serve: { endpoint: "chat", flags: ["--max-queue=7"] },
    });
    const { url = "", endpoint } = served?.facts.server ?? {};
    expect(endpoint).toBe("chat");
    const { models } = (await (await fetch(url.replace(/\/v1$/, "/server_info"))).json()) as {
      models: readonly object[];
    };
    expect(models).toMatchObject([
      {
        scheduler: own?.facts.scheduler,
        max_requests: 3 + 7,
        model_path: own?.facts.files?.path,
        properties: { asked: { PERFORMANCE_HINT: "THROUGHPUT" } },
      },
    ]);
    expect(own?.facts.scheduler).toMatchObject({ maxNumSeqs: 3, maxNumBatchedTokens: 64 });
  });

  test("says what the server said where it does not start", async () => {
    const { code, stderr } = await bench.run(
      chain,
      "--serve",
      "--server-flag",
      "max-queue=many",
      ...TINY,
      "--out",
      newFolder(),
    );
    expect(stderr).toMatch(
      /openvino-llm-server ended with exit code 2 before it was ready\. Its last words: .*--max-queue/s,
    );
    expect(stderr).toContain("[ERR_SERVER]");
    expect(code).toBe(1);
  });

  test.each(["SIGKILL", "SIGINT"] as const)("leaves no server behind when it gets %s", async (signal) => {
    const long = "--levels 1 --input-len 8 --output-len 2000 --num-prompts 2000 --repeats 1".split(" ");
    const child = bench.start(chain, "--serve", ...long, "--out", newFolder());
    const ended = outcomeOf(child);
    let stderr = "";
    while (addressIn(stderr) === undefined) {
      const [text] = (await once(child.stderr!, "data")) as [string];
      stderr += text;
    }
    child.kill(signal);
    const { code } = await ended;
    expect(code).toBe(signal === "SIGINT" ? 130 : null);
    expect(await isGone(addressIn(stderr) as string)).toBe(true);
  });

  test("says how to get the server where it is not installed", () => {
    const missing = { name: "openvino-llm-nowhere", what: "The server", below: "", commands: {} } as const;
    expect(() => programOf(missing)).toThrow(
      expect.objectContaining({
        code: "ERR_PACKAGE_NOT_FOUND",
        message: expect.stringContaining("npm install openvino-llm-nowhere"),
      }),
    );
  });
});
