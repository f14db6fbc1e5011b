import { describe, expect, test } from "vitest";
import { isAddress, liveOptionsOf, otherSide } from "../../../lib/cli/against-flags.js";

describe("--against", () => {
  test("is another model where it names no setting", () => {
    const options = { levels: [1], properties: { A: "1" } };
    expect(otherSide("./models/phi.gguf", "x", options)).toEqual({
      name: "phi",
      model: "./models/phi.gguf",
      options,
    });
    expect(isAddress("http://127.0.0.1:8000")).toBe(true);
    expect(isAddress("./http")).toBe(false);
  });

  test("changes settings in the forms of the flags, on top of those of the first side", () => {
    const options = { levels: [1], properties: { KV_CACHE_PRECISION: "f16" }, scheduler: { maxNumSeqs: 8 } };
    const text =
      "KV_CACHE_PRECISION=u8,MODEL_DISTRIBUTION_POLICY=A,B, maxNumSeqs=4,threads=2,performance-hint=latency";
    expect(otherSide(text, "/models/phi", options)).toEqual({
      name: `phi, ${text}`,
      model: "/models/phi",
      options: {
        levels: [1],
        properties: { KV_CACHE_PRECISION: "u8", MODEL_DISTRIBUTION_POLICY: "A,B", INFERENCE_NUM_THREADS: 2 },
        scheduler: { maxNumSeqs: 4 },
        performanceHint: "latency",
      },
    });
    expect(otherSide("engine=pipeline,prompt-lookup=true", "m", {}).options).toEqual({
      engine: "pipeline",
      promptLookup: true,
    });
  });

  test.each([
    ["maxNumSeq=4", /^--against: .*maxNumSeq/],
    ["engine=fast", /^--against: .*batching.* for engine/],
    ["maxNumSeqs=many", /^--against: .*maxNumSeqs/],
  ])("refuses %s by its name", (text, message) => {
    expect(() => otherSide(text, "m", {})).toThrow(message);
  });

  test("takes repeats for the blocks at most", () => {
    expect(liveOptionsOf({ repeats: 4, budget: 1000, threshold: 2 })).toEqual({
      mostBlocks: 4,
      budgetMs: 1000,
      thresholdPercent: 2,
    });
    expect(() => liveOptionsOf({ repeats: 2 })).toThrow("3 or more with --against");
  });
});
