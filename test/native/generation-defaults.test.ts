import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { resolveGenerationConfig } from "../../lib/options/generation-config.js";
import { toNativeConfig } from "../../lib/options/native-config.js";
import { GENERATION_OPTIONS, type GenerationOptions } from "../../lib/options/generation-options.js";
import { validateGenerationOptions } from "../../lib/options/validate-generation-options.js";
import { readModelGenerationConfig } from "../../lib/options/model-generation-config.js";
import { temporaryFolder } from "../helpers/chain.js";
import { askOracle, oracle } from "./ask-oracle.js";
import { given } from "../helpers/needs.js";
import { oracleNeed } from "../helpers/oracle.js";

type Fields = Readonly<Record<string, unknown>>;

/** GenAI's fields that this library does not offer as generation options. */
const NOT_OFFERED = {
  adapters: null,
  branching_factor: 1,
  echo: false,
  parsers: [],
  pruning_ratio: 0,
  relevance_weight: 0.5,
  return_omni_outputs: false,
  structured_output_config: null,
  tree_depth: 0,
};

describe("the table of generation options", given(oracleNeed(oracle)), () => {
  it("has exactly the library's fields and defaults, but for those that are not offered", async () => {
    const specs = Object.values(GENERATION_OPTIONS);
    const table = Object.fromEntries(
      specs.map(({ key, default: value, kind }) => [
        key,
        kind === "stopCriteria" ? String(value).toUpperCase() : value,
      ]),
    );
    expect({ ...table, ...NOT_OFFERED }).toEqual(await askOracle(["defaults"]));
  });

  it("reads a model's file to what the library reads", async () => {
    const files: Fields[] = [
      {},
      { eos_token_id: 7 },
      { eos_token_id: [9, 7, 9], max_new_tokens: 20, min_new_tokens: 3 },
      { eos_token_id: null, temperature: null, top_k: null },
      { do_sample: true, temperature: 0.6, top_p: 0.9, top_k: 50, min_p: 0.05, repetition_penalty: 1.25 },
      { do_sample: true, top_k: 40.9, transformers_version: "5", bos_token_id: 1, stop_token_ids: [1] },
      {
        num_beams: 4,
        num_beam_groups: 2,
        diversity_penalty: 0.5,
        length_penalty: 1.5,
        no_repeat_ngram_size: 3,
      },
      { num_beams: 3, num_return_sequences: 2, early_stopping: true },
      { num_beams: 3, early_stopping: "never" },
      { num_beams: 3, early_stopping: false },
      { stop_strings: ["b", "a"], include_stop_str_in_output: true, ignore_eos: true, max_length: 100 },
      { stop_strings: "end", temperature: [0.5], frequency_penalty: 0.5, presence_penalty: -0.5 },
    ];
    const folder = temporaryFolder();
    const paths = files.map((_, index) => join(folder, `${index}.json`));
    await Promise.all(paths.map((path, index) => writeFile(path, JSON.stringify(files[index]))));
    const read = (await askOracle(["read", ...paths])) as Fields[];
    files.forEach((file, index) => expect(ours(file), JSON.stringify(file)).toMatchObject(read[index] ?? {}));
  });

  it("refuses the files that the library refuses", async () => {
    const files: Fields[] = [
      { temperature: "hot" },
      { do_sample: 1 },
      { stop_strings: [5] },
      { eos_token_id: ["1"] },
    ];
    const folder = temporaryFolder();
    for (const [index, file] of files.entries()) {
      const path = join(folder, `${index}.json`);
      await writeFile(path, JSON.stringify(file));
      expect(await askOracle(["read", path]), JSON.stringify(file)).toEqual([{ error: expect.any(String) }]);
      expect(() => ours(file)).toThrow("generation_config.json");
    }
  });

  it("lets nothing through that the library's own validate() refuses", async () => {
    const configs = fc.sample(anyOptions, { numRuns: 3000, seed: 1 }).flatMap(resolved);
    // So that the sample proves something: our rules refused a part, and every way to decode is in the rest.
    expect(configs.length).toBeGreaterThan(500);
    expect(configs.length).toBeLessThan(2500);
    const numbers = ["numBeams", "numBeamGroups", "numReturnSequences", "minNewTokens"] as const;
    for (const name of numbers) {
      expect(configs.filter(({ options }) => (options[name] ?? 1) > 1).length, name).toBeGreaterThan(5);
    }
    const path = join(temporaryFolder(), "configs.json");
    await writeFile(path, JSON.stringify(configs.map(({ entries }) => entries)));
    const refusals = (await askOracle(["validate", path])) as unknown[];
    expect(refusals).toHaveLength(configs.length);
    expect(configs.filter((_, index) => refusals[index] !== null)).toEqual([]);
  });
});

