import { describe, expect, it } from "vitest";
import { resolveBenchOptions } from "../../../lib/plan/resolve-bench-options.js";
import type { BenchOptions } from "../../../lib/plan/bench-options.js";
import { longestRequest, planBench, promptCount, targetGroups, workloadOf } from "../../../lib/plan/plan.js";
import { prefixKey, randomPrompts } from "../../../lib/prompts/prompts.js";

describe("resolveBenchOptions", () => {
  it("without options measures as the published article does, each level three times", () => {
    const options = resolveBenchOptions({});
    expect(options).toEqual({
      engine: "batching",
      levels: [1, 2, 4, 8, 16, 32],
      inputLength: 128,
      outputLength: 128,
      rangeRatio: 0,
      numPrompts: null,
      promptsPerConcurrency: null,
      requestRate: "inf",
      burstiness: 1,
      repeats: 3,
      seed: 0,
      serviceLevels: { ttftMs: 3000, tpotMs: 100 },
      percentiles: [50, 90, 95, 99],
      dataset: "random",
      warmupOutputLength: 16,
      device: "CPU",
      properties: {},
      scheduler: {},
      maxNumBatchedTokens: null,
      http: null,
      isaCompare: null,
    });
    expect(resolveBenchOptions({ preset: "intel-128" })).toEqual(options);
  });

  it("lets what is given win over the preset, and undefined count as absent", () => {
    const options = resolveBenchOptions({ preset: "quick", repeats: 2, levels: undefined });
    expect(options).toMatchObject({
      levels: [1, 4, 8],
      inputLength: 32,
      outputLength: 32,
      promptsPerConcurrency: 2,
      repeats: 2,
    });
  });

  it("sorts levels, and warms up with no more tokens than are measured", () => {
    expect(resolveBenchOptions({ levels: [8, 1, 2], outputLength: 4 })).toMatchObject({
      levels: [1, 2, 8],
      warmupOutputLength: 4,
    });
  });

  it("has a profile and a hint where they are given", () => {
    const settings = { profile: "auto", performanceHint: "latency" } as const;
    expect(resolveBenchOptions(settings)).toMatchObject(settings);
  });

  it("is what JSON can hold", () => {
    const options = resolveBenchOptions({ requestRate: 2.5, properties: { INFERENCE_NUM_THREADS: 2 } });
    expect(JSON.parse(JSON.stringify(options))).toEqual(options);
  });

  it.each<[BenchOptions, string]>([
    [{ levels: [] }, "an array of at least one number for options.levels"],
    [{ levels: [1, 1] }, "different values for options.levels"],
    [{ levels: [0] }, "from 1 to 65536 for options.levels[0]"],
    [{ inputLength: 0 }, "options.inputLength"],
    [{ outputLength: 1.5 }, "options.outputLength"],
    [{ rangeRatio: 1 }, "below 1 for options.rangeRatio"],
    [{ requestRate: 0 }, "above 0 for options.requestRate"],
    [{ burstiness: -1 }, "options.burstiness"],
    [{ repeats: 0 }, "options.repeats"],
    [{ seed: -1 }, "options.seed"],
    [{ percentiles: [101] }, "options.percentiles[0]"],
    [{ serviceLevels: { ttftMs: 0 } }, "options.serviceLevels.ttftMs"],
    [{ serviceLevels: { ttft: 5 } as object }, "Known are ttftMs, tpotMs, e2elMs"],
    [{ dataset: "" }, "options.dataset"],
    [{ device: "" }, "options.device"],
    [{ scheduler: { maxNumSeqs: 0 } }, "options.scheduler.maxNumSeqs"],
    [{ engine: "pipeline", scheduler: {} }, 'no value with engine "pipeline"'],
    [{ engine: "pipeline", maxNumBatchedTokens: [1] }, 'no value with engine "pipeline"'],
    [{ http: { url: "host" } }, "a URL such as http://127.0.0.1:8000 for options.http.url"],
    [
      { http: { url: "http://host" }, engine: "pipeline" },
      'but received "pipeline". A server is configured where',
    ],
    [{ http: { url: "http://host" }, properties: {} }, "no value with http"],
    [{ http: { url: "http://host" }, profile: "auto" }, "no value with http"],
    [{ profile: "" }, "options.profile"],
    [{ performanceHint: "speed" as "latency" }, '"latency" or "throughput" for options.performanceHint'],
    [{ profile: "p.json", isaCompare: ["AVX2"] }, "no value with isaCompare"],
    [{ http: { url: "http://host" }, maxNumBatchedTokens: [1] }, "no value with http"],
    [
      { http: { url: "http://host", inProcess: true }, maxNumBatchedTokens: [1, 2] },
      "a single number with http",
    ],
    [{ preset: "intel" as "quick" }, '"intel-128" or "quick" for options.preset'],
    [{ inputLen: 5 } as object, "Did you mean inputLength"],
  ])("refuses %j", (options, message) => {
    expect(() => resolveBenchOptions(options)).toThrow(message);
  });
});

