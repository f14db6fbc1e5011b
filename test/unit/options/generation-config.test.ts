import { describe, expect, it } from "vitest";
import { readModelGenerationConfig } from "../../../lib/options/model-generation-config.js";
import {
  resolveGenerationConfig,
  totalTokenLimit,
  type GenerationLayers,
  type ResolvedGenerationConfig,
  type ResolveLimits,
} from "../../../lib/options/generation-config.js";
import type { GenerationOptions } from "../../../lib/options/generation-options.js";
import { validateGenerationOptions } from "../../../lib/options/validate-generation-options.js";

const EOS = 7;

interface Given {
  readonly call?: GenerationOptions;
  readonly instance?: GenerationOptions;
  /** The content of the model's generation_config.json. */
  readonly file?: Record<string, unknown>;
}

function resolve(
  { call, instance, file }: Given,
  limits: Partial<ResolveLimits> = {},
): ResolvedGenerationConfig {
  const check = (options: unknown): GenerationOptions =>
    validateGenerationOptions(options, { vocabSize: 100, engine: "pipeline" });
  const layers: GenerationLayers = {
    call: check(call),
    instance: check(instance),
    model: readModelGenerationConfig(file ?? {}, {
      file: "m.json",
      vocabSize: 100,
      tokenizerEosTokenId: EOS,
    }),
  };
  return resolveGenerationConfig(layers, { contextLength: 50, vocabSize: 100, ...limits });
}

describe("precedence", () => {
  it("goes from the call to the pipeline's defaults to the model's file to GenAI", () => {
    const config = resolve({
      call: { topP: 0.1 },
      instance: { topP: 0.2, topK: 20 },
      file: { top_p: 0.3, top_k: 30, min_p: 0.3 },
    });
    expect(config).toMatchObject({ topP: 0.1, topK: 20, minP: 0.3, repetitionPenalty: 1 });
  });

  it("resolves nothing at all to GenAI's defaults, without limits of its own", () => {
    expect(resolveGenerationConfig({}, { contextLength: null })).toEqual({
      maxNewTokens: null,
      maxLength: null,
      minNewTokens: 0,
      ignoreEos: false,
      eosTokenId: null,
      eosTokenIds: [],
      stopTokenIds: [],
      stopStrings: [],
      includeStopStrInOutput: false,
      logprobs: 0,
      doSample: false,
      temperature: 1,
      topP: 1,
      topK: null,
      minP: 0,
      rngSeed: null,
      numReturnSequences: 1,
      repetitionPenalty: 1,
      presencePenalty: 0,
      frequencyPenalty: 0,
      numBeams: 1,
      numBeamGroups: 1,
      diversityPenalty: 0,
      lengthPenalty: 1,
      noRepeatNgramSize: null,
      stopCriteria: "heuristic",
      numAssistantTokens: null,
      assistantConfidenceThreshold: 0,
      maxNgramSize: 0,
      applyChatTemplate: true,
    });
  });

  it("is frozen", () => {
    expect(Object.isFrozen(resolve({}))).toBe(true);
  });

  it("lets a call switch off what the model's file switches on", () => {
    const file = { top_k: 50, top_p: 0.9, repetition_penalty: 1.2, stop_strings: ["x"] };
    const call = { topK: 0, topP: 1, repetitionPenalty: 1, stopStrings: [] };
    expect(resolve({ call, file })).toMatchObject({ ...call, topK: null });
  });
});

describe("sampling", () => {
  const sampling = { do_sample: true, temperature: 0.6 };

  it.each<[string, Given, Partial<ResolvedGenerationConfig>]>([
    ["the file alone", { file: sampling }, { doSample: true, temperature: 0.6 }],
    ["a temperature in the file has no effect alone", { file: { temperature: 0.6 } }, { doSample: false }],
    ["0 in the call is greedy", { call: { temperature: 0 }, file: sampling }, { doSample: false }],
    [
      "a positive temperature in the call samples",
      { call: { temperature: 0.7 }, file: { do_sample: false, temperature: 0.2 } },
      { doSample: true, temperature: 0.7 },
    ],
    ["doSample false in the call", { call: { doSample: false }, file: sampling }, { doSample: false }],
    [
      "the call against the defaults",
      { call: { temperature: 0 }, instance: { temperature: 1 } },
      { doSample: false },
    ],
    [
      "doSample takes the temperature of the file where the defaults are greedy",
      { call: { doSample: true }, instance: { temperature: 0 }, file: { temperature: 0.6 } },
      { doSample: true, temperature: 0.6 },
    ],
    [
      "doSample takes GenAI's temperature where no other is above 0",
      { call: { doSample: true }, instance: { temperature: 0 } },
      { doSample: true, temperature: 1 },
    ],
    [
      "a file that samples at temperature 0 is greedy",
      { file: { ...sampling, temperature: 0 } },
      { doSample: false },
    ],
    ["other options do not decide", { call: { topP: 0.5 }, file: sampling }, { doSample: true, topP: 0.5 }],
  ])("%s", (_, given, expected) => {
    expect(resolve(given)).toMatchObject(expected);
  });
});