/** What our reading of a file comes to, in the library's terms. */
function ours(file: Fields): Fields {
  const model = readModelGenerationConfig(file, {
    file: "generation_config.json",
    vocabSize: 100,
    tokenizerEosTokenId: null,
  });
  const fields: Record<string, unknown> = { ...NOT_OFFERED };
  for (const [name, { key, default: value }] of Object.entries(GENERATION_OPTIONS)) {
    const given = model.options[name as keyof GenerationOptions] ?? value;
    fields[key] = typeof given === "string" ? given.toUpperCase() : given;
  }
  for (const key of ["temperature", "top_p", "min_p"]) fields[key] = Math.fround(Number(fields[key]));
  return {
    ...fields,
    stop_strings: [...(model.options.stopStrings ?? [])].sort((a, b) => a.localeCompare(b)),
    eos_token_id: model.eosTokenIds[0] ?? -1,
    stop_token_ids: [...model.eosTokenIds].sort((a, b) => a - b),
  };
}

/** Values that are legal alone, so that the rules between them are what is tried. */
const anyValues: { [Name in keyof GenerationOptions]-?: fc.Arbitrary<GenerationOptions[Name]> } = {
  maxNewTokens: fc.integer({ min: 1, max: 60 }),
  maxLength: fc.integer({ min: 11, max: 60 }),
  minNewTokens: fc.integer({ min: 0, max: 60 }),
  ignoreEos: fc.boolean(),
  stopTokenIds: fc.array(fc.integer({ min: 0, max: 99 }), { maxLength: 3 }),
  eosTokenId: fc.integer({ min: 0, max: 99 }),
  stopStrings: fc.constant(["end"]),
  includeStopStrInOutput: fc.boolean(),
  logprobs: fc.constant(0),
  doSample: fc.boolean(),
  temperature: fc.constantFrom(0, 2 ** -126, 0.5, 1, 1e38),
  topP: fc.constantFrom(1e-30, 0.9, 0.999999999, 1),
  topK: fc.constantFrom(0, 1, 50, 2 ** 31 - 1),
  minP: fc.constantFrom(0, 1e-50, 0.9999999),
  rngSeed: fc.maxSafeNat(),
  numReturnSequences: fc.integer({ min: 1, max: 4 }),
  repetitionPenalty: fc.constantFrom(1, 1.5, 1e-40, 1e38),
  presencePenalty: fc.constantFrom(0, -2, 2),
  frequencyPenalty: fc.constantFrom(0, -2, 2),
  numBeams: fc.integer({ min: 1, max: 4 }),
  numBeamGroups: fc.integer({ min: 1, max: 4 }),
  diversityPenalty: fc.constantFrom(0, 1, -1),
  lengthPenalty: fc.constantFrom(1, 0, 2, -1),
  noRepeatNgramSize: fc.integer({ min: 1, max: 4 }),
  stopCriteria: fc.constantFrom("early", "heuristic", "never"),
  numAssistantTokens: fc.constantFrom(0, 2),
  assistantConfidenceThreshold: fc.constantFrom(0, 0.5),
  maxNgramSize: fc.constantFrom(0, 2),
  applyChatTemplate: fc.boolean(),
};

type Name = keyof GenerationOptions;

/** Options that make sense together: drawn one by one they would hardly ever meet. */
const THEMES: readonly (readonly Name[])[] = [
  [],
  ["temperature", "topK", "numReturnSequences"],
  ["numBeams", "numReturnSequences"],
  ["numBeams", "numBeamGroups", "diversityPenalty", "stopCriteria"],
];

/** A theme and a few other options: with all of them nearly every draw would contradict itself. */
const anyOptions: fc.Arbitrary<GenerationOptions> = fc
  .tuple(
    fc.record(anyValues),
    fc.constantFrom(...THEMES),
    fc.subarray(Object.keys(anyValues) as Name[], { maxLength: 4 }),
  )
  .map(([values, theme, others]) => {
    const names = new Set([...theme, ...others]);
    return Object.fromEntries([...names].map((name) => [name, values[name]]));
  });

/** The options with what the addon would hand over for them; nothing where they are refused. */
function resolved(options: GenerationOptions): { options: GenerationOptions; entries: unknown[] }[] {
  try {
    const call = validateGenerationOptions(options, { vocabSize: 100, engine: "pipeline" });
    const model = readModelGenerationConfig(
      { eos_token_id: [5, 6] },
      { file: "", vocabSize: 100, tokenizerEosTokenId: null },
    );
    const limits = { contextLength: 50, promptTokens: 10, vocabSize: 100 };
    const config = resolveGenerationConfig({ call, model }, limits);
    const entries = toNativeConfig(config).map(({ key, value }) => [key, value]);
    // What the addon adds when it knows the length of the prompt.
    return [{ options, entries: [...entries, ["max_new_tokens", config.maxNewTokens]] }];
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return [];
    throw error;
  }
}
