import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, it } from "vitest";
import { locateRuntime } from "../../../../lib/runtime/locate.js";
import { ALPHABET, chainModel } from "../../../../test/helpers/chain.js";

const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const HAS_TWO_CPUS = availableParallelism() >= 2;
const HAS_AMX = /\bamx_tile\b/.test(readFileSync("/proc/cpuinfo", "utf8"));
/** So that an instance may have one processor with AMX too. */
const F32 = ["--property", "INFERENCE_PRECISION_HINT=f32"];

let model: string;
beforeAll(async () => {
  model = await chainModel({ text: ALPHABET, loop: true, contextLength: 100_000 });
});

/** The command, ended with the test. */
class Command implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown[]>;
  stderr = "";
  stdout = "";

  constructor(args: readonly string[]) {
    this.child = spawn(process.execPath, [MAIN, model, "--port", "0", "--log-level", "warn", ...args], {
      env: { ...process.env, NODE_OPTIONS: "", OPENVINO_LLM_RUNTIME: locateRuntime().dir },
    });
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => (this.stdout += text));
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    this.ended = once(this.child, "close");
  }

  async url(): Promise<string> {
    const ended = this.ended.then(() => expect.fail(`It ended without being ready. ${this.stderr}`));
    ended.catch(() => undefined);
    while (!this.stdout.includes("\n")) await Promise.race([once(this.child.stdout!, "data"), ended]);
    return /^Ready at (\S+):/.exec(this.stdout)?.[1] ?? "";
  }

  /** The processes of its instances. */
  instances(): number[] {
    const { pid } = this.child;
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGTERM");
    this.child.kill("SIGTERM");
    await this.ended;
  }
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

const cpusOf = (pid: number): string =>
  /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "";

it.runIf(HAS_TWO_CPUS)("serves by two processes on CPUs of their own, of which one may die", async () => {
  await using command = new Command(["--instances", "2", "--drain-delay", "0", ...F32]);
  const url = await command.url();
  const complete = (body: object, signal?: AbortSignal): Promise<Response> =>
    fetch(`${url}/v1/completions`, {
      method: "POST",
      body: JSON.stringify({ prompt: "a", max_tokens: 3, ...body }),
      ...(signal === undefined ? {} : { signal }),
    });
  const get = async <Body>(path: string): Promise<Body> =>
    (await fetch(`${url}${path}`)).json() as Promise<Body>;
  const running = async (): Promise<number[]> => {
    const { loads } = await get<{ loads: { num_running_reqs: number }[] }>("/v1/loads");
    return loads.map(({ num_running_reqs }) => num_running_reqs);
  };
  const health = () => get<{ ready_instances: number }>("/health");

  const pids = command.instances();
  expect(pids.length).toBe(2);
  const [first = "", second = ""] = pids.map(cpusOf);
  expect(first).not.toBe(second);
  expect(await health()).toEqual({ status: "ready", instances: 2, ready_instances: 2 });
  expect(await (await complete({})).json()).toMatchObject({ choices: [{ text: "bcd" }] });

  // One stream each, by the fewest running; a client that goes ends its own.
  const leave = new AbortController();
  const streams = [
    await complete({ stream: true, max_tokens: 90_000 }, leave.signal),
    await complete({ stream: true, max_tokens: 90_000 }),
  ];
  while ((await running()).join() !== "1,1");
  const metrics = await (await fetch(`${url}/metrics`)).text();
  for (const rank of [0, 1])
    expect(metrics).toMatch(new RegExp(`num_requests_running\\{engine="${rank}",.*\\} 1`));
  leave.abort();
  await expect(streams[0]?.text()).rejects.toThrow("aborted");
  while (sum(await running()) !== 1);

  // The one with the other stream dies: that stream breaks off, everything else is answered, and it comes back.
  const broken = (await running()).indexOf(1);
  process.kill(pids[broken] as number, "SIGKILL");
  await expect(streams[1]?.text()).rejects.toThrow("terminated");
  while ((await health()).ready_instances !== 1);
  for (let index = 0; index < 4; index++) expect((await complete({})).status).toBe(200);
  while ((await health()).ready_instances !== 2);
  expect(command.stderr).toContain("an instance died and is started again");
  expect((await running()).length).toBe(2);

  // What runs is answered, and nobody is left.
  const last = command.instances();
  const ending = await complete({ stream: true, max_tokens: 300 });
  command.child.kill("SIGTERM");
  expect(await ending.text()).toMatch(/data: \[DONE\]\n\n$/);
  expect(await command.ended).toEqual([0, null]);
  for (const pid of last) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
});

it.runIf(HAS_AMX && availableParallelism() === 2)(
  "refuses instances of one CPU where AMX would need two threads",
  async () => {
    await using command = new Command(["--instances", "2"]);
    expect(await command.ended).toEqual([1, null]);
    expect(command.stderr).toContain("ERR_ENGINE_FAULT");
    expect(command.stderr).toContain("Start fewer instances");
  },
);

it.each(["0", "100000"])("refuses %s instances", async (count) => {
  await using command = new Command(["--instances", count]);
  expect(await command.ended).toEqual([2, null]);
  expect(command.stderr).toContain("--instances");
});