describe("beams", () => {
  it("of the call are not sampled, whatever the file says", () => {
    expect(resolve({ call: { numBeams: 4 }, file: { do_sample: true } })).toMatchObject({
      numBeams: 4,
      doSample: false,
    });
  });

  it("of the defaults give way to a call that samples, with all that belongs to them", () => {
    const instance = { numBeams: 4, numBeamGroups: 2, diversityPenalty: 1, lengthPenalty: 2 };
    expect(resolve({ call: { temperature: 0.5 }, instance })).toMatchObject({
      numBeams: 1,
      numBeamGroups: 1,
      diversityPenalty: 0,
      lengthPenalty: 1,
      doSample: true,
    });
    expect(resolve({ call: { numBeams: 1 }, instance })).toMatchObject({ numBeams: 1, numBeamGroups: 1 });
    expect(resolve({ call: { temperature: 0 }, instance })).toMatchObject({ ...instance, doSample: false });
  });

  it("make penalties of the file give way", () => {
    const file = { repetition_penalty: 1.1, presence_penalty: 0.5, frequency_penalty: 0.5, ignore_eos: true };
    expect(resolve({ call: { numBeams: 2 }, file })).toMatchObject({
      repetitionPenalty: 1,
      presencePenalty: 0,
      frequencyPenalty: 0,
      ignoreEos: false,
    });
    expect(resolve({ file })).toMatchObject({ repetitionPenalty: 1.1, ignoreEos: true });
  });

  it("of the file give way where the file samples too, which GenAI cannot", () => {
    expect(resolve({ file: { num_beams: 4, do_sample: true } })).toMatchObject({
      numBeams: 1,
      doSample: true,
    });
    expect(resolve({ file: { num_beams: 4 } })).toMatchObject({ numBeams: 4, doSample: false });
  });
});

describe("lengths", () => {
  it("takes the limit of the first layer that has one, in either of its forms", () => {
    const file = { max_new_tokens: 20 };
    expect(resolve({ file })).toMatchObject({ maxNewTokens: 20, maxLength: null });
    expect(resolve({ call: { maxLength: 30 }, file })).toMatchObject({ maxNewTokens: null, maxLength: 30 });
    expect(resolve({ call: { maxNewTokens: 8 }, instance: { maxLength: 30 } })).toMatchObject({
      maxNewTokens: 8,
      maxLength: null,
    });
    expect(resolve({ file: { max_new_tokens: 20, max_length: 30 } })).toMatchObject({
      maxNewTokens: 20,
      maxLength: null,
    });
  });

  it("leaves the length open until the prompt is known", () => {
    expect(resolve({}).maxNewTokens).toBeNull();
    expect(resolve({ call: { maxNewTokens: 1000 } }).maxNewTokens).toBe(1000);
  });

  it.each([
    [{}, 20, 30],
    [{ maxNewTokens: 10 }, 20, 10],
    [{ maxNewTokens: 1000 }, 20, 30],
    [{ maxNewTokens: 1000 }, 49, 1],
    [{ maxLength: 25 }, 20, 5],
    [{ maxLength: 1000 }, 20, 30],
  ])(
    "fits %j after a prompt of %i tokens to %i new ones in a context of 50",
    (call, promptTokens, expected) => {
      expect(resolve({ call }, { promptTokens }).maxNewTokens).toBe(expected);
    },
  );

  it("fits the minimum with the maximum", () => {
    expect(resolve({ call: { minNewTokens: 40 } }, { promptTokens: 20 })).toMatchObject({
      minNewTokens: 30,
      maxNewTokens: 30,
    });
  });

  it("refuses a prompt that leaves no room, with the numbers", () => {
    for (const promptTokens of [50, 51]) {
      expect(() => resolve({}, { promptTokens })).toThrowError(
        expect.objectContaining({
          code: "ERR_PROMPT_TOO_LONG",
          message: expect.stringMatching(`50.*${promptTokens}`),
        }),
      );
    }
    expect(() => resolve({ call: { maxLength: 20 } }, { promptTokens: 20 })).toThrow(
      "shorter than 20 tokens",
    );
    expect(resolve({}, { promptTokens: 49 }).maxNewTokens).toBe(1);
  });

  it("has no limit where the context is not known", () => {
    expect(resolve({}, { contextLength: null, promptTokens: 1e6 }).maxNewTokens).toBeNull();
  });

  it("limits prompt and answer together by the context or by maxLength, whichever is less", () => {
    expect(totalTokenLimit(resolve({}), 50)).toBe(50);
    expect(totalTokenLimit(resolve({ call: { maxLength: 20 } }), 50)).toBe(20);
    expect(totalTokenLimit(resolve({ call: { maxLength: 200 } }), 50)).toBe(50);
    expect(totalTokenLimit(resolve({ call: { maxLength: 200 } }), null)).toBe(200);
    expect(totalTokenLimit(resolve({}), null)).toBeNull();
  });
});

describe("end tokens", () => {
  it("are the model's, to which the caller's are added", () => {
    const config = resolve({ call: { stopTokenIds: [3] }, file: { eos_token_id: [5, 6] } });
    expect(config).toMatchObject({ eosTokenId: 5, eosTokenIds: [5, 6], stopTokenIds: [3] });
  });

  it("are replaced by an eosTokenId of the caller", () => {
    const config = resolve({ call: { eosTokenId: 9 }, file: { eos_token_id: [5, 6] } });
    expect(config).toMatchObject({ eosTokenId: 9, eosTokenIds: [9] });
  });

  it("come from the tokenizer where the file has none", () => {
    expect(resolve({})).toMatchObject({ eosTokenId: EOS, eosTokenIds: [EOS] });
  });
});
