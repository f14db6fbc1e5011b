import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GENERATION_OPTIONS } from "../../../lib/options/generation-options.js";
import {
  validateGenerationOptions,
  type GenerationLimits,
} from "../../../lib/options/validate-generation-options.js";

const limits: GenerationLimits = { vocabSize: 100, engine: "pipeline" };

function validate(options: unknown, changes: Partial<GenerationLimits> = {}): unknown {
  return validateGenerationOptions(options, { ...limits, ...changes });
}

function errorOf(options: unknown, changes: Partial<GenerationLimits> = {}): Error & { code?: unknown } {
  try {
    validate(options, changes);
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error(`No error for ${JSON.stringify(options)}`);
}

describe("values that are taken", () => {
  it("takes no options, an empty object, and undefined values as absent", () => {
    expect(validate(undefined)).toEqual({});
    expect(validate({})).toEqual({});
    expect(validate({ maxNewTokens: undefined, temperature: 0 })).toEqual({ temperature: 0 });
  });

  it.each([
    [{ maxNewTokens: 1 }],
    [{ maxNewTokens: 2 ** 31 - 1 }],
    [{ temperature: 0 }],
    [{ temperature: 2 ** -126 }],
    [{ topP: 1 }],
    [{ topK: 0 }],
    [{ minP: 0 }],
    [{ rngSeed: 2 ** 53 - 1 }],
    [{ presencePenalty: -2, frequencyPenalty: 2 }],
    [{ stopStrings: ["\n\n", "🙂"], includeStopStrInOutput: true }],
    [{ stopTokenIds: [0, 99], eosTokenId: 99 }],
    [{ numBeams: 4, numBeamGroups: 2, diversityPenalty: 0.5, stopCriteria: "never", numReturnSequences: 4 }],
    [{ logprobs: 0 }],
    [{ applyChatTemplate: false }],
  ])("takes %j unchanged", (options) => {
    expect(validate(options)).toEqual(options);
  });

  it("gives a frozen copy that later changes by the caller do not reach", () => {
    const stopStrings = ["a"];
    const checked = validateGenerationOptions({ stopStrings }, limits);
    stopStrings.push("b");
    expect(checked.stopStrings).toEqual(["a"]);
    expect(Object.isFrozen(checked)).toBe(true);
    expect(Object.isFrozen(checked.stopStrings)).toBe(true);
  });

  it("keeps each stop token and each stop string once", () => {
    expect(validate({ stopTokenIds: [3, 3, 1], stopStrings: ["x", "x"] })).toEqual({
      stopTokenIds: [3, 1],
      stopStrings: ["x"],
    });
  });

  it("takes 1 for logprobs with batching", () => {
    expect(validate({ logprobs: 1 }, { engine: "batching" })).toEqual({ logprobs: 1 });
  });
});

describe("values that are refused", () => {
  it.each([
    [{ maxNewTokens: 0 }, "options.maxNewTokens", "received 0"],
    [{ maxNewTokens: -1 }, "options.maxNewTokens", "received -1"],
    [{ maxNewTokens: NaN }, "options.maxNewTokens", "received NaN"],
    [{ maxNewTokens: 1e12 }, "from 1 to 2147483647", "received 1000000000000"],
    [{ maxNewTokens: 1.5 }, "an integer", "received 1.5"],
    [{ maxLength: 0 }, "options.maxLength", "received 0"],
    [{ minNewTokens: -1 }, "options.minNewTokens", "received -1"],
    [{ temperature: -0.1 }, "0, or a number from", "received -0.1"],
    [{ temperature: Infinity }, "options.temperature", "received Infinity"],
    [{ temperature: 1e-40 }, "options.temperature", "received 1e-40"],
    [{ temperature: 1e39 }, "options.temperature", "received 1e+39"],
    [{ topP: 0 }, "above 0 to 1", "received 0"],
    [{ topP: 1e-50 }, "options.topP", "received 1e-50"],
    [{ topP: 1.1 }, "options.topP", "received 1.1"],
    [{ topK: -1 }, "options.topK", "received -1"],
    [{ minP: 1 }, "from 0 below 1", "received 1"],
    [{ minP: 0.99999999999 }, "options.minP", "received 0.99999999999"],
    [{ rngSeed: 2 ** 53 }, "options.rngSeed", "received 9007199254740992"],
    [{ presencePenalty: 2.1 }, "from -2 to 2", "received 2.1"],
    [{ frequencyPenalty: -3 }, "options.frequencyPenalty", "received -3"],
    [{ repetitionPenalty: 0 }, "above 0", "received 0"],
    [{ lengthPenalty: NaN }, "options.lengthPenalty", "received NaN"],
    [{ diversityPenalty: Infinity }, "options.diversityPenalty", "received Infinity"],
    [{ noRepeatNgramSize: 0 }, "options.noRepeatNgramSize", "received 0"],
    [{ numBeams: 0 }, "options.numBeams", "received 0"],
    [{ numBeams: 1e6 }, "from 1 to 1024", "received 1000000"],
    [{ numReturnSequences: 0 }, "options.numReturnSequences", "received 0"],
    [{ logprobs: 5 }, "from 0 to 1", "received 5"],
    [{ assistantConfidenceThreshold: 1 }, "options.assistantConfidenceThreshold", "received 1"],
  ])("refuses %j as out of range", (options, expected, received) => {
    const error = errorOf(options);
    expect(error).toBeInstanceOf(RangeError);
    expect(error.code).toBe("ERR_OUT_OF_RANGE");
    expect(error.message).toContain(expected);
    expect(error.message).toContain(received);
  });

  it.each([
    [{ maxNewTokens: "5" }, "an integer from 1 to 2147483647 for options.maxNewTokens", 'received "5"'],
    [{ maxNewTokens: null }, "options.maxNewTokens", "received null"],
    [{ maxNewTokens: 5n }, "options.maxNewTokens", "received 5n"],
    [{ temperature: "hot" }, "options.temperature", 'received "hot"'],
    [{ doSample: 1 }, "a boolean for options.doSample", "received 1"],
    [{ stopStrings: "end" }, "an array of strings for options.stopStrings", 'received "end"'],
    [{ stopStrings: ["a", 7] }, "options.stopStrings[1]", "received 7"],
    [{ stopTokenIds: 7 }, "an array of token ids", "received 7"],
    [{ stopTokenIds: [1, "2"] }, "options.stopTokenIds[1]", 'received "2"'],
    [{ stopTokenIds: [1, , 3] }, "options.stopTokenIds[1]", "received undefined"], // eslint-disable-line no-sparse-arrays
    [{ eosTokenId: 1.5 }, "options.eosTokenId", "received 1.5"],
    [{ stopCriteria: "sometimes" }, '"early", "heuristic" or "never"', 'received "sometimes"'],
    [null, "an object for options", "received null"],
    [[], "an object for options", "received an array of 0"],
    ["greedy", "an object for options", 'received "greedy"'],
  ])("refuses the type of %o", (options, expected, received) => {
    const error = errorOf(options);
    expect(error).toBeInstanceOf(TypeError);
    expect(error.code).toBe("ERR_INVALID_ARG_TYPE");
    expect(error.message).toContain(expected);
    expect(error.message).toContain(received);
  });

  it("refuses what GenAI lets pass and then ends the process with", () => {
    expect(errorOf({ numBeams: 4, numBeamGroups: 0 })).toBeInstanceOf(RangeError); // SIGFPE
    expect(errorOf({ stopTokenIds: [100], minNewTokens: 1 })).toBeInstanceOf(RangeError); // SIGSEGV
    expect(errorOf({ eosTokenId: 100, minNewTokens: 1 })).toBeInstanceOf(RangeError); // SIGSEGV
    expect(errorOf({ stopStrings: ["a\ud800"] })).toBeInstanceOf(TypeError); // SIGSEGV
    expect(errorOf({ stopStrings: [""] })).toBeInstanceOf(RangeError); // stops after one token
  });

  it("names the stop string with a lone surrogate", () => {
    expect(errorOf({ stopStrings: ["ok", "\udc00"] }).message).toContain(
      "text without lone surrogates for options.stopStrings[1]",
    );
  });

  it("names the last id of the vocabulary, and takes any 32-bit id where the vocabulary is not known", () => {
    expect(errorOf({ stopTokenIds: [5, 100] }).message).toContain("0 to 99 for options.stopTokenIds[1]");
    expect(errorOf({ stopTokenIds: [-5] }).message).toContain("received -5");
    expect(validate({ stopTokenIds: [100] }, { vocabSize: null })).toEqual({ stopTokenIds: [100] });
    expect(errorOf({ stopTokenIds: [2 ** 31] }, { vocabSize: null })).toBeInstanceOf(RangeError);
  });

  it("refuses log-probabilities in a pipeline that cannot give them, and says which can", () => {
    const error = errorOf({ logprobs: 1 });
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toContain("ContinuousBatchingPipeline");
  });

  it("puts the caller's own name before the key", () => {
    expect(errorOf({ topP: 2 }, { where: "body" }).message).toContain("for body.topP");
  });
});

describe("options that contradict each other", () => {
  it.each([
    [{ temperature: 0.7, doSample: false }, "doSample", TypeError],
    [{ temperature: 0, doSample: true }, "doSample", TypeError],
    [{ temperature: 0.7, numBeams: 2 }, "numBeams", TypeError],
    [{ doSample: true, numBeams: 2 }, "numBeams", TypeError],
    [{ maxNewTokens: 5, maxLength: 10 }, "maxLength", TypeError],
    [{ minNewTokens: 6, maxNewTokens: 5 }, "minNewTokens", RangeError],
    [{ numBeams: 4, numReturnSequences: 5 }, "numReturnSequences", RangeError],
    [{ numBeams: 4, numBeamGroups: 3 }, "numBeamGroups", RangeError],
    [{ numBeamGroups: 2, diversityPenalty: 0 }, "diversityPenalty", RangeError],
    [{ numBeamGroups: 1, diversityPenalty: 1 }, "diversityPenalty", RangeError],
    [{ numBeams: 2, repetitionPenalty: 1.1 }, "repetitionPenalty", TypeError],
    [{ numBeams: 2, presencePenalty: 0.1 }, "presencePenalty", TypeError],
    [{ numBeams: 2, frequencyPenalty: 0.1 }, "frequencyPenalty", TypeError],
    [{ numBeams: 2, ignoreEos: true }, "ignoreEos", TypeError],
    [{ numBeams: 1, noRepeatNgramSize: 3 }, "noRepeatNgramSize", TypeError],
    [{ assistantConfidenceThreshold: 0.5, numAssistantTokens: 3 }, "assistantConfidenceThreshold", TypeError],
  ])("refuses %j", (options, name, type) => {
    const error = errorOf(options);
    expect(error).toBeInstanceOf(type);
    expect(error.message).toContain(`options.${name} `);
  });

  it("says what a temperature means when doSample contradicts it", () => {
    expect(errorOf({ temperature: 0.7, doSample: false }).message).toBe(
      "Expected true with a temperature above 0 for options.doSample but received false.",
    );
  });
});

describe("unknown options", () => {
  it.each([
    ["max_new_tokens", "maxNewTokens"],
    ["max_tokens", "maxNewTokens"],
    ["maxTokens", "maxNewTokens"],
    ["maxNewTokns", "maxNewTokens"],
    ["max_completion_tokens", "maxNewTokens"],
    ["top_k", "topK"],
    ["seed", "rngSeed"],
    ["stop", "stopStrings"],
    ["n", "numReturnSequences"],
    ["temprature", "temperature"],
    ["repetition-penalty", "repetitionPenalty"],
  ])("proposes a name for %s", (name, meant) => {
    const error = errorOf({ [name]: 1 });
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toContain(`Did you mean ${meant}?`);
    expect(error.message).toContain(`for options.${name} but received 1`);
  });

  it.each(["echo", "xyzzy", "", "constructor", "__proto__x"])("proposes nothing for %j", (name) => {
    const { message } = errorOf({ [name]: 1 });
    expect(message).not.toContain("Did you mean");
    expect(message).toContain("Known are maxNewTokens, ");
  });

  it("is not fooled by names that every object has", () => {
    expect(errorOf({ toString: 1 }).message).toContain("options.toString");
    expect(errorOf(JSON.parse('{"__proto__": 1}')).message).toContain("options.__proto__");
  });
});

describe("whatever comes", () => {
  const names = Object.keys(GENERATION_OPTIONS);

  it("either refuses with an error that names the option, or gives back what was given", () => {
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.anything(), (name, value) => {
        try {
          const checked: Record<string, unknown> = {
            ...validateGenerationOptions({ [name]: value }, limits),
          };
          if (value === undefined) expect(checked).toEqual({});
          else if (Array.isArray(value)) expect(checked[name]).toEqual([...new Set(value)]);
          else expect(checked[name]).toBe(value === 0 ? 0 : value);
        } catch (error) {
          expect(error).toSatisfy((it) => it instanceof TypeError || it instanceof RangeError);
          expect(String(error)).toContain(`options.${name}`);
        }
      }),
    );
  });

  it("never passes a number that leaves its range as a 32-bit float", () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        let taken = true;
        try {
          validate({ topP: value });
        } catch {
          taken = false;
        }
        const kept = Math.fround(value);
        expect(taken).toBe(kept > 0 && kept <= 1);
      }),
    );
  });
});
