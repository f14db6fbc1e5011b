import { describe, expect, it } from "vitest";
import { markdownReport } from "../../../lib/report/report-markdown.js";
import { summarize } from "../../../lib/summary/summary.js";
import { dataOf, factsOf, QUIET_HOST, runOf } from "../sample-data.js";

function reportOf(...args: Parameters<typeof dataOf>): string {
  return markdownReport(summarize(dataOf(...args)));
}

function cellsOf(report: string, start: string): string[] {
  const line = report.split("\n").find((one) => one.startsWith(start)) ?? "";
  return line.split("|").map((cell) => cell.trim());
}

const INFERENCE = {
  ok: true,
  instructionSet: "avx10_1_512_amx",
  isaLimit: null,
  activationTypes: ["bf16"],
  weightTypes: ["u4"],
  isDynamicallyQuantized: false,
  inForce: {
    inferencePrecision: "bf16",
    kvCachePrecision: "u8",
    dynamicQuantizationGroupSize: 32,
    inferenceThreads: 2,
  },
  graph: "paged",
  oneDnnKernels: [],
  oneDnnVersion: "3.13.0",
  detected: "Intel AMX",
} as const;

describe("markdownReport", () => {
  it("has a table of levels with intervals, efficiency and the verdict on the service levels", () => {
    const report = reportOf({ serviceLevels: { ttftMs: 55 }, repeats: 3 });
    expect(report).toContain("16 tokens in, 8 out; random token ids; closed loop");
    const [, concurrency, requests, failed, throughput, ttft, tpot, , e2el, efficiency, verdict, within] =
      cellsOf(report, "| 2 | 96");
    expect([concurrency, requests, failed]).toEqual(["2", "96", "0"]);
    expect(throughput).toBe("123.1 (123.1 to 123.1)");
    expect([ttft, tpot, e2el]).toEqual([
      "60.0 (60.0 to 60.0)",
      "10.0 (10.0 to 10.0)",
      "130.0 (130.0 to 130.0)",
    ]);
    expect([efficiency, verdict, within]).toEqual(["92.3 %", "missed: TTFT", "0.0 %"]);
  });

  it("begins with what came of it, and folds the configuration at the end", () => {
    const report = reportOf({ serviceLevels: { ttftMs: 55 } });
    expect(report).toContain(
      "| model | 1 at once | 50.0 (1 at once) | 10.0 (1 at once) | 123.1 (2 at once) |",
    );
    const places = ["## In short", "| concurrency |", "## Self-checks", "<summary>Machine</summary>"].map(
      (text) => report.indexOf(text),
    );
    expect(Math.min(...places)).toBeGreaterThan(0);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(reportOf({ serviceLevels: { ttftMs: 45 } })).toContain("| model | none |");
    expect(reportOf({ serviceLevels: {} })).toContain("| model | – |");
  });

  it("has no interval of two repeats, but the repeats themselves", () => {
    const runs: NonNullable<Parameters<typeof dataOf>[1]>["runs"] = ({ runs: planned }) =>
      planned.map((run) => runOf(run, { tpotMs: run.repeat === 1 ? 10 : 12 }));
    const [, , , , , ttft, tpot] = cellsOf(reportOf({ levels: [2] }, { runs }), "| 2 | 64");
    expect([ttft, tpot]).toEqual(["60.0 (60.0, 60.0)", "11.0 (10.0, 12.0)"]);
  });

  it("prints no 99th percentile of fewer than 100 samples", () => {
    const report = reportOf({ levels: [2], repeats: 1 });
    expect(cellsOf(report, "| 2 | TTFT").slice(3, -1)).toEqual([
      "32",
      "60.0",
      "60.0",
      "0.00",
      "60.0",
      "60.0",
      "60.0",
      "–",
    ]);
    expect(cellsOf(report, "| 2 | ITL").slice(3, -1).at(-1)).toBe("10.0");
  });

  it("puts what a reader must know first before the figures", () => {
    const runs: NonNullable<Parameters<typeof dataOf>[1]>["runs"] = ({ runs: planned }) =>
      planned.slice(0, 1).map((run) => runOf(run, { host: { ...QUIET_HOST, stealShare: 0.5 } }));
    const report = reportOf({}, { runs });
    expect(report).toContain("> Not finished: 3 runs of the plan are missing.");
    expect(report.indexOf("> Noisy")).toBeGreaterThan(0);
    expect(report.indexOf("> Noisy")).toBeLessThan(report.indexOf("| concurrency"));
  });

  it("names the machine, the model's settings and the self-checks", () => {
    const targets = [
      factsOf("model", {
        properties: { KV_CACHE_PRECISION: "u8", INFERENCE_PRECISION_HINT: "f32" },
        chosenProperties: [
          { name: "INFERENCE_PRECISION_HINT", value: "f32", from: "profile", reason: "tuned for latency" },
        ],
        profile: {
          file: "/p.json",
          objective: "latency",
          created: "2026-11-28T21:00:00Z",
          settings: { properties: {}, scheduler: {}, promptLookup: false },
        },
        precisions: { inference: null, kvCache: { value: "u8", from: "property" } },
        prefixCaching: true,
        files: {
          path: "/m",
          precision: "INT4",
          weightBytes: {},
          isMoe: false,
          runtimeOptions: { ACTIVATIONS_SCALE_FACTOR: "8" },
          manifest: null,
        },
      }),
    ];
    const report = reportOf({}, { targets });
    for (const text of [
      "| CPU | Some CPU |",
      "4 on 1 sockets, 8 threads, hyper-threading on",
      "weights INT4",
      "inference precision the plugin's choice; KV precision u8",
      "prefix caching on",
      "properties KV_CACHE_PRECISION=u8, INFERENCE_PRECISION_HINT=f32",
      "of them INFERENCE_PRECISION_HINT: tuned for latency",
      "profile `/p.json` (latency)",
      "the model's own ACTIVATIONS_SCALE_FACTOR=8",
      "| identity | ok |",
    ]) {
      expect(report).toContain(text);
    }
  });

  it("says in which phases AMX runs the weight layers", () => {
    const phase = (tokens: number, kernel: string) => ({
      tokens,
      inferences: 2,
      totalMs: 1,
      kernels: [{ nodeType: "FullyConnectedCompressed", kernel, count: 1, timeShare: 0.86 }],
    });
    const phases = {
      prefill: phase(128, "brgemm_avx512_amx_bf16"),
      decode: phase(1, "brgemm_avx512_bf16"),
      batchDecode: null,
    };
    const targets = [factsOf("model", { inference: { ...INFERENCE, phases } })];
    expect(reportOf({}, { targets })).toContain(
      "- AMX: prefill of 128 tokens yes (brgemm_avx512_amx_bf16 86 %), 1 token no (brgemm_avx512_bf16 86 %)\n",
    );
  });

  it("has the ratios between models where there are two to compare", () => {
    const files = { path: "/m", weightBytes: {}, isMoe: false, runtimeOptions: {}, manifest: null };
    const targets = [
      factsOf("phi-int4", { files: { ...files, precision: "INT4" } }),
      factsOf("phi-int8", { files: { ...files, precision: "INT8" } }),
    ];
    const report = reportOf({}, { models: ["phi-int4", "phi-int8"], targets });
    expect(report).toContain("## INT4 to INT8");
    expect(report).toContain("| 2 | phi-int4 | phi-int8 | 1.00x | 1.00x |");
    expect(reportOf()).not.toContain("## INT4 to INT8");
  });

  it("of nothing is a report all the same", () => {
    expect(reportOf({}, { runs: () => [] })).toContain("Nothing was measured.");
  });

  it("keeps its tables whole whatever a model is called", () => {
    const files = { path: "/m", weightBytes: {}, isMoe: false, runtimeOptions: {}, manifest: null };
    const targets = [
      factsOf("a|b-int4", { files: { ...files, precision: "INT4" } }),
      factsOf("a|b-int8", { files: { ...files, precision: "INT8" } }),
    ];
    const report = reportOf({}, { models: ["a|b-int4", "a|b-int8"], targets });
    expect(report).toContain("| 2 | a\\|b-int4 | a\\|b-int8 |");
  });
});
