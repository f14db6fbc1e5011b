import { describe, expect, it } from "vitest";
import type { BenchOptions } from "../../../lib/plan/bench-options.js";
import { planBench } from "../../../lib/plan/plan.js";
import { resolveBenchOptions } from "../../../lib/plan/resolve-bench-options.js";

describe("the option serve", () => {
  it("has its defaults, and is absent where no server is started", () => {
    expect(resolveBenchOptions({ serve: {} }).serve).toEqual({ endpoint: "completions", flags: [] });
    expect(resolveBenchOptions({})).not.toHaveProperty("serve");
  });

  it("plans each model in the process and over HTTP, in turns", () => {
    const { targets, runs } = planBench(["a", "b"], { serve: {}, levels: [1], repeats: 2 });
    expect(targets.map(({ label, http }) => [label, http])).toEqual([
      ["a", false],
      ["a (http)", true],
      ["b", false],
      ["b (http)", true],
    ]);
    expect(runs.map(({ target }) => target).slice(0, 4)).toEqual(["a", "a (http)", "a (http)", "a"]);
  });

  it.each<[BenchOptions, string]>([
    [{ serve: { endpoint: "responses" as "chat" } }, "options.serve.endpoint"],
    [{ serve: { flags: ["max-queue=5"] } }, "options.serve.flags"],
    [{ serve: { port: 1 } as object }, "a known option"],
    [{ serve: {}, http: { url: "http://host" } }, "no value with serve for options.http"],
    [{ serve: {}, engine: "pipeline" }, "options.engine"],
    [{ serve: {}, isaCompare: ["AVX2"] }, "options.isaCompare"],
    [{ serve: {}, maxNumBatchedTokens: [64, 128] }, "options.maxNumBatchedTokens"],
  ])("refuses %j", (options, message) => {
    expect(() => resolveBenchOptions(options)).toThrow(message);
  });
});
