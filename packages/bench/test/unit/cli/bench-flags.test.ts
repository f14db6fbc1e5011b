import { Command, CommanderError } from "commander";
import { describe, expect, test } from "vitest";
import { addBenchFlags, benchOptionsOf, httpHeaders, type BenchFlags } from "../../../lib/cli/bench-flags.js";
import { resolveBenchOptions } from "../../../lib/plan/resolve-bench-options.js";

function parse(...args: string[]): BenchFlags {
  const command = addBenchFlags(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  return command.parse(args, { from: "user" }).opts<BenchFlags>();
}

describe("the flags of bench", () => {
  test("leave everything to the library where none is given", () => {
    // A flag that begins with --no- is true where it is not given.
    expect(parse()).toEqual({ kernels: true });
    expect(resolveBenchOptions(benchOptionsOf(parse()))).toEqual(resolveBenchOptions({}));
  });

  test("become the library's options", () => {
    const flags = parse(
      ...(
        "--levels 1,8 --input-len 64 --output-len 32 --range-ratio 0.5 --num-prompts 16 --request-rate 2.5 " +
        "--burstiness 0.5 --repeats 4 --seed 7 --slo ttft=500,tpot=50,e2el=9000 --dataset prompts.jsonl " +
        "--max-num-batched-tokens 256,512 --scheduler maxNumSeqs=64 --scheduler enablePrefixCaching=true " +
        "--device CPU --threads 2 --property KV_CACHE_PRECISION=u8 --profile p.json --performance-hint throughput"
      ).split(" "),
    );
    expect(benchOptionsOf(flags)).toMatchObject({
      levels: [1, 8],
      inputLength: 64,
      outputLength: 32,
      rangeRatio: 0.5,
      numPrompts: 16,
      requestRate: 2.5,
      burstiness: 0.5,
      repeats: 4,
      seed: 7,
      serviceLevels: { ttftMs: 500, tpotMs: 50, e2elMs: 9000 },
      dataset: "prompts.jsonl",
      maxNumBatchedTokens: [256, 512],
      scheduler: { maxNumSeqs: 64, enablePrefixCaching: true },
      device: "CPU",
      properties: { INFERENCE_NUM_THREADS: 2, KV_CACHE_PRECISION: "u8" },
      profile: "p.json",
      performanceHint: "throughput",
    });
  });

  test("take a preset by name, --quick for one of them, and inf for all at once", () => {
    expect(resolveBenchOptions(benchOptionsOf(parse("--quick", "--repeats", "2")))).toMatchObject({
      levels: [1, 4, 8],
      inputLength: 32,
      repeats: 2,
    });
    expect(benchOptionsOf(parse("--preset", "intel-128"))).toMatchObject({ preset: "intel-128" });
    expect(benchOptionsOf(parse("--prompts-per-concurrency", "2"))).toMatchObject({
      promptsPerConcurrency: 2,
    });
    expect(benchOptionsOf(parse("--request-rate", "inf"))).toMatchObject({ requestRate: Infinity });
    expect(benchOptionsOf(parse("--engine", "pipeline"))).toMatchObject({ engine: "pipeline" });
  });

  test("name a server, its endpoint and its model, and measure in this process as well", () => {
    const flags = parse(
      ..."--http http://host:8000 --endpoint chat --served-model-name phi --in-process".split(" "),
    );
    expect(benchOptionsOf(flags).http).toEqual({
      url: "http://host:8000",
      endpoint: "chat",
      servedModelName: "phi",
      inProcess: true,
    });
    expect(benchOptionsOf(parse("--http", "http://host:8000"))).toMatchObject({
      http: { url: "http://host:8000" },
    });
  });

  test("give headers and the key of the environment, which a header replaces, to no option", () => {
    const flags = parse("--http", "http://host", "--header", "X-A: b: c", "--header", "x-e:");
    expect(httpHeaders(flags, { OPENAI_API_KEY: "key" })).toEqual({
      authorization: "Bearer key",
      "x-a": "b: c",
      "x-e": "",
    });
    expect(httpHeaders(parse("--header", "Authorization: Basic eA=="), { OPENAI_API_KEY: "key" })).toEqual({
      authorization: "Basic eA==",
    });
    expect(httpHeaders(parse(), {})).toEqual({});
    expect(JSON.stringify(benchOptionsOf(flags))).not.toContain("b: c");
  });

  test("of a server that is started", () => {
    const flags = parse(
      ..."--serve --endpoint chat --server-flag max-queue=5 --server-flag --task=x".split(" "),
    );
    expect(benchOptionsOf(flags).serve).toEqual({ endpoint: "chat", flags: ["--max-queue=5", "--task=x"] });
    expect(benchOptionsOf(parse()).serve).toBeUndefined();
    expect(() => benchOptionsOf(parse("--server-flag", "max-queue=5"))).toThrow("no value without --serve");
    expect(() => benchOptionsOf(parse("--serve", "--engine", "pipeline"))).toThrow("for --engine");
    expect(() => parse("--serve", "--http", "http://host")).toThrow("cannot be used with");
  });

  test("name themselves in the library's errors", () => {
    expect(() => benchOptionsOf(parse("--input-len", "0"))).toThrow("for --input-len but received 0");
    expect(() => benchOptionsOf(parse("--levels", "1,1"))).toThrow("for --levels");
    expect(() => benchOptionsOf(parse("--http", "host"))).toThrow("for --http but received");
    expect(() => benchOptionsOf(parse("--http", "http://host/v1/completions", "--endpoint", "chat"))).toThrow(
      "for --endpoint",
    );
    expect(() => benchOptionsOf(parse("--http", "http://host", "--device", "GPU"))).toThrow("for --device");
    expect(() => benchOptionsOf(parse("--in-process"))).toThrow(
      "Expected no value without --http for --in-process",
    );
    expect(() => benchOptionsOf(parse("--slo", "ttft=0"))).toThrow("for --slo.ttftMs");
    expect(() => benchOptionsOf(parse("--scheduler", "maxSeqs=5"))).toThrow("--scheduler.maxSeqs");
    expect(() => benchOptionsOf(parse("--engine", "pipeline", "--scheduler", "maxNumSeqs=1"))).toThrow(
      /--scheduler/,
    );
  });

  test.each([
    ["--levels", "1,a"],
    ["--levels", "1,,2"],
    ["--input-len", "1.5"],
    ["--request-rate", "fast"],
    ["--slo", "latency=5"],
    ["--slo", "ttft"],
    ["--slo", "ttft=x"],
    ["--preset", "intel"],
    ["--engine", "vllm"],
    ["--scheduler", "maxNumSeqs"],
    ["--endpoint", "responses"],
    ["--header", "no colon"],
    ["--header", "bad name: x"],
    ["--header", "x: a\nb"],
  ])("refuse %s %j", (flag, value) => {
    expect(() => parse(flag, value)).toThrow(CommanderError);
  });

  test("refuse two presets at once", () => {
    expect(() => parse("--quick", "--preset", "intel-128")).toThrow(CommanderError);
  });
});
