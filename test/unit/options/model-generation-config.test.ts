import { describe, expect, it } from "vitest";
import { readModelGenerationConfig } from "../../../lib/options/model-generation-config.js";

const context = { file: "/models/m/generation_config.json", vocabSize: 100, tokenizerEosTokenId: 2 };

describe("readModelGenerationConfig", () => {
  it("takes no file as nothing but the tokenizer's end token", () => {
    expect(readModelGenerationConfig(null, context)).toEqual({ options: {}, eosTokenIds: [2], ignored: [] });
    expect(readModelGenerationConfig({}, { ...context, tokenizerEosTokenId: null }).eosTokenIds).toEqual([]);
    expect(readModelGenerationConfig({}, { ...context, tokenizerEosTokenId: -1 }).eosTokenIds).toEqual([]);
  });

  it("reads Hugging Face's keys under our names", () => {
    const { options } = readModelGenerationConfig(
      {
        do_sample: true,
        temperature: 0.6,
        top_p: 0.9,
        top_k: 50,
        max_length: 4096,
        stop_strings: ["<end>"],
        early_stopping: true,
        no_repeat_ngram_size: 3,
        transformers_version: "5.5.4",
        _from_model_config: true,
      },
      context,
    );
    expect(options).toEqual({
      doSample: true,
      temperature: 0.6,
      topP: 0.9,
      topK: 50,
      maxLength: 4096,
      stopStrings: ["<end>"],
      stopCriteria: "early",
      noRepeatNgramSize: 3,
    });
  });

  it.each([
    [5, [5]],
    [
      [5, 6],
      [5, 6],
    ],
    [
      [6, 5, 6],
      [6, 5],
    ],
    [-1, [2]],
    [null, [2]],
    [[], [2]],
    [[5, 100], [5]],
    [100, [2]],
  ])("reads eos_token_id %j as %j", (eosTokenId, expected) => {
    expect(readModelGenerationConfig({ eos_token_id: eosTokenId }, context).eosTokenIds).toEqual(expected);
  });

  it.each([
    [true, "early"],
    [false, "heuristic"],
    ["never", "never"],
    ["soon", undefined],
    [null, undefined],
  ])("reads early_stopping %j as %j", (value, expected) => {
    expect(readModelGenerationConfig({ early_stopping: value }, context).options.stopCriteria).toBe(expected);
  });

  it("takes null as absent and cuts numbers to integers, as GenAI does", () => {
    expect(readModelGenerationConfig({ top_p: null, top_k: 40.9 }, context)).toMatchObject({
      options: { topK: 40 },
      ignored: [],
    });
  });

  it("does not take what GenAI does not look for, nor what a model has no say in", () => {
    const file = { stop_token_ids: [1], rng_seed: 4, apply_chat_template: false, logprobs: 1, echo: true };
    expect(readModelGenerationConfig(file, context).options).toEqual({});
  });

  it("leaves out a number out of its range, and says which and why", () => {
    const { options, ignored } = readModelGenerationConfig(
      { top_k: -1, max_new_tokens: 0, repetition_penalty: 0, top_p: 0.5 },
      context,
    );
    expect(options).toEqual({ topP: 0.5 });
    expect(ignored.map(({ key }) => key).sort()).toEqual(["max_new_tokens", "repetition_penalty", "top_k"]);
    expect(ignored.find(({ key }) => key === "top_k")).toEqual({
      key: "top_k",
      value: -1,
      reason: "Expected an integer from 0 to 2147483647 for top_k but received -1.",
    });
  });

  it("leaves out a list where one value belongs, and one string where a list belongs", () => {
    const { options, ignored } = readModelGenerationConfig(
      { temperature: [0.5], stop_strings: "end" },
      context,
    );
    expect(options).toEqual({});
    expect(ignored).toHaveLength(2);
  });

  it.each([
    [{ temperature: "hot" }, "a number for temperature", '"hot"'],
    [{ do_sample: 1 }, "a boolean for do_sample", "1"],
    [{ stop_strings: ["a", 5] }, "an array of strings for stop_strings", "an array of 2"],
    [{ eos_token_id: "2" }, "a number for eos_token_id", '"2"'],
    [{ eos_token_id: [2, "3"] }, "a number for eos_token_id", '"3"'],
  ])("refuses %j as the file's fault", (content, expected, received) => {
    expect(() => readModelGenerationConfig(content, context)).toThrowError(
      expect.objectContaining({
        code: "ERR_MODEL_LOAD",
        message: expect.stringContaining(`Expected ${expected} in ${context.file} but it holds ${received}`),
      }),
    );
  });
});
