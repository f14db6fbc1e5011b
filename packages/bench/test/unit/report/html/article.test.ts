import { describe, expect, it } from "vitest";
import {
  articleRows,
  isSameModel,
  publishedDensityRatio,
  publishedPrecisionRatio,
  publishedSeriesOf,
} from "../../../../lib/report/html/article.js";
import { summarize } from "../../../../lib/summary/summary.js";
import { dataOf, factsOf } from "../../sample-data.js";

const files = { path: "/m", weightBytes: {}, runtimeOptions: {}, manifest: null };
const phi = factsOf("Phi-4-mini-instruct-int4", { files: { ...files, precision: "INT4", isMoe: false } });
const moe = factsOf("Qwen3-30B-A3B-int8", { files: { ...files, precision: "INT8", isMoe: true } });
const half = factsOf("SmolLM2-fp16", { files: { ...files, precision: "FP16", isMoe: false } });

describe("the published article beside a benchmark", () => {
  it("has every quantity that both have, with its concurrency", () => {
    const data = dataOf({ levels: [1, 2, 8] }, { models: [phi.label], targets: [phi] });
    // TTFT 120 ms and 7 gaps of 10 ms at concurrency 8: 8 · 8 tokens in 190 ms; 8 in 120 ms at concurrency 1.
    const rows = articleRows(summarize(data)).map(({ quantity, concurrency, ours, published }) => [
      quantity,
      concurrency,
      Number(ours.toFixed(1)),
      Number(published.toFixed(1)),
    ]);
    expect(rows).toEqual([
      ["throughput", 1, 66.7, 36],
      ["throughput", 8, 336.8, 161],
      ["TPOT", 8, 10, 47.7],
      ["TTFT", 8, 120, 302.1],
      ["scaling efficiency", 8, 63.2, 55.8],
    ]);
  });

  it("takes the article's model of the same kind, and says whether it is the same one", () => {
    expect(publishedSeriesOf(phi)?.model).toBe("Phi-4-mini-instruct");
    expect(publishedSeriesOf(moe)?.model).toBe("gpt-oss-20b");
    expect(publishedSeriesOf(half)).toBeNull();
    const [own, other] = [publishedSeriesOf(phi), publishedSeriesOf(moe)];
    expect(own !== null && isSameModel(phi, own)).toBe(true);
    expect(other !== null && isSameModel(moe, other)).toBe(false);
  });

  it("has its ratios at the levels that it printed", () => {
    const targets = [phi, moe];
    const at = (concurrency: number) => publishedPrecisionRatio({ first: phi.label, concurrency }, targets);
    expect([1, 2, 8, 32].map((level) => at(level)?.ratio)).toEqual([1.8, undefined, 1.06, 1.03]);
    expect(at(32)?.by).toBe("throughput");
    expect(publishedDensityRatio({ first: phi.label, concurrency: 8 }, targets)).toBe(2.42);
    expect(publishedDensityRatio({ first: phi.label, concurrency: 4 }, targets)).toBeNull();
  });
});
