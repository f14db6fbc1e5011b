import { describe, expect, it } from "vitest";
import { resultsCsv } from "../../../lib/report/csv.js";
import { vllmResult, type VllmContext } from "../../../lib/measure/vllm-result.js";
import { dataOf, requestOf, runOf } from "../sample-data.js";

const { plan } = dataOf({ levels: [2], repeats: 1, numPrompts: 4 });
const context: VllmContext = {
  endpointType: "openvino-llm",
  label: "model",
  modelId: "/models/model",
  requestRate: "inf",
  burstiness: 1,
  serviceLevels: { ttftMs: 60 },
};

describe("vllmResult", () => {
  it("has the keys of `vllm bench serve --save-result`, in its units", () => {
    const result = vllmResult(runOf(plan.runs[0]!), context);
    // 8 tokens each, two at once, twice 130 ms.
    expect(result).toMatchObject({
      date: "20260131-120000",
      endpoint_type: "openvino-llm",
      backend: "openvino-llm",
      label: "model",
      model_id: "/models/model",
      tokenizer_id: "/models/model",
      num_prompts: 4,
      request_rate: "inf",
      burstiness: 1,
      max_concurrency: 2,
      duration: 0.26,
      completed: 4,
      failed: 0,
      total_input_tokens: 64,
      total_output_tokens: 32,
      request_throughput: 4 / 0.26,
      request_goodput: 4 / 0.26,
      output_throughput: 32 / 0.26,
      total_token_throughput: 96 / 0.26,
      max_concurrent_requests: 2,
      target: "model",
      repeat: 1,
    });
    for (const name of ["ttft", "tpot", "itl", "e2el"]) {
      for (const figure of ["mean", "median", "std", "p50", "p90", "p95", "p99"]) {
        expect(result).toHaveProperty([`${figure}_${name}_ms`]);
      }
    }
    expect(result["mean_ttft_ms"]).toBe(60);
    expect(result["p99_tpot_ms"]).toBe(10);
    expect(result["n_itl"]).toBe(28);
    expect(result).not.toHaveProperty("ttfts");
  });

  it("names percentiles as asked for", () => {
    const result = vllmResult(runOf(plan.runs[0]!), { ...context, percentiles: [25, 99.9] });
    expect(result).toHaveProperty(["p99.9_ttft_ms"]);
    expect(result).toHaveProperty(["p25_e2el_ms"]);
    expect(result).not.toHaveProperty(["p50_ttft_ms"]);
  });

  it("has an entry for each request with detail, failed ones too, times in seconds", () => {
    const requests = [
      requestOf({ text: "ok", sentMs: 5 }),
      requestOf({ index: 1, error: "It failed.", sentMs: 10, producedMs: [], deliveredMs: [] }),
    ];
    const result = vllmResult(runOf(plan.runs[0]!, { requests }), { ...context, detail: true });
    expect(result.input_lens).toEqual([16, 16]);
    expect(result.output_lens).toEqual([8, 0]);
    expect(result.ttfts).toEqual([0.05, 0]);
    expect(result.itls).toEqual([Array.from({ length: 7 }, () => 0.01), []]);
    expect(result.start_times).toEqual([0.005, 0.01]);
    expect(result.generated_texts).toEqual(["ok", ""]);
    expect(result.errors).toEqual(["", "It failed."]);
  });

  it("can take the stamps of arrival", () => {
    const result = vllmResult(runOf(plan.runs[0]!), { ...context, stamps: "delivered", detail: true });
    expect(result["mean_ttft_ms"]).toBe(60.25);
    expect(result.ttfts?.[0]).toBe(0.06025);
  });
});

describe("resultsCsv", () => {
  it("has a line for each run under the names of the columns, without lists", () => {
    const results = [vllmResult(runOf(plan.runs[0]!), { ...context, detail: true })];
    const [head = "", line = "", end] = resultsCsv(results).split("\r\n");
    expect(end).toBe("");
    const columns = head.split(",");
    expect(columns).toContain("mean_ttft_ms");
    expect(columns).not.toContain("ttfts");
    expect(line.split(",")[columns.indexOf("mean_ttft_ms")]).toBe("60");
  });

  it("quotes what would break a line", () => {
    const result = vllmResult(runOf(plan.runs[0]!), { ...context, label: 'a "b", c\nd', serviceLevels: {} });
    const csv = resultsCsv([result]);
    expect(csv).toContain('"a ""b"", c\nd"');
    expect(csv.split("\r\n")[0]).toContain("request_goodput");
  });
});
