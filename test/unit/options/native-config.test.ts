import { describe, expect, it } from "vitest";
import { readModelGenerationConfig } from "../../../lib/options/model-generation-config.js";
import { resolveGenerationConfig } from "../../../lib/options/generation-config.js";
import type { ResolvedGenerationConfig } from "../../../lib/options/generation-config.js";
import type { GenerationOptions } from "../../../lib/options/generation-options.js";
import { endTokenIds, stopTokenOf, toNativeConfig } from "../../../lib/options/native-config.js";

function resolve(call: GenerationOptions, eosTokenIds: number[] = [5, 6]): ResolvedGenerationConfig {
  const model = readModelGenerationConfig(
    { eos_token_id: eosTokenIds },
    { file: "m.json", vocabSize: 100, tokenizerEosTokenId: null },
  );
  return resolveGenerationConfig({ call, model }, { contextLength: 50, vocabSize: 100 });
}

function native(call: GenerationOptions, eosTokenIds?: number[]): Record<string, unknown> {
  return Object.fromEntries(toNativeConfig(resolve(call, eosTokenIds)).map(({ key, value }) => [key, value]));
}

describe("toNativeConfig", () => {
  it("writes every field out, so that nothing of the model's file is left in GenAI", () => {
    expect(toNativeConfig(resolve({ temperature: 0 }))).toEqual([
      { key: "max_length", kind: "size", value: Number.MAX_SAFE_INTEGER },
      { key: "min_new_tokens", kind: "size", value: 0 },
      { key: "ignore_eos", kind: "boolean", value: false },
      { key: "eos_token_id", kind: "int64", value: 5 },
      { key: "stop_token_ids", kind: "idSet", value: [5, 6] },
      { key: "logprobs", kind: "size", value: 0 },
      { key: "do_sample", kind: "boolean", value: false },
      { key: "temperature", kind: "float", value: 1 },
      { key: "top_p", kind: "float", value: 1 },
      { key: "top_k", kind: "size", value: 0 },
      { key: "min_p", kind: "float", value: 0 },
      { key: "rng_seed", kind: "size", value: 0 },
      { key: "num_return_sequences", kind: "size", value: 1 },
      { key: "repetition_penalty", kind: "float", value: 1 },
      { key: "presence_penalty", kind: "float", value: 0 },
      { key: "frequency_penalty", kind: "float", value: 0 },
      { key: "num_beams", kind: "size", value: 1 },
      { key: "num_beam_groups", kind: "size", value: 1 },
      { key: "diversity_penalty", kind: "float", value: 0 },
      { key: "length_penalty", kind: "float", value: 1 },
      { key: "no_repeat_ngram_size", kind: "size", value: Number.MAX_SAFE_INTEGER },
      { key: "stop_criteria", kind: "stopCriteria", value: 1 },
      { key: "num_assistant_tokens", kind: "size", value: 0 },
      { key: "assistant_confidence_threshold", kind: "float", value: 0 },
      { key: "max_ngram_size", kind: "size", value: 0 },
      { key: "echo", kind: "boolean", value: false },
      { key: "tree_depth", kind: "size", value: 0 },
    ]);
  });

  it("hands over what the caller asks for", () => {
    expect(native({ temperature: 0.5, topK: 3, rngSeed: 9 })).toMatchObject({
      do_sample: true,
      temperature: 0.5,
      top_k: 3,
      rng_seed: 9,
    });
    expect(native({ numBeams: 4, stopCriteria: "never", noRepeatNgramSize: 2 })).toMatchObject({
      num_beams: 4,
      stop_criteria: 2,
      no_repeat_ngram_size: 2,
    });
  });

  it("keeps to itself what this library does: lengths, stop strings and the chat template", () => {
    const keys = Object.keys(
      native({ maxNewTokens: 5, stopStrings: ["x"], includeStopStrInOutput: true, applyChatTemplate: false }),
    );
    expect(keys).not.toContain("max_new_tokens");
    expect(keys).not.toContain("stop_strings");
    expect(keys).not.toContain("include_stop_str_in_output");
    expect(keys).not.toContain("apply_chat_template");
    expect(native({ maxLength: 20 })["max_length"]).toBe(Number.MAX_SAFE_INTEGER);
  });

  it("adds the caller's stop tokens to the model's", () => {
    expect(native({ stopTokenIds: [9, 1] })).toMatchObject({ eos_token_id: 5, stop_token_ids: [1, 5, 6, 9] });
  });

  it("uses GenAI's ignore_eos only where nothing at all may end the text", () => {
    expect(native({ ignoreEos: true })).toMatchObject({
      ignore_eos: true,
      eos_token_id: 5,
      stop_token_ids: [5, 6],
    });
    expect(native({ ignoreEos: true, stopTokenIds: [9] })).toMatchObject({
      ignore_eos: false,
      eos_token_id: 9,
      stop_token_ids: [9],
    });
  });

  it("leaves the end token to GenAI where neither model nor caller has one", () => {
    const entries = native({}, []);
    expect(entries).not.toHaveProperty("eos_token_id");
    expect(entries["stop_token_ids"]).toEqual([]);
    expect(entries["ignore_eos"]).toBe(false);
  });
});

describe("end tokens", () => {
  it("are the model's and the caller's", () => {
    expect(endTokenIds(resolve({ stopTokenIds: [9, 6] }))).toEqual([5, 6, 9]);
    expect(endTokenIds(resolve({ ignoreEos: true, stopTokenIds: [9] }))).toEqual([9]);
    expect(endTokenIds(resolve({ ignoreEos: true }))).toEqual([]);
  });

  it("name the stop token that ended the text, but not the model's end of sequence", () => {
    const config = resolve({ stopTokenIds: [9, 6] });
    expect(stopTokenOf(config, 9)).toBe(9);
    expect(stopTokenOf(config, 5)).toBeNull();
    expect(stopTokenOf(config, 6)).toBeNull();
    expect(stopTokenOf(config, 50)).toBeNull();
  });

  it("name an end of sequence that the caller ignores as such and lists as a stop token", () => {
    const config = resolve({ ignoreEos: true, stopTokenIds: [5] });
    expect(stopTokenOf(config, 5)).toBe(5);
    expect(stopTokenOf(config, 6)).toBeNull();
  });
});
