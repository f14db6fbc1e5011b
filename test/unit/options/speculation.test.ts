import { describe, expect, it } from "vitest";
import type { Speculation } from "../../../lib/options/generation-rules.js";
import {
  checkSameVocabulary,
  checkSpeculation,
  resolveSpeculativeScheduler,
  withSpeculationDefaults,
  type SpeculationOptions,
} from "../../../lib/options/speculation.js";
import { resolveSchedulerOptions } from "../../../lib/options/resolve-scheduler-options.js";

/** What a caller without types may pass. */
const check = (options: object): unknown => checkSpeculation(options);

describe("checkSpeculation", () => {
  it.each<[SpeculationOptions, object]>([
    [{}, { kind: "none", draft: null }],
    [
      { promptLookup: undefined, draftModel: undefined },
      { kind: "none", draft: null },
    ],
    [{ promptLookup: false }, { kind: "none", draft: null }],
    [{ promptLookup: true }, { kind: "prompt-lookup", draft: null }],
    [
      { draftModel: "small" },
      { kind: "draft", draft: { model: "small", device: undefined, nativeProperties: undefined } },
    ],
    [
      { draftModel: { model: "./small" }, promptLookup: false },
      { kind: "draft", draft: { model: "./small", device: undefined, nativeProperties: undefined } },
    ],
    [
      { draftModel: { model: "small", device: "CPU", properties: { INFERENCE_NUM_THREADS: 2 } } },
      {
        kind: "draft",
        draft: { model: "small", device: "CPU", nativeProperties: [["INFERENCE_NUM_THREADS", "2"]] },
      },
    ],
  ])("takes %o", (options, expected) => {
    expect(checkSpeculation(options)).toEqual(expected);
  });

  it.each<[object, string]>([
    [{ promptLookup: 1 }, "a boolean for options.promptLookup but received 1"],
    [{ promptLookup: null }, "options.promptLookup"],
    [{ promptLookup: true, draftModel: "small" }, "no value with promptLookup"],
    [{ draftModel: "" }, "options.draftModel but received"],
    [{ draftModel: null }, "an object for options.draftModel but received null"],
    [{ draftModel: ["small"] }, "options.draftModel"],
    [{ draftModel: {} }, "options.draftModel.model but received undefined"],
    [{ draftModel: { model: 7 } }, "options.draftModel.model but received 7"],
    [{ draftModel: { model: "small", device: "" } }, "options.draftModel.device"],
    [{ draftModel: { model: "small", devise: "CPU" } }, "Did you mean device?"],
    [{ draftModel: { model: "small", properties: "fast" } }, "options.draftModel.properties"],
    [{ draftModel: { model: "small", properties: { A: {} } } }, "options.draftModel.properties.A"],
    [
      { draftModel: { model: "small", properties: { scheduler_config: "x" } } },
      "options.draftModel.properties.scheduler_config",
    ],
  ])("refuses %o", (options, message) => {
    expect(() => check(options)).toThrow(TypeError);
    expect(() => check(options)).toThrow(message);
  });

  it("refuses numbers that are none among the properties", () => {
    expect(() => check({ draftModel: { model: "small", properties: { A: NaN } } })).toThrow(RangeError);
  });
});

describe("checkSameVocabulary", () => {
  const model = (name: string, vocabSize: number | null) => ({ name, vocabSize });

  it("refuses two sizes, with both and the names", () => {
    expect(() => checkSameVocabulary(model("big", 152_064), model("small", 151_936))).toThrow(
      expect.objectContaining({
        code: "ERR_MODEL_LOAD",
        message: expect.stringMatching(/big, 152064 tokens, but small has 151936/),
      }),
    );
  });

  it.each([
    [288, 288],
    [null, 288],
    [288, null],
    [null, null],
  ])("takes %s and %s", (target, draft) => {
    expect(() => checkSameVocabulary(model("big", target), model("small", draft))).not.toThrow();
  });
});

