import { describe, expect, test } from "vitest";
import { gapsOf, processorSection, resultSection, statsTable } from "../../../../lib/cli/generate/stats.js";
import { flagsFromKernel } from "../../../../lib/host/kernels/instruction-sets.js";
import type { InferenceFacts } from "../../../../lib/host/kernels/inference-facts.js";
import { phaseWeightLayers } from "../../../../lib/host/kernels/weight-layers.js";
import type { GenerationResult } from "../../../../lib/generation/generation-result.js";
import { computeTiming } from "../../../../lib/generation/timing.js";

/** A finished answer whose tokens came at these times after the call. */
function answer(producedMs: number[], rest: Partial<GenerationResult> = {}): GenerationResult {
  return {
    text: "…",
    tokenIds: producedMs.map((_, index) => index),
    finishReason: "stop",
    stopReason: null,
    usage: { promptTokens: 37, completionTokens: producedMs.length },
    timing: computeTiming({
      submitMs: 0,
      takenMs: 1,
      steps: producedMs.map((ms) => ({ producedMs: ms, deliveredMs: ms, tokens: 1 })),
      native: null,
    }),
    ...rest,
  };
}

const plain = (text: string): string => text;
const screen = {
  columns: 80,
  style: { strong: plain, faint: plain, good: plain, warning: plain, bad: plain },
};

describe("statsTable", () => {
  test("names every figure and says that a warm-up came before", () => {
    expect(
      statsTable(answer([100, 110, 130, 140, 150]), { loadMs: 1310, isWarm: true, isTemplated: true }),
    ).toEqual([
      "  Load time                     1.31 s, warm-up not included",
      "  Prompt                        37 tokens, chat template included",
      "  Answer                        5 tokens, ended by the model (stop)",
      "  Time to first token (TTFT)    100 ms, measured after a warm-up",
      "  Time per output token (TPOT)  12.5 ms",
      "  Inter-token latency (ITL)     p50 10.0 ms, p90 17.0 ms",
      "  Tokens per second             33.3 of the whole answer",
      "                                80.0 after the first token",
    ]);
  });

  test("says that there was no warm-up, and nothing of a template where none was used", () => {
    const lines = statsTable(answer([100, 110]), { loadMs: 1310, isWarm: false, isTemplated: false });
    expect(lines).toContain("  Load time                     1.31 s");
    expect(lines).toContain("  Prompt                        37 tokens");
    expect(lines).toContain("  Time to first token (TTFT)    100 ms, measured without a warm-up");
  });

  test("has a dash for what an answer without tokens does not have", () => {
    const lines = statsTable(answer([], { finishReason: "abort" }), {
      loadMs: 1310,
      isWarm: true,
      isTemplated: true,
    });
    expect(lines.slice(2)).toEqual([
      "  Answer                        0 tokens, interrupted (abort)",
      "  Time to first token (TTFT)    –, measured after a warm-up",
      "  Time per output token (TPOT)  –",
      "  Inter-token latency (ITL)     –",
      "  Tokens per second             –",
    ]);
  });

  test("says how the answer ended", () => {
    const endingOf = (rest: Partial<GenerationResult>): string =>
      statsTable(answer([1], rest), { loadMs: 1, isWarm: true, isTemplated: true })[2]?.slice(41) ?? "";
    expect(endingOf({ finishReason: "length" })).toBe("ended at the limit (length)");
    expect(endingOf({ stopReason: "\n" })).toBe('ended at "\\n" (stop)');
    expect(endingOf({ stopReason: 7 })).toBe("ended at 7 (stop)");
  });
});

describe("resultSection", () => {
  test("fits into 80 columns, ends in the chart and says what the words mean", () => {
    const stamps = Array.from({ length: 200 }, (_, index) => 1000 + index * 1234.5);
    const lines = resultSection(answer(stamps), { loadMs: 123_456, isWarm: true, isTemplated: true }, screen);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(lines.join("\n")).toContain("TTFT: from the call to the first token");
    expect(lines.at(-2)?.trim()).toMatch(/^\d+ +200$/);
  });

  test("has no chart for a single token", () => {
    expect(
      resultSection(answer([5]), { loadMs: 1, isWarm: true, isTemplated: true }, screen).join("\n"),
    ).not.toContain("└");
  });
});

describe("gapsOf", () => {
  test("are the times between tokens; tokens of one step have none", () => {
    const result = answer([], {
      timing: computeTiming({
        submitMs: 0,
        takenMs: 0,
        steps: [
          { producedMs: 10, deliveredMs: 10, tokens: 1 },
          { producedMs: 30, deliveredMs: 30, tokens: 2 },
        ],
        native: null,
      }),
    });
    expect(gapsOf(result)).toEqual([20, 0]);
    expect(gapsOf(answer([]))).toEqual([]);
  });
});

describe("processorSection", () => {
  const flags = flagsFromKernel(new Set(["avx2", "fma"]));

  test("says what the processor has, what inference uses, and what runs each phase", () => {
    const phase = (tokens: number, kernel: string) => ({
      tokens,
      inferences: 1,
      totalMs: 10,
      kernels: [
        { nodeType: "FullyConnectedCompressed", kernel, count: 210, timeShare: 0.86 },
        { nodeType: "PagedAttentionExtension", kernel: "ref_any_bf16", count: 30, timeShare: 0.14 },
      ],
    });
    const facts: InferenceFacts = {
      ok: true,
      instructionSet: "avx10_1_512_amx",
      isaLimit: null,
      activationTypes: ["bf16"],
      weightTypes: ["u4", "u8"],
      isDynamicallyQuantized: false,
      inForce: {
        inferencePrecision: "bf16",
        kvCachePrecision: "u8",
        dynamicQuantizationGroupSize: 32,
        inferenceThreads: 2,
      },
      graph: "paged",
      phases: {
        prefill: phase(128, "brgemm_avx512_amx_bf16"),
        decode: phase(1, "brgemm_avx512_bf16"),
        batchDecode: phase(8, "brgemm_avx512_amx_bf16"),
      },
      oneDnnKernels: [],
      oneDnnVersion: "3.13.0",
      detected: null,
    };
    const inference = { ...facts, weightLayers: phaseWeightLayers(facts) };
    expect(processorSection({ model: "A CPU", flags, inference }, screen)).toEqual([
      "  Processor         A CPU",
      "  Instruction sets  AVX2, FMA",
      "  Inference uses    AMX (oneDNN: avx10_1_512_amx), u4 and u8 weights, bf16 activations, not quantised",
      "                    prefill of 128 tokens: AMX (brgemm_avx512_amx_bf16 86 %)",
      "                    1 token: no AMX (brgemm_avx512_bf16 86 %)",
      "                    8 tokens: AMX (brgemm_avx512_amx_bf16 86 %)",
    ]);
  });

  test("says why it could not be found out", () => {
    const inference = { ok: false, message: "no memory" } as const;
    expect(processorSection({ model: null, flags, inference }, screen)).toEqual([
      "  Processor         unknown",
      "  Instruction sets  AVX2, FMA",
      "  Inference uses    not found out: no memory",
    ]);
  });
});
