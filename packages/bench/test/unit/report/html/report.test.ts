import { beforeAll, describe, expect, it } from "vitest";
import type { BenchData } from "../../../../lib/results/bench-data.js";
import { htmlReport } from "../../../../lib/report/html/report.js";
import { summarize } from "../../../../lib/summary/summary.js";
import { dataOf, ENVIRONMENT, factsOf, QUIET_HOST, runOf } from "../../sample-data.js";
import { fullData } from "./full-data.js";

const HOSTILE = `gpt-oss<script>alert(1)&"'-20b`;

/** What a reader sees of a report, without its drawings. */
function textOf(report: string): string {
  return report
    .replace(/<style>[^]*?<\/style>/, "")
    .replaceAll(/<svg[^]*?<\/svg>/g, "")
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/\s+/g, " ");
}

describe("htmlReport of a full benchmark", () => {
  let report = "";
  beforeAll(async () => {
    report = await htmlReport(fullData({ moe: HOSTILE }));
  });

  it("loads nothing and runs nothing, whatever models are called", () => {
    expect(report).not.toMatch(/<script/i);
    expect(report).not.toMatch(/\son\w+\s*=/i);
    expect(report).not.toMatch(/<(?:iframe|object|embed|img|image|use|form|base)\b/i);
    expect(report).not.toMatch(/@import|url\((?!#)/i);
    const addresses = [...report.matchAll(/\b(?:src|href|xlink:href|action|srcset)="([^"]*)"/gi)].map(
      ([, url]) => url,
    );
    const outside = addresses.filter((url) => !/^(?:#|data:,$)/.test(url ?? ""));
    expect(new Set(outside).size).toBe(1);
    expect(outside[0]).toMatch(/^https:\/\/community\.intel\.com\//);
    expect(report.match(/<a href="https:/g)).toHaveLength(outside.length);
  });

  it("says in every title that weights are random", () => {
    expect(report).toContain(
      "<title>Benchmark of 4 models (in part random weights, 25 % of the layers)</title>",
    );
    const titles = [...report.matchAll(/<figcaption>\s*<h3>([^]*?)<\/h3>/g)].map(([, title]) => title);
    const own = titles.filter((title) => !/Gaps|steps/.test(title ?? ""));
    expect(own).toHaveLength(9);
    for (const title of own) expect(title).toContain("(in part random weights, 25 % of the layers)");
    expect(titles.filter((title) => title?.includes("random weights"))).toHaveLength(13);
  });

  it("has its parts in order, the noisy host before all", () => {
    const text = textOf(report);
    const parts = [
      "Noisy: other programs",
      "4 targets",
      "In short",
      "Service levels",
      "Over concurrency",
      "Figures",
      "Ratios between",
    ];
    const places = parts.map((part) => text.indexOf(part, text.indexOf("Benchmark of") + 1));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(Math.min(...places)).toBeGreaterThan(0);
  });

  it("gives the article's figures as another machine's", () => {
    const text = textOf(report);
    expect(text).toContain("Another machine: Intel Xeon 6975P-C, 24 cores, AMX");
    expect(text).toContain("article: 161.0");
    expect(text).toContain("article: 18.4, derived");
    expect(text).toContain("article, another machine");
  });
});

describe("htmlReport", () => {
  it("says for each level whether the service levels are kept, and by how many requests", async () => {
    // TTFT is 50 ms at concurrency 1 and 60 ms at 2.
    const text = textOf(await htmlReport(dataOf({ serviceLevels: { ttftMs: 55 } })));
    expect(text).toContain("TTFT at most 55 ms");
    expect(text).toMatch(/model ✓ kept 100\.0 % within ✗ TTFT 0\.0 % within/);
  });

  it("says first how fast each model is, and up to which load it keeps the service levels", async () => {
    const text = textOf(await htmlReport(dataOf({ serviceLevels: { ttftMs: 55 } })));
    expect(text).toMatch(/model ✓ 1 at once 50\.0 1 at once 10\.0 1 at once 123\.1 2 at once/);
    expect(textOf(await htmlReport(dataOf({ serviceLevels: { ttftMs: 45 } })))).toContain("model ✗ none");
    expect(textOf(await htmlReport(dataOf({ serviceLevels: {} })))).not.toContain("kept up to");
  });

  it("has every field of the machine, of the plan and of the model", async () => {
    const files = {
      path: "/m",
      precision: "INT4",
      weightBytes: { u4: 2 ** 30 },
      isMoe: false,
      runtimeOptions: { ACTIVATIONS_SCALE_FACTOR: "8" },
      manifest: { quality: { perplexity: 9.8125 } },
    };
    const text = textOf(await htmlReport(dataOf({ seed: 4711 }, { targets: [factsOf("model", { files })] })));
    for (const field of [
      `cpu.model ${ENVIRONMENT.cpu.model}`,
      "cpu.caches.0 level 1, type Data, size 32K, sharedBy 0-1",
      "memory.transparentHugePages madvise",
      "versions.tokenizers 1",
      "seed 4711",
      "files.weightBytes.u4 1.00 GiB (1073741824)",
      "files.runtimeOptions.ACTIVATIONS_SCALE_FACTOR 8",
      "quality.perplexity 9.8125",
      "loadMs 100",
    ]) {
      expect(text).toContain(field);
    }
  });

  it("prints no 99th percentile of fewer than 100 samples", async () => {
    const text = textOf(await htmlReport(dataOf({ levels: [2], repeats: 1 })));
    expect(text).toContain("TTFT 32 60.0 60.0 0.00 60.0 60.0 60.0 60.0 – 60.0");
    expect(text).toContain("ITL 224 10.0 10.0 0.00 10.0 10.0 10.0 10.0 10.0 10.0");
  });

  it("shows what really ran, the gain of instruction sets and the cost of HTTP where they are known", async () => {
    const kernel = { nodeType: "FullyConnected", kernel: "brgemm_avx512_bf16", count: 30, timeShare: 0.9 };
    const small = { nodeType: "Eltwise", kernel: "jit_avx2_f32", count: 60, timeShare: 0.004 };
    const phase = { tokens: 128, inferences: 3, totalMs: 12.5, kernels: [kernel, small, small] };
    const inference = {
      ok: true,
      instructionSet: null,
      isaLimit: null,
      activationTypes: ["bf16"],
      weightTypes: ["u4"],
      isDynamicallyQuantized: true,
      inForce: {
        inferencePrecision: "bf16",
        kvCachePrecision: "u8",
        dynamicQuantizationGroupSize: 32,
        inferenceThreads: 4,
      },
      graph: "paged",
      phases: { prefill: phase, decode: { ...phase, tokens: 1 }, batchDecode: null },
      oneDnnKernels: [],
      oneDnnVersion: "3.13.0",
      detected: "Intel AMX",
    } as const;
    const data = dataOf({}, { models: ["a", "b"], targets: [factsOf("a", { inference }), factsOf("b")] });
    const estimate = { mean: 120, low: 100, high: 140, values: [110, 130] };
    const cost = { concurrency: 2, inProcess: "a", http: "b", repeats: 2 };
    const text = textOf(
      await htmlReport(data, {
        ...summarize(data),
        isaRatios: [{ first: "a", second: "b", concurrency: 2, byThroughput: 3.5, byTpot: 3.25 }],
        httpCosts: [{ ...cost, tpotUs: estimate, ttftMs: estimate, throughputRatio: estimate }],
      }),
    );
    expect(text).toContain("FullyConnected brgemm_avx512_bf16 30 90.0 %");
    expect(text).toContain("others 2 of below 1.0 % each 120 0.8 %");
    expect(text).toContain("prefill: 128 tokens, 12.5 ms in all layers");
    expect(text).toContain(
      "AMX: prefill of 128 tokens no (brgemm_avx512_bf16 90 %), 1 token no (brgemm_avx512_bf16 90 %)",
    );
    expect(text).toMatch(/by throughput – 3\.50x|by throughput 3\.50x/);
    expect(text).toMatch(/b a 2 2 120\.0 100\.0 to 140\.0/);
  });

  it("is made of the folders of earlier versions too, which know less", async () => {
    const data = dataOf();
    const { server: _server, inference: _inference, ...facts } = factsOf("model");
    const older = { ...data, targets: [facts] } as unknown as BenchData;
    const { httpCosts: _costs, isaRatios: _ratios, ...summary } = summarize(older);
    const text = textOf(await htmlReport(older, summary as ReturnType<typeof summarize>));
    expect(text).toContain("Over concurrency");
    expect(text).not.toContain("What really ran");
  });

  it("says what went wrong, and draws the rest", async () => {
    const data = dataOf(
      { levels: [1, 2], repeats: 1 },
      {
        runs: ({ runs }) =>
          runs.map((planned) => {
            const run = runOf(planned, { host: { ...QUIET_HOST, stealShare: 0.5 } });
            if (planned.concurrency === 1) return run;
            const requests = run.requests.map((one) => ({
              ...one,
              producedMs: [],
              deliveredMs: [],
              error: "<b>",
            }));
            return { ...run, requests };
          }),
      },
    );
    const report = await htmlReport(data);
    expect(textOf(report)).toContain("no request completed");
    expect(textOf(report)).toContain("Self-check failed-requests failed");
    expect(report).toContain("&lt;b&gt;");
    expect(report).not.toContain("<b>");
  });

  it("of nothing is a report all the same", async () => {
    const text = textOf(await htmlReport(dataOf({}, { runs: () => [], targets: [] })));
    expect(text).toContain("Nothing was measured.");
    expect(text).toContain("Not finished: 4 runs of the plan are missing.");
  });
});