describe("promptCount", () => {
  const at = (
    concurrency: number,
    numPrompts: number | null = null,
    promptsPerConcurrency: number | null = null,
  ) => promptCount(concurrency, { numPrompts, promptsPerConcurrency });

  it("is four for each request at once, and at least 32, as a multiple of the concurrency", () => {
    expect([1, 2, 4, 8, 16, 32].map((level) => at(level))).toEqual([32, 32, 32, 32, 64, 128]);
    expect([3, 5, 7, 31].map((level) => at(level))).toEqual([33, 35, 35, 124]);
  });

  it("rounds a given number up to a multiple of the concurrency", () => {
    expect([at(8, 20), at(1, 20), at(32, 5)]).toEqual([24, 20, 32]);
    expect(at(4, null, 2)).toBe(8);
    expect(at(4, 6, 2)).toBe(8);
  });
});

describe("planBench", () => {
  it("measures all levels before it repeats the first one, one target after the other", () => {
    const { runs } = planBench(["a", "b"], { levels: [2, 1], repeats: 2 });
    expect(runs.map(({ target, concurrency, repeat }) => `${target} ${concurrency} ${repeat}`)).toEqual([
      "a 1 1",
      "a 2 1",
      "a 1 2",
      "a 2 2",
      "b 1 1",
      "b 2 1",
      "b 1 2",
      "b 2 2",
    ]);
  });

  it("gives every prompt of a target to one run, to its warm-up or to the probe, and all targets the same", () => {
    const { runs, probe } = planBench(["a", "b"], { levels: [1, 2, 4], repeats: 3, numPrompts: 5 });
    const numbersOf = (target: string) =>
      runs
        .filter((run) => run.target === target)
        .flatMap(({ firstPrompt, numPrompts, numWarmups }) =>
          Array.from({ length: numPrompts + numWarmups }, (_, index) => firstPrompt + index),
        );
    const all = [...Array.from({ length: probe.numPrompts }, (_, index) => index), ...numbersOf("a")];
    expect(new Set(all).size).toBe(all.length);
    expect(numbersOf("b")).toEqual(numbersOf("a"));
  });

  it("is the same for the same models and options, also by way of JSON", () => {
    const options: BenchOptions = { levels: [1, 4], seed: 3, rangeRatio: 0.5 };
    expect(planBench(["a"], options)).toEqual(planBench(["a"], options));
    expect(JSON.parse(JSON.stringify(planBench(["a"], options)))).toEqual(planBench(["a"], options));
  });

  it("labels models by their names, and by their paths where the names are equal", () => {
    const labels = (...models: string[]) => planBench(models).targets.map(({ label }) => label);
    expect(labels("smollm2", "/models/phi-int4/", "x/Tiny.Q4_1.gguf")).toEqual([
      "smollm2",
      "phi-int4",
      "Tiny.Q4_1",
    ]);
    expect(labels("/a/phi", "/b/phi", "c")).toEqual(["/a/phi", "/b/phi", "c"]);
  });

  it("makes a target of each number of batched tokens", () => {
    const { targets, runs } = planBench(["a"], { maxNumBatchedTokens: [256, 512], levels: [1], repeats: 1 });
    expect(targets).toMatchObject([
      { label: "a (256 batched tokens)", model: "a", maxNumBatchedTokens: 256 },
      { label: "a (512 batched tokens)", model: "a", maxNumBatchedTokens: 512 },
    ]);
    expect(runs).toHaveLength(2);
    expect(planBench(["a"], { maxNumBatchedTokens: [512] }).targets[0]).toMatchObject({ label: "a" });
  });

  const http = { url: "http://host:8000" };

  it("has a target of a server alone for each model", () => {
    const { targets, options } = planBench(["org/a", "b"], { http });
    expect(targets).toMatchObject([
      { label: "a", model: "org/a", http: true },
      { label: "b", model: "b", http: true },
    ]);
    expect(options.http).toEqual({
      url: "http://host:8000/v1",
      endpoint: "completions",
      servedModelName: null,
      inProcess: false,
    });
  });

  it("measures both ways side by side: in turns, with the same prompts, whichever is second first in the next repeat", () => {
    const { targets, runs } = planBench(["a", "b"], {
      http: { ...http, inProcess: true },
      levels: [1, 2],
      repeats: 2,
      maxNumBatchedTokens: [64],
    });
    expect(targets.map(({ label, http, maxNumBatchedTokens }) => [label, http, maxNumBatchedTokens])).toEqual(
      [
        ["a", false, 64],
        ["a (http)", true, null],
        ["b", false, 64],
        ["b (http)", true, null],
      ],
    );
    expect(
      runs.slice(0, 8).map(({ target, concurrency, repeat }) => `${target} ${concurrency} ${repeat}`),
    ).toEqual([
      "a 1 1",
      "a 2 1",
      "a (http) 1 1",
      "a (http) 2 1",
      "a (http) 1 2",
      "a (http) 2 2",
      "a 1 2",
      "a 2 2",
    ]);
    const promptsOf = (label: string) =>
      runs
        .filter(({ target }) => target === label)
        .map(({ concurrency, repeat, firstPrompt }) => [concurrency, repeat, firstPrompt]);
    expect(promptsOf("a (http)")).toEqual(promptsOf("a"));
    expect(targetGroups(targets).map((group) => group.map(({ label }) => label))).toEqual([
      ["a", "a (http)"],
      ["b", "b (http)"],
    ]);
  });

  it("takes another name at the server for a single model only", () => {
    const named = { http: { ...http, servedModelName: "m" } };
    expect(planBench(["a"], named).targets).toMatchObject([{ label: "a", model: "a" }]);
    expect(() => planBench(["a", "b"], named)).toThrow("a single model with http.servedModelName");
  });

  it.each([[[]], [["a", "a"]], [[""]]])("refuses %j as models", (models) => {
    expect(() => planBench(models)).toThrow(/models/);
  });
});

