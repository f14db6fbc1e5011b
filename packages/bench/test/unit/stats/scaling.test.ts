import { describe, expect, it } from "vitest";
import { PUBLISHED_RATIOS, PUBLISHED_SERIES, PUBLISHED_SOURCE } from "../../../lib/report/published.js";
import {
  checkIdentity,
  densityPairs,
  familyOf,
  precisionPairs,
  scalingEfficiency,
  speedRatio,
} from "../../../lib/stats/scaling.js";

const { workload } = PUBLISHED_SOURCE;

function seriesOf(model: string, precision: string) {
  const series = PUBLISHED_SERIES.find((one) => one.model === model && one.precision === precision);
  if (series === undefined) throw new Error(`The article has no ${model} in ${precision}.`);
  return series;
}

/** What can be meant by a printed figure: half a unit of its last digit to both sides. */
function meant(value: number, digits: number): [low: number, high: number] {
  const half = 0.5 * 10 ** -digits;
  return [value - half, value + half];
}

describe("the published table", () => {
  it.each(PUBLISHED_SERIES)("fulfils the identity for $model in $precision within 0.1 %", ({ atEight }) => {
    const { outputThroughput, meanTpotMs, meanTtftMs } = atEight;
    const { deviation, holds } = checkIdentity({
      concurrency: 8,
      outputLength: workload.outputLength,
      outputThroughput,
      meanTpotMs,
      meanTtftMs,
    });
    expect(Math.abs(deviation)).toBeLessThan(0.001);
    expect(holds).toBe(true);
  });

  it.each(PUBLISHED_SERIES)(
    "gives the printed scaling efficiency of $model in $precision from throughputs as exact as they are printed",
    ({ atEight, singleThroughput, isSingleDerived }) => {
      const [low, high] = meant(singleThroughput, isSingleDerived ? 1 : 0);
      const printed = meant(atEight.scalingEfficiency, 3);
      expect(scalingEfficiency(atEight.outputThroughput, high, 8)).toBeLessThanOrEqual(printed[1]);
      expect(scalingEfficiency(atEight.outputThroughput, low, 8)).toBeGreaterThanOrEqual(printed[0]);
    },
  );

  it.each(PUBLISHED_RATIOS.int4ToInt8)(
    "gives the printed INT4 to INT8 ratio of $model at $concurrency",
    ({ model, concurrency, ratio }) => {
      const figures = (precision: string) => {
        const { singleThroughput, atEight, efficiencyAtThirtyTwo } = seriesOf(model, precision);
        if (concurrency === 8) return atEight;
        const efficiency = concurrency === 1 ? 1 : (efficiencyAtThirtyTwo ?? NaN);
        const outputThroughput = singleThroughput * concurrency * efficiency;
        // Of a single stream only the throughput is published; its first token takes the time of few others.
        return { outputThroughput, meanTpotMs: concurrency === 1 ? 1000 / outputThroughput : 0 };
      };
      const { byTpot, byThroughput } = speedRatio(figures("INT4"), figures("INT8"));
      const digits = concurrency === 1 ? 1 : 2;
      expect((byTpot ?? byThroughput).toFixed(digits)).toBe(ratio.toFixed(digits));
    },
  );

  it.each(PUBLISHED_RATIOS.denseToMoe)("gives the printed dense to MoE ratio in $precision", (printed) => {
    const dense = seriesOf("Phi-4-mini-instruct", printed.precision).atEight;
    const moe = seriesOf("gpt-oss-20b", printed.precision).atEight;
    expect(speedRatio(dense, moe).byThroughput.toFixed(2)).toBe(printed.ratio.toFixed(2));
  });

  it("keeps the service levels as the article says: Phi-4-mini does at 8, gpt-oss misses the time per token", () => {
    const { ttftMs, tpotMs } = workload.serviceLevels;
    for (const { isMoe, atEight } of PUBLISHED_SERIES) {
      expect(atEight.meanTtftMs).toBeLessThan(ttftMs);
      expect(atEight.meanTpotMs > tpotMs).toBe(isMoe);
    }
  });
});

describe("checkIdentity", () => {
  const level = { concurrency: 4, outputLength: 11, meanTtftMs: 100, meanTpotMs: 10 };

  it("holds up to 3 % and not beyond, to both sides", () => {
    const at = (outputThroughput: number) => checkIdentity({ ...level, outputThroughput });
    expect(at(220)).toEqual({ expectedThroughput: 220, deviation: 0, holds: true });
    expect(at(220 * 1.0299).holds).toBe(true);
    expect(at(220 * 0.9701).holds).toBe(true);
    expect(at(220 * 1.0301).holds).toBe(false);
    expect(at(220 * 0.9699).holds).toBe(false);
  });

  it("holds for a single token, which has no time per token", () => {
    expect(checkIdentity({ ...level, outputLength: 1, meanTpotMs: 0, outputThroughput: 40 }).deviation).toBe(
      0,
    );
  });
});

describe("speedRatio", () => {
  it("has no ratio by time per token where one has none", () => {
    const figures = { outputThroughput: 10, meanTpotMs: 0 };
    expect(speedRatio(figures, { ...figures, outputThroughput: 5 })).toEqual({
      byThroughput: 2,
      byTpot: null,
    });
  });
});

describe("pairs of models", () => {
  const model = (target: string, precision: string, isMoe: boolean | null = false) => ({
    target,
    precision,
    isMoe,
  });
  const models = [
    model("phi-4-mini-int4", "INT4"),
    model("phi-4-mini-int8", "INT8"),
    model("gpt-oss-20b-int4", "INT4", true),
    model("gpt-oss-20b-int8", "INT8", true),
    model("llama-int8", "INT8", null),
  ];

  it("are INT4 and INT8 of one model", () => {
    expect(precisionPairs(models)).toEqual([
      { first: "phi-4-mini-int4", second: "phi-4-mini-int8" },
      { first: "gpt-oss-20b-int4", second: "gpt-oss-20b-int8" },
    ]);
  });

  it("are dense models and mixtures of experts of one precision", () => {
    expect(densityPairs(models)).toEqual([
      { first: "phi-4-mini-int4", second: "gpt-oss-20b-int4" },
      { first: "phi-4-mini-int8", second: "gpt-oss-20b-int8" },
    ]);
  });

  it.each([
    ["Phi-4-mini-instruct-INT4-awq", "phi-4-mini-instruct"],
    ["phi_4_mini_int8_sym_ov", "phi-4-mini"],
    ["SmolLM2-135M-Instruct.Q4_K_M", "smollm2-135m-instruct"],
    ["SmolLM2-135M-Instruct.Q8_0", "smollm2-135m-instruct"],
    ["qwen3-8b", "qwen3-8b"],
  ])("take %s for %s", (name, family) => {
    expect(familyOf(name)).toBe(family);
  });
});
