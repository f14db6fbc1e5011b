import { describe, expect, test } from "vitest";
import {
  formatDuration,
  openedLine,
  openingLine,
  planLines,
  progressLine,
  runLine,
  summaryLines,
} from "../../../lib/cli/bench-lines.js";
import type { Style } from "../../../../../lib/cli/terminal/style.js";
import { runMetrics } from "../../../lib/measure/metrics.js";
import { planBench } from "../../../lib/plan/plan.js";
import { summarize } from "../../../lib/summary/summary.js";
import { dataOf, factsOf, QUIET_HOST, runOf } from "../sample-data.js";

const same = (text: string) => text;
const plain: Style = { strong: same, faint: same, good: same, warning: same, bad: same };
const data = dataOf();
const [run] = data.plan.runs;
const position = { index: 1, count: 4 };

describe("formatDuration", () => {
  test.each([
    [499, "0 s"],
    [45_000, "45 s"],
    [130_000, "2 min 10 s"],
    [3_900_000, "1 h 5 min"],
  ])("%d ms is %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  test("never shows 60 of a unit", () => {
    for (let ms = 0; ms < 3 * 3_600_000; ms += 499) expect(formatDuration(ms)).not.toMatch(/\b60 (?:s|min)/);
  });
});

describe("the live display", () => {
  test("shows target, level, repeat, tokens per second and the time left", () => {
    const event = {
      type: "progress",
      run: run!,
      position,
      ended: 3,
      tokensPerSecond: 61.24,
      remainingMs: 130_000,
    };
    expect(progressLine({ ...event, type: "progress" }, 2)).toBe(
      "model  concurrency 1  repeat 1 of 2  run 1 of 4  3/32 requests  61.2 tokens/s  2 min 10 s left",
    );
    expect(progressLine({ type: "run-started", run: run!, position, remainingMs: null }, 2)).toBe(
      "model  concurrency 1  repeat 1 of 2  run 1 of 4  0/32 requests",
    );
  });

  test("leaves a line of each run", () => {
    const record = runOf(run!);
    const event = { run: run!, position, record, metrics: runMetrics(record), remainingMs: 5000 };
    expect(runLine({ type: "run-finished", ...event })).toBe(
      "model, concurrency 1, repeat 1: 66.7 tokens/s, TTFT 50.0 ms, TPOT 10.0 ms, 5 s left",
    );
    const failed = { ...runMetrics(record), failed: 2 };
    expect(runLine({ type: "run-finished", ...event, metrics: failed, remainingMs: null })).toContain(
      "2 of 34 failed",
    );
  });

  test("says what is loaded and what was", () => {
    const opening = (model: string) =>
      openingLine({ type: "opening", target: planBench([model]).targets[0]! });
    expect(opening("/models/phi")).toBe("Loading phi");
    expect(opening("a/Tiny.gguf")).toBe("Loading Tiny (a GGUF file is converted the first time)");
    const [target] = data.plan.targets;
    expect(openedLine({ type: "opened", target: target!, facts: factsOf("model", { loadMs: 1310 }) })).toBe(
      "model: engine batching, loaded in 1.31 s",
    );
  });
});

describe("the summary", () => {
  test("has a table of levels and the self-checks", () => {
    const lines = summaryLines(summarize(data), plain);
    expect(lines).toContain("model");
    const level = lines.find((line) => /^\s+2\s/.test(line));
    expect(level?.trim().split(/\s{2,}/)).toEqual(["2", "123", "60.0", "10.0", "92.3 %", "kept", "100.0 %"]);
    expect(lines.some((line) => /^ {2}ok {4}identity {10}Throughput agrees/.test(line))).toBe(true);
    expect(lines[0]).toBe("model");
  });

  test("begins with what a reader must know", () => {
    const noisy = dataOf(
      {},
      {
        runs: ({ runs }) =>
          runs.slice(1).map((one) => runOf(one, { host: { ...QUIET_HOST, stealShare: 0.1 } })),
      },
    );
    const lines = summaryLines(summarize(noisy), plain);
    expect(lines[0]).toMatch(/^Noisy: the host/);
    expect(lines[1]).toBe("1 run of the plan left; go on with --resume.");
  });
});

describe("the plan", () => {
  test("has the requests of each level and how long they take", () => {
    const plan = planBench(["a"], { levels: [1, 16], repeats: 2, outputLength: 11, warmupOutputLength: 1 });
    const probe = {
      target: "a",
      loadMs: 1,
      single: { ttftMs: 100, tpotMs: 10 },
      full: { ttftMs: 200, tpotMs: 20, concurrency: 16 },
    };
    const lines = planLines(plan, [probe], plain);
    const rows = lines.map((line) => line.trim().split(/\s{2,}/));
    // 32 * 200 + 100 + 50 ms, and 4 * 400 + 200 + 50 ms, each twice.
    expect(rows).toContainEqual(["1", "32", "1", "13 s"]);
    expect(rows).toContainEqual(["16", "64", "16", "4 s"]);
    expect(lines.at(-1)).toBe("About 17 s for 4 runs, loading not counted.");
  });
});
