import { describe, expect, it } from "vitest";
import { httpCostTable } from "../../../lib/report/http-cost-text.js";
import { httpCosts } from "../../../lib/summary/http-cost.js";
import type { BenchData } from "../../../lib/results/bench-data.js";
import type { BenchOptions } from "../../../lib/plan/bench-options.js";
import type { PlannedRun } from "../../../lib/plan/plan.js";
import type { RunRecord } from "../../../lib/measure/records.js";
import { markdownReport } from "../../../lib/report/report-markdown.js";
import { summarize } from "../../../lib/summary/summary.js";
import { dataOf, requestOf, runOf } from "../sample-data.js";

const BOTH: BenchOptions = { http: { url: "http://host", inProcess: true }, levels: [1], repeats: 3 };

/** A run with the times of arrival of one request: the engine had each token a whole millisecond earlier. */
function arriving(run: PlannedRun, ttftMs: number, tpotMs: number, tokens = 8): RunRecord {
  const deliveredMs = Array.from({ length: tokens }, (_, token) => ttftMs + token * tpotMs);
  const producedMs = run.target.endsWith("(http)") ? deliveredMs : deliveredMs.map((ms) => ms - 1);
  const request = requestOf({ expectedTokens: tokens, producedMs, deliveredMs });
  return runOf(run, { requests: [request], durationMs: deliveredMs.at(-1) ?? 0 });
}

/** In the process: TTFT 40, TPOT 10 ms. Over HTTP: 2 ms and by repeat 30, 40 and 50 µs more. */
function measuredBothWays(tokens = 8): BenchData {
  return dataOf(BOTH, {
    runs: ({ runs }) =>
      runs.map((run) =>
        run.target.endsWith("(http)")
          ? arriving(run, 42, 10.02 + run.repeat / 100, tokens)
          : arriving(run, 40, 10, tokens),
      ),
  });
}

describe("httpCosts", () => {
  it("is the difference of both ways in the same repeat, by the arrival of the tokens, with its interval", () => {
    const { plan, runs } = measuredBothWays();
    const [cost, ...others] = httpCosts(plan, runs);
    expect(others).toEqual([]);
    expect(cost).toMatchObject({ concurrency: 1, inProcess: "model", http: "model (http)", repeats: 3 });
    expect(cost?.ttftMs).toMatchObject({ mean: 2, low: 2, high: 2, values: [2, 2, 2] });
    expect(cost?.tpotUs?.values.map((us) => Math.round(us * 1e6) / 1e6)).toEqual([30, 40, 50]);
    expect(cost?.tpotUs?.mean).toBeCloseTo(40, 9);
    // Student's t of 30, 40, 50: 40 ± 4.302653 · 10 / √3.
    expect(cost?.tpotUs?.high).toBeCloseTo(64.8414, 3);
    const durations = [30, 40, 50].map((us) => 42 + 7 * (10 + us / 1000));
    expect(cost?.throughputRatio.values).toEqual(
      durations.map((ms) => expect.closeTo(110 / ms, 9) as number),
    );
  });

  it("has no time per token of single tokens", () => {
    const { plan, runs } = measuredBothWays(1);
    expect(httpCosts(plan, runs)).toMatchObject([{ tpotUs: null, ttftMs: { mean: 2 } }]);
  });

  it("leaves out repeats that one side has not, and is none where one side has nothing", () => {
    const { plan, runs } = measuredBothWays();
    const without = (target: string, repeats: readonly number[]) =>
      httpCosts(
        plan,
        runs.filter((run) => run.target !== target || !repeats.includes(run.repeat)),
      );
    expect(without("model (http)", [2])).toMatchObject([{ repeats: 2 }]);
    expect(without("model", [1, 2])).toMatchObject([{ repeats: 1, tpotUs: { low: null, high: null } }]);
    expect(without("model", [1, 2, 3])).toEqual([]);
    const failed = runs.map((run) =>
      run.target === "model" ? run : { ...run, requests: [requestOf({ error: "no" })] },
    );
    expect(httpCosts(plan, failed)).toEqual([]);
  });

  it("is none of a server alone, and none of plans of earlier versions", () => {
    const alone = dataOf({ http: { url: "http://host" } });
    expect(httpCosts(alone.plan, alone.runs)).toEqual([]);
    const { plan, runs } = dataOf();
    const withoutHttp = (key: string, value: unknown) => (key === "http" ? undefined : value);
    const older = JSON.parse(JSON.stringify(plan, withoutHttp)) as typeof plan;
    expect(httpCosts(older, runs)).toEqual([]);
    expect(summarize({ ...dataOf(), plan: older, runs }).httpCosts).toEqual([]);
  });

  it("stands in the summary and in the report", () => {
    const summary = summarize(measuredBothWays());
    expect(summary.httpCosts).toHaveLength(1);
    expect(markdownReport(summary)).toContain(
      "| 1 | model (http) | model | +40.0 (+15.2 to +64.8) | +2.00 (+2.00 to +2.00) |",
    );
    expect(httpCostTable([])).toHaveLength(1);
  });
});
