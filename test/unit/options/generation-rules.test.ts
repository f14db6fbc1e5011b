import { describe, expect, it } from "vitest";
import { readModelGenerationConfig } from "../../../lib/options/model-generation-config.js";
import {
  resolveGenerationConfig,
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

describe("contradictions between layers", () => {
  it.each<[string, Given, string, ErrorConstructor]>([
    [
      "a minimum above the defaults' maximum",
      { call: { minNewTokens: 9 }, instance: { maxNewTokens: 5 } },
      "options.minNewTokens",
      RangeError,
    ],
    [
      "a maximum below the defaults' minimum",
      { call: { maxNewTokens: 5 }, instance: { minNewTokens: 9 } },
      "defaults.minNewTokens",
      RangeError,
    ],
    [
      "several texts without sampling",
      { call: { numReturnSequences: 2 } },
      "options.numReturnSequences",
      TypeError,
    ],
    [
      "several texts without sampling any more",
      { call: { temperature: 0 }, instance: { numReturnSequences: 2, doSample: true } },
      "defaults.numReturnSequences",
      TypeError,
    ],
    [
      "penalties of the defaults with beams",
      { call: { numBeams: 2 }, instance: { repetitionPenalty: 1.5 } },
      "defaults.repetitionPenalty",
      TypeError,
    ],
    [
      "groups that do not divide the beams",
      { call: { numBeamGroups: 3, diversityPenalty: 1 }, instance: { numBeams: 4 } },
      "options.numBeamGroups",
      RangeError,
    ],
    [
      "groups without a penalty between them",
      { call: { numBeams: 4, numBeamGroups: 2 } },
      "options.diversityPenalty",
      RangeError,
    ],
    [
      "an option of beams without beams",
      { call: { noRepeatNgramSize: 3 } },
      "options.noRepeatNgramSize",
      TypeError,
    ],
    [
      "draft tokens without a draft model",
      { call: { numAssistantTokens: 3 } },
      "options.numAssistantTokens",
      TypeError,
    ],
    [
      "a threshold without a draft model",
      { call: { assistantConfidenceThreshold: 0.5 } },
      "options.assistantConfidenceThreshold",
      TypeError,
    ],
    ["a search without prompt lookup", { call: { maxNgramSize: 2 } }, "options.maxNgramSize", TypeError],
  ])("refuses %s", (_, given, name, type) => {
    expect(() => resolve(given)).toThrow(type);
    expect(() => resolve(given)).toThrow(`for ${name} but received`);
  });

  it("makes the file's value give way to what a caller asks for", () => {
    expect(resolve({ call: { minNewTokens: 30 }, file: { max_new_tokens: 20 } })).toMatchObject({
      minNewTokens: 30,
      maxNewTokens: null,
    });
    expect(resolve({ call: { maxNewTokens: 5 }, file: { min_new_tokens: 9 } })).toMatchObject({
      minNewTokens: 0,
    });
    expect(
      resolve({ call: { temperature: 0 }, file: { num_return_sequences: 3, do_sample: true } }),
    ).toMatchObject({
      numReturnSequences: 1,
    });
    const speculative = { num_assistant_tokens: 5, assistant_confidence_threshold: 0.4, max_ngram_size: 3 };
    expect(resolve({ file: speculative })).toMatchObject({
      numAssistantTokens: null,
      assistantConfidenceThreshold: 0,
      maxNgramSize: 0,
    });
  });

  describe.each(["draft", "prompt-lookup"] as const)("with %s", (speculation) => {
    const given = (call: GenerationOptions, file = {}): ResolvedGenerationConfig =>
      resolve({ call, file }, { speculation });

    it("passes to GenAI what it needs", () => {
      const maxNgramSize = speculation === "draft" ? 0 : 3;
      const speculative = { numAssistantTokens: 5, maxNgramSize, assistantConfidenceThreshold: 0 };
      expect(given({})).toMatchObject(speculative);
      const off = { num_assistant_tokens: 0, max_ngram_size: 0 };
      expect(given({}, off)).toMatchObject(speculative);
      expect(given({ numAssistantTokens: 2 })).toMatchObject({ ...speculative, numAssistantTokens: 2 });
      expect(given({}, { num_assistant_tokens: 9 })).toMatchObject({ ...speculative, numAssistantTokens: 9 });
    });

    it.each<[GenerationOptions, string]>([
      [{ numAssistantTokens: 0 }, "numAssistantTokens"],
      [{ minNewTokens: 1 }, "minNewTokens"],
      [{ numBeams: 2 }, "numBeams"],
      [{ numReturnSequences: 2, numBeams: 1, doSample: true }, "numReturnSequences"],
    ])("refuses %o", (call, name) => {
      const refused = speculation === "draft" && call.doSample === true ? "doSample" : name;
      expect(() => given(call)).toThrow(TypeError);
      expect(() => given(call)).toThrow(`for options.${refused} but received`);
    });

    it("makes the file's value give way", () => {
      expect(given({}, { min_new_tokens: 4, num_beams: 3 })).toMatchObject({ minNewTokens: 0, numBeams: 1 });
    });
  });

  it("a draft model goes with greedy decoding and a threshold, prompt lookup with sampling and a search", () => {
    const sampling = { doSample: true, temperature: 0.7 };
    expect(() => resolve({ call: sampling }, { speculation: "draft" })).toThrow("for options.doSample");
    expect(() => resolve({ instance: { temperature: 0.7 } }, { speculation: "draft" })).toThrow(
      "for defaults.doSample",
    );
    expect(resolve({ file: { do_sample: true } }, { speculation: "draft" }).doSample).toBe(false);
    expect(resolve({ call: sampling }, { speculation: "prompt-lookup" })).toMatchObject(sampling);

    const threshold = { assistantConfidenceThreshold: 0.4 };
    expect(resolve({ call: threshold }, { speculation: "draft" })).toMatchObject({
      ...threshold,
      numAssistantTokens: null,
    });
    const inFile = { assistant_confidence_threshold: 0.5 };
    expect(resolve({ file: inFile }, { speculation: "draft" })).toMatchObject({
      assistantConfidenceThreshold: 0.5,
      numAssistantTokens: null,
    });
    expect(
      resolve({ call: { numAssistantTokens: 3 }, file: inFile }, { speculation: "draft" }),
    ).toMatchObject({
      assistantConfidenceThreshold: 0,
      numAssistantTokens: 3,
    });
    expect(() => resolve({ call: threshold }, { speculation: "prompt-lookup" })).toThrow(
      "options.assistantConfidenceThreshold",
    );

    const search = { numAssistantTokens: 3, maxNgramSize: 2 };
    expect(resolve({ call: search }, { speculation: "prompt-lookup" })).toMatchObject(search);
    expect(() => resolve({ call: search }, { speculation: "draft" })).toThrow("options.maxNgramSize");
    expect(() => resolve({ call: { maxNgramSize: 0 } }, { speculation: "prompt-lookup" })).toThrow(
      "options.maxNgramSize",
    );
  });

  it("refuses a minimum with end tokens of the caller where the vocabulary is not known", () => {
    const call = { minNewTokens: 1, stopTokenIds: [50] };
    expect(() => resolve({ call }, { vocabSize: null })).toThrow("options.minNewTokens");
    expect(resolve({ call }).minNewTokens).toBe(1);
    expect(resolve({ call: { minNewTokens: 1 } }, { vocabSize: null }).minNewTokens).toBe(1);
  });

  it("puts the caller's own names before the keys", () => {
    const given = { call: { maxNewTokens: 5 }, instance: { minNewTokens: 9 } };
    expect(() => resolve(given, { where: { call: "body", instance: "config" } })).toThrow(
      "config.minNewTokens",
    );
  });
});