describe("workloadOf", () => {
  const prompts = randomPrompts({ size: 500, specialIds: [] }, 0);

  it("has the planned requests and arrivals, and a warm-up with other prompts and fewer tokens", () => {
    const plan = planBench(["a"], {
      levels: [2],
      inputLength: 8,
      outputLength: 20,
      numPrompts: 4,
      requestRate: 10,
    });
    const {
      concurrency,
      requests,
      warmup = [],
      arrivalsMs,
    } = workloadOf(plan.runs[0]!, plan.options, prompts);
    expect(concurrency).toBe(2);
    expect(requests.map(({ outputLength, prompt }) => [prompt.length, outputLength])).toEqual(
      Array.from({ length: 4 }, () => [8, 20]),
    );
    expect(warmup.map(({ outputLength }) => outputLength)).toEqual([16, 16]);
    expect(arrivalsMs?.at(-1)).toBeCloseTo(400, 9);
  });

  it("has prompts that no other run has, and the same prompts whenever it is asked", () => {
    const plan = planBench(["a"], { levels: [1, 2, 4], repeats: 3, numPrompts: 4 });
    const keysOf = () =>
      plan.runs.flatMap((run) => {
        const { requests, warmup = [] } = workloadOf(run, plan.options, prompts);
        return [...warmup, ...requests].map(({ prompt }) => prefixKey(prompt));
      });
    expect(new Set(keysOf()).size).toBe(keysOf().length);
    expect(keysOf()).toEqual(keysOf());
  });

  it("draws lengths that differ between levels and repeats, and not between targets", () => {
    const plan = planBench(["a", "b"], { levels: [1, 2], repeats: 2, rangeRatio: 0.5 });
    const lengths = plan.runs.map((run) =>
      workloadOf(run, plan.options, prompts)
        .requests.map(({ prompt, outputLength }) => `${prompt.length}/${outputLength}`)
        .join(" "),
    );
    expect(new Set(lengths.slice(0, 4)).size).toBe(4);
    expect(lengths.slice(4)).toEqual(lengths.slice(0, 4));
    const longest = longestRequest(plan.options);
    expect(longest).toBe(384);
    for (const [input = 0, output = 0] of lengths
      .join(" ")
      .split(" ")
      .map((pair) => pair.split("/").map(Number))) {
      expect(input + output).toBeLessThanOrEqual(longest);
    }
  });
});
