import { existsSync, readdirSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { ChildTarget } from "../../lib/targets/child/child-target.js";
import {
  captureEnvironment,
  MemoryStore,
  planBench,
  runBench,
  runLevel,
  summarize,
  type BenchEvent,
  type BenchOptions,
  type BenchPlan,
  type Environment,
  type LevelWorkload,
  type PlanTarget,
} from "../../lib/index.js";
import { AbortError } from "../../../../lib/errors/errors.js";
import { ALPHABET, chainModel, temporaryFolder } from "../../../../test/helpers/chain.js";

const TINY: BenchOptions = {
  levels: [1, 2],
  inputLength: 8,
  outputLength: 8,
  numPrompts: 4,
  repeats: 2,
  isaCompare: ["AVX2"],
};
/** A request that does not end while a test looks. */
const LONG_TOKENS = 2 ** 19;

let chain: string;
/** Repeats the alphabet for ever. */
let endless: string;
let environment: Environment;

beforeAll(async () => {
  chain = await chainModel();
  endless = await chainModel({ loop: true, text: ALPHABET, contextLength: 2 ** 20 });
  environment = await captureEnvironment();
});

function limitedTarget({ targets }: BenchPlan): PlanTarget {
  const target = targets.find(({ isa }) => isa !== null);
  if (target === undefined) throw new Error("The plan has no limited target.");
  return target;
}

async function openChild(model: string, options: BenchOptions = {}): Promise<ChildTarget> {
  const plan = planBench([model], { ...TINY, ...options });
  const target = limitedTarget(plan);
  const child = new ChildTarget(target.label, "AVX2");
  await child.open(target, plan.options, undefined);
  return child;
}

function workload(outputLength: number): LevelWorkload {
  const request = { prompt: { input: { tokenIds: [10, 11, 12] }, length: 3 }, outputLength };
  return { concurrency: 1, requests: [request] };
}

/** The processes that a process has started and that still run. */
function childrenOf(pid: number): number[] {
  const tasks = readdirSync(`/proc/${pid}/task`);
  return tasks
    .flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" "))
    .filter((child) => child !== "")
    .map(Number);
}

function isAlive(pid: number | undefined): boolean {
  return pid !== undefined && existsSync(`/proc/${pid}`);
}

describe("a benchmark with isaCompare", () => {
  it("measures the limited variant in a process of its own, in turns with the other", async () => {
    const store = new MemoryStore(planBench([chain], TINY), environment);
    const events: BenchEvent[] = [];
    for await (const event of runBench(store)) events.push(event);
    const order = events.flatMap((event) => (event.type === "run-started" ? [event.run.target] : []));
    const [plain, limited] = ["chain", "chain · AVX2"];
    expect(order).toEqual([plain, plain, limited, limited, limited, limited, plain, plain]);

    const summary = summarize(store.data);
    expect(summary.runsLeft).toBe(0);
    expect(summary.selfChecks.filter(({ status }) => status === "fail")).toEqual([]);
    expect(summary.selfChecks.find(({ name }) => name === "isa-limit")?.status).toBe("ok");
    expect(summary.isaRatios.map(({ first, second, concurrency }) => [first, second, concurrency])).toEqual([
      [plain, limited, 1],
      [plain, limited, 2],
    ]);
    const [, facts] = store.data.targets;
    expect(facts).toMatchObject({
      label: limited,
      engine: "batching",
      properties: { INFERENCE_PRECISION_HINT: "f32", DYNAMIC_QUANTIZATION_GROUP_SIZE: "0" },
      inference: { ok: true, isaLimit: "AVX2", instructionSet: "avx2" },
    });
    for (const { host, requests } of store.data.runs) {
      expect(host.rssBytes).toBeGreaterThan(1e7);
      expect(requests.every(({ error, producedMs }) => error === null && producedMs.length === 8)).toBe(true);
    }
  });

  it("does not look at kernels where that is not wanted", async () => {
    const store = new MemoryStore(
      planBench([chain], { ...TINY, isaCompare: undefined, repeats: 1 }),
      environment,
    );
    const types = new Set<string>();
    for await (const event of runBench(store, { profile: false })) types.add(event.type);
    expect(types).not.toContain("profiling");
    expect(store.data.targets[0]?.inference).toBeNull();
  });

  it("leaves no process behind when it is aborted", async () => {
    const options = { ...TINY, levels: [1], outputLength: LONG_TOKENS, warmupOutputLength: 1, repeats: 2 };
    const store = new MemoryStore(planBench([endless], options), environment);
    const controller = new AbortController();
    const before = childrenOf(process.pid);
    let during: number[] = [];
    const work = (async () => {
      for await (const event of runBench(store, { signal: controller.signal, progressEveryMs: 20 })) {
        if (event.type !== "progress") continue;
        during = childrenOf(process.pid);
        controller.abort();
      }
    })();
    await expect(work).rejects.toBeInstanceOf(AbortError);
    expect(during.length).toBe(before.length + 1);
    expect(during.filter(isAlive)).toEqual(before);
  });
});

describe("a target in a process of its own", () => {
  it("gives the answers that the same target gives here", async () => {
    const child = await openChild(chain);
    try {
      const texts: string[] = [];
      for await (const event of runLevel(child, workload(6))) {
        if (event.type === "request") texts.push(event.request.text);
      }
      for await (const event of child.runLevel(workload(6))) {
        if (event.type === "request") texts.push(event.request.text);
      }
      expect(texts).toHaveLength(2);
      expect(texts[0]).not.toBe("");
      expect(texts[1]).toBe(texts[0]);
    } finally {
      await child.close();
    }
    expect(isAlive(child.pid)).toBe(false);
  });

  it("is reported with a code when its process is killed in the middle of a run", async () => {
    const child = await openChild(endless, { outputLength: LONG_TOKENS });
    const run = (async () => {
      for await (const event of child.runLevel(workload(LONG_TOKENS), { progressEveryMs: 20 })) {
        if (event.type === "progress" && child.pid !== undefined) process.kill(child.pid, "SIGKILL");
      }
    })();
    await expect(run).rejects.toMatchObject({
      code: "ERR_ENGINE_BROKEN",
      message: expect.stringMatching(/chain · AVX2 ended with SIGKILL.*memory/s) as string,
    });
    // What comes after that has the same answer.
    await expect(child.runLevel(workload(1)).next()).rejects.toMatchObject({ code: "ERR_ENGINE_BROKEN" });
    await child.close();
  });

  it("ends a level whose loop is left, and takes the next one", async () => {
    const child = await openChild(endless, { outputLength: LONG_TOKENS });
    try {
      for await (const event of child.runLevel(workload(LONG_TOKENS), { progressEveryMs: 20 })) {
        if (event.type === "progress" && event.tokens > 0) break;
      }
      let ended = 0;
      for await (const event of child.runLevel(workload(4))) if (event.type === "request") ended += 1;
      expect(ended).toBe(1);
    } finally {
      await child.close();
    }
  });

  it("fails to open as a target of this process does", async () => {
    const plan = planBench([temporaryFolder()], TINY);
    const target = limitedTarget(plan);
    const child = new ChildTarget(target.label, "AVX2");
    await expect(child.open(target, plan.options, undefined)).rejects.toMatchObject({
      code: "ERR_MODEL_LOAD",
    });
    await child.close();
    expect(isAlive(child.pid)).toBe(false);
  });
});