describe("withSpeculationDefaults", () => {
  const given = { topP: 0.5 };

  it("leaves a file alone without speculative decoding", () => {
    const options = { numAssistantTokens: 0, maxNgramSize: 2 };
    expect(withSpeculationDefaults(options, "none")).toEqual(options);
  });

  it.each<[Speculation, object, object]>([
    ["draft", {}, { numAssistantTokens: 5 }],
    ["draft", { numAssistantTokens: 0 }, { numAssistantTokens: 5 }],
    ["draft", { numAssistantTokens: 8, maxNgramSize: 2 }, { numAssistantTokens: 8 }],
    ["draft", { assistantConfidenceThreshold: 0.4 }, { assistantConfidenceThreshold: 0.4 }],
    ["prompt-lookup", {}, { numAssistantTokens: 5, maxNgramSize: 3 }],
    ["prompt-lookup", { maxNgramSize: 2 }, { numAssistantTokens: 5, maxNgramSize: 2 }],
    ["prompt-lookup", { assistantConfidenceThreshold: 0.4 }, { numAssistantTokens: 5, maxNgramSize: 3 }],
  ])("%s: %o becomes %o", (speculation, options, expected) => {
    expect(withSpeculationDefaults({ ...given, ...options }, speculation)).toEqual({ ...given, ...expected });
  });
});

describe("resolveSpeculativeScheduler", () => {
  it("is the plain one without speculative decoding", () => {
    const options = { maxNumBatchedTokens: 64, numKvBlocks: 10, enablePrefixCaching: true };
    expect(resolveSpeculativeScheduler(options, "none")).toEqual(resolveSchedulerOptions(options));
    expect(resolveSpeculativeScheduler(undefined, "none")).toEqual(resolveSchedulerOptions(undefined));
  });

  it.each<Speculation>(["draft", "prompt-lookup"])("puts no limit on a step with %s", (speculation) => {
    const limit = { maxNumBatchedTokens: 2 ** 31 - 1 };
    expect(resolveSpeculativeScheduler(undefined, speculation)).toEqual(resolveSchedulerOptions(limit));
    const options = { maxNumSeqs: 3, sparseAttentionConfig: { mode: "trishape" } as const };
    expect(resolveSpeculativeScheduler(options, speculation)).toEqual(
      resolveSchedulerOptions({ ...options, ...limit }),
    );
    const legal = {
      dynamicSplitFuse: true,
      numKvBlocks: 0,
      cacheSizeGb: 0,
      useCacheEviction: false,
      ...limit,
    };
    expect(resolveSpeculativeScheduler(legal, speculation)).toMatchObject(legal);
  });

  it.each<[object, string]>([
    [{ maxNumBatchedTokens: 256 }, "maxNumBatchedTokens"],
    [{ dynamicSplitFuse: false }, "dynamicSplitFuse"],
    [{ numKvBlocks: 100 }, "numKvBlocks"],
    [{ cacheSizeGb: 2 }, "cacheSizeGb"],
    [{ enablePrefixCaching: true }, "enablePrefixCaching"],
    [{ useCacheEviction: true }, "useCacheEviction"],
    [{ cacheEvictionConfig: {} }, "cacheEvictionConfig"],
  ])("refuses %o", (options, name) => {
    for (const speculation of ["draft", "prompt-lookup"] as const) {
      expect(() => resolveSpeculativeScheduler(options, speculation)).toThrow(TypeError);
      expect(() => resolveSpeculativeScheduler(options, speculation)).toThrow(
        `for options.scheduler.${name} but`,
      );
    }
  });

  it("refuses the sparse attention that fails with a draft model", () => {
    const options = { sparseAttentionConfig: { mode: "xattention" } } as const;
    expect(() => resolveSpeculativeScheduler(options, "draft")).toThrow(
      /"trishape".*options\.scheduler\.sparseAttentionConfig/,
    );
    for (const legal of [options, { ...options, useSparseAttention: false }]) {
      expect(resolveSpeculativeScheduler(legal, "prompt-lookup")).toMatchObject(legal);
    }
    const off = { ...options, useSparseAttention: false };
    expect(resolveSpeculativeScheduler(off, "draft")).toMatchObject(off);
  });

  it("checks the rest as ever", () => {
    expect(() => resolveSpeculativeScheduler({ maxNumSeqs: 0 }, "draft")).toThrow(RangeError);
    expect(() => resolveSpeculativeScheduler({ maxSeqs: 1 }, "draft")).toThrow("options.scheduler.maxSeqs");
    expect(() => resolveSpeculativeScheduler(5, "draft")).toThrow(TypeError);
  });
});
