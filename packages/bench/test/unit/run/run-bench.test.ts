import { describe, expect, it } from "vitest";
import { AbortError } from "../../../../../lib/errors/errors.js";
import { planBench } from "../../../lib/plan/plan.js";
import { randomPrompts } from "../../../lib/prompts/prompts.js";
import { runBench, type BenchEvent } from "../../../lib/run/run-bench.js";
import type { OpenTarget } from "../../../lib/targets/open-target.js";
import { MemoryStore } from "../../../lib/results/store.js";
import { summarize } from "../../../lib/summary/summary.js";
import { ENVIRONMENT, factsOf } from "../sample-data.js";
import { ScriptedTarget } from "../scripted-target.js";

const OPTIONS = { levels: [1, 2], inputLength: 4, outputLength: 5, repeats: 2, numPrompts: 2 };

/** Opens scripted targets, and remembers which are open. */
function opener(): { open: OpenTarget; opened: string[]; closed: string[]; targets: ScriptedTarget[] } {
  const [opened, closed, targets]: [string[], string[], ScriptedTarget[]] = [[], [], []];
  return {
    opened,
    closed,
    targets,
    open: ({ label }, { seed }) => {
      const target = new ScriptedTarget();
      opened.push(label);
      targets.push(target);
      const prompts = randomPrompts({ size: 1000, specialIds: [] }, seed);
      const close = () => Promise.resolve(void closed.push(label));
      return Promise.resolve({ target, prompts, facts: factsOf(label), close });
    },
  };
}

async function collect(events: AsyncIterable<BenchEvent>): Promise<BenchEvent[]> {
  const all: BenchEvent[] = [];
  for await (const event of events) if (event.type !== "progress") all.push(event);
  return all;
}

describe("runBench", () => {
  it("opens, probes and measures each target, and keeps what was measured", async () => {
    const store = new MemoryStore(planBench(["a", "b"], OPTIONS), ENVIRONMENT);
    const { open, opened, closed } = opener();
    const events = await collect(runBench(store, { open, progressEveryMs: 1e6 }));
    const run = ["run-started", "request", "request", "run-finished"];
    const target = ["opening", "opened", "probed", ...run, ...run, ...run, ...run];
    expect(events.map(({ type }) => type)).toEqual([...target, ...target]);
    expect([opened, closed]).toEqual([
      ["a", "b"],
      ["a", "b"],
    ]);
    const { runs, targets, plan } = store.data;
    expect(runs.map(({ target: label, concurrency, repeat }) => `${label} ${concurrency} ${repeat}`)).toEqual(
      plan.runs.map(({ target: label, concurrency, repeat }) => `${label} ${concurrency} ${repeat}`),
    );
    expect(targets.map(({ label }) => label)).toEqual(["a", "b"]);
    const last = events.at(-1);
    expect(last).toMatchObject({ type: "run-finished", position: { index: 8, count: 8 }, remainingMs: 0 });
    const { levels, selfChecks } = summarize(store.data);
    expect(levels).toHaveLength(4);
    expect(levels[0]!.latencies.ttftMs.mean).toBe(50);
    expect(selfChecks.filter(({ status }) => status === "fail")).toEqual([]);
    expect(selfChecks.find(({ name }) => name === "distinct-prompts")?.status).toBe("ok");
  });

  it("knows after the probe how long it will take", async () => {
    const store = new MemoryStore(planBench(["a"], OPTIONS), ENVIRONMENT);
    const { open } = opener();
    const events = await collect(runBench(store, { open }));
    const probed = events.find((event) => event.type === "probed");
    expect(probed).toMatchObject({
      probe: {
        target: "a",
        single: { ttftMs: 50, tpotMs: 10 },
        full: { ttftMs: 50, tpotMs: 10, concurrency: 2 },
      },
    });
    expect(probed?.remainingMs).toBeGreaterThan(0);
  });

  it("measures nothing in a dry run", async () => {
    const store = new MemoryStore(planBench(["a", "b"], OPTIONS), ENVIRONMENT);
    const { open, closed } = opener();
    const events = await collect(runBench(store, { open, dryRun: true }));
    expect(events.map(({ type }) => type)).toEqual([
      "opening",
      "opened",
      "probed",
      "opening",
      "opened",
      "probed",
    ]);
    expect(store.data.runs).toEqual([]);
    expect(closed).toEqual(["a", "b"]);
  });

  it("does what is left, and opens no target of which everything is done", async () => {
    const plan = planBench(["a", "b"], OPTIONS);
    const store = new MemoryStore(plan, ENVIRONMENT);
    const first = opener();
    let finished = 0;
    for await (const event of runBench(store, { open: first.open })) {
      if (event.type === "run-finished" && ++finished === 5) break;
    }
    expect(store.data.runs).toHaveLength(5);
    expect(first.closed).toEqual(["a", "b"]);
    const second = opener();
    const events = await collect(runBench(store, { open: second.open }));
    expect(second.opened).toEqual(["b"]);
    expect(events.filter(({ type }) => type === "run-finished")).toHaveLength(3);
    expect(store.data.runs).toHaveLength(8);
    expect(await collect(runBench(store, { open: second.open }))).toEqual([]);
  });

  it("ends at an abort with what was finished, and closes the target", async () => {
    const store = new MemoryStore(planBench(["a"], OPTIONS), ENVIRONMENT);
    const { open, closed, targets } = opener();
    const controller = new AbortController();
    await expect(async () => {
      for await (const event of runBench(store, { open, signal: controller.signal })) {
        if (event.type === "run-started" && event.position.index === 3) controller.abort();
      }
    }).rejects.toBeInstanceOf(AbortError);
    expect(store.data.runs).toHaveLength(2);
    expect(closed).toEqual(["a"]);
    expect(targets[0]!.inFlight).toBe(0);
  });

  it("gives the error of a target that cannot be opened", async () => {
    const store = new MemoryStore(planBench(["a"], OPTIONS), ENVIRONMENT);
    const open: OpenTarget = () => Promise.reject(new Error("No such model."));
    await expect(collect(runBench(store, { open }))).rejects.toThrow("No such model.");
  });
});
