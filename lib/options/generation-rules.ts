/**
 * What generation options demand of each other. GenAI checks part of it in `validate()`; the rest it ignores without a
 * word, or never comes back.
 */
import { invalidArgType, outOfRange } from "../errors/errors.js";
import type { GenerationOptionName, GenerationOptions } from "./generation-options.js";

/** How a pipeline drafts tokens: not at all, by a draft model, or by prompt lookup. */
export type Speculation = "none" | "draft" | "prompt-lookup";

/** What the rules ask of the pipeline. */
export interface RuleContext {
  readonly speculation: Speculation;
  readonly vocabSize: number | null;
}

/** Options or what became of them. Absent and null are "no limit", "off" or "none". */
export type GenerationValues = {
  readonly [Name in GenerationOptionName]?: GenerationOptions[Name] | null;
};

/** One rule. What it asks of the pipeline is its second type. */
export interface Rule<Context extends [] | [RuleContext] = []> {
  /** The options that it is about. The first is the one that is named when the rule is broken. */
  readonly options: readonly [GenerationOptionName, ...GenerationOptionName[]];
  /** What is expected of the first option; undefined where the rule is kept. */
  readonly broken: (values: GenerationValues, ...context: Context) => string | undefined;
  /** Why, or what to do: whole sentences. */
  readonly advice?: string;
  /** Out of a range that another option sets, instead of contradicting it. */
  readonly isRange?: true;
}

const beams = (values: GenerationValues): number => values.numBeams ?? 1;
const groups = (values: GenerationValues): number => values.numBeamGroups ?? 1;
const sequences = (values: GenerationValues): number => values.numReturnSequences ?? 1;
const WITH_SPECULATION = "with a draft model or prompt lookup";
const WITHOUT_SPECULATION = "without a draft model or prompt lookup";
const LOAD_WITHOUT = "To go without it, load the model without it.";
const isPositive = (value: number | null | undefined): boolean => (value ?? 0) > 0;

/** Rules inside one options object: two ways to say the same thing must not say different things. */
const LAYER_RULES: readonly Rule[] = [
  {
    options: ["doSample", "temperature"],
    broken: ({ doSample, temperature }) => {
      if (isPositive(temperature) && doSample === false) return "true with a temperature above 0";
      return temperature === 0 && doSample === true ? "false with temperature 0" : undefined;
    },
  },
  {
    options: ["numBeams", "temperature"],
    broken: (values) =>
      isPositive(values.temperature) && beams(values) > 1 ? "1 with a temperature above 0" : undefined,
  },
  {
    options: ["maxLength", "maxNewTokens"],
    broken: () => "no value with maxNewTokens",
    advice: "Either limits the answer.",
  },
];

/** Rules for the values that will hold. */
export const RULES: readonly Rule[] = [
  {
    options: ["minNewTokens", "maxNewTokens"],
    isRange: true,
    broken: ({ minNewTokens, maxNewTokens }) =>
      (minNewTokens ?? 0) > (maxNewTokens ?? Infinity) ? `at most maxNewTokens (${maxNewTokens})` : undefined,
  },
  {
    options: ["numBeams", "doSample"],
    broken: (values) => (values.doSample === true && beams(values) > 1 ? "1 with sampling" : undefined),
  },
  {
    options: ["numReturnSequences", "numBeams"],
    isRange: true,
    broken: (values) =>
      beams(values) > 1 && sequences(values) > beams(values)
        ? `at most numBeams (${beams(values)})`
        : undefined,
  },
  {
    options: ["numReturnSequences", "doSample", "numBeams"],
    broken: (values) =>
      sequences(values) > 1 && beams(values) === 1 && values.doSample !== true
        ? "1 with greedy decoding"
        : undefined,
    advice: "Several texts need a temperature above 0, or numBeams.",
  },
  {
    options: ["numBeamGroups", "numBeams"],
    isRange: true,
    broken: (values) =>
      beams(values) % groups(values) === 0 ? undefined : `a divisor of numBeams (${beams(values)})`,
  },
  {
    options: ["diversityPenalty", "numBeamGroups"],
    isRange: true,
    broken: (values) => {
      const isZero = (values.diversityPenalty ?? 0) === 0;
      if (groups(values) > 1)
        return isZero ? `a number other than 0 with numBeamGroups ${groups(values)}` : undefined;
      return isZero ? undefined : "0 without numBeamGroups";
    },
  },
  notWithBeams("repetitionPenalty", 1),
  notWithBeams("presencePenalty", 0),
  notWithBeams("frequencyPenalty", 0),
  // Beam search ends at end tokens whatever ignore_eos says.
  notWithBeams("ignoreEos", false),
  onlyWithBeams("lengthPenalty", 1),
  onlyWithBeams("noRepeatNgramSize", null),
  onlyWithBeams("stopCriteria", "heuristic"),
  {
    options: ["assistantConfidenceThreshold", "numAssistantTokens"],
    broken: (values) =>
      isPositive(values.assistantConfidenceThreshold) && isPositive(values.numAssistantTokens)
        ? "0 with numAssistantTokens"
        : undefined,
  },
];

/** Rules for the values that will hold, given what the pipeline can do. */
export const PIPELINE_RULES: readonly Rule<[RuleContext]>[] = [
  {
    options: ["minNewTokens"],
    // Before that many tokens GenAI writes to the logit of every end token, inside the vocabulary or not.
    broken: ({ minNewTokens, stopTokenIds, eosTokenId }, { vocabSize }) =>
      vocabSize === null &&
      isPositive(minNewTokens) &&
      (stopTokenIds?.length || typeof eosTokenId === "number")
        ? "0 with stopTokenIds or eosTokenId"
        : undefined,
    advice: "The vocabulary size of this model is not known.",
  },
  {
    options: ["minNewTokens"],
    // GenAI counts the prompt's tokens too once it has rejected a draft token, and lets the text end early.
    broken: ({ minNewTokens }, { speculation }) =>
      speculation !== "none" && isPositive(minNewTokens) ? `0 ${WITH_SPECULATION}` : undefined,
  },
  {
    options: ["numAssistantTokens"],
    // GenAI takes 0 for 5 with a draft model in LLMPipeline, never ends in batching, and throws with prompt lookup.
    broken: ({ numAssistantTokens }, { speculation }) =>
      speculation === "none" && isPositive(numAssistantTokens) ? `0 ${WITHOUT_SPECULATION}` : undefined,
  },
  {
    options: ["numAssistantTokens"],
    broken: ({ numAssistantTokens, assistantConfidenceThreshold }, { speculation }) =>
      speculation === "none" || isPositive(numAssistantTokens) || isPositive(assistantConfidenceThreshold)
        ? undefined
        : `a number above 0 ${WITH_SPECULATION}`,
    advice: LOAD_WITHOUT,
  },
  {
    options: ["assistantConfidenceThreshold"],
    // Without a draft model GenAI never comes back.
    broken: ({ assistantConfidenceThreshold }, { speculation }) =>
      speculation !== "draft" && isPositive(assistantConfidenceThreshold)
        ? "0 without a draft model"
        : undefined,
  },
  {
    options: ["maxNgramSize"],
    broken: ({ maxNgramSize }, { speculation }) =>
      speculation !== "prompt-lookup" && isPositive(maxNgramSize) ? "0 without prompt lookup" : undefined,
  },
  {
    options: ["maxNgramSize"],
    broken: ({ maxNgramSize }, { speculation }) =>
      speculation === "prompt-lookup" && !isPositive(maxNgramSize)
        ? "a number above 0 with prompt lookup"
        : undefined,
    advice: LOAD_WITHOUT,
  },
  {
    options: ["doSample"],
    // GenAI accepts draft tokens by comparing probabilities of different tokens: the text becomes the draft model's
    // own.
    broken: ({ doSample }, { speculation }) =>
      speculation === "draft" && doSample === true ? "false or temperature 0 with a draft model" : undefined,
    advice: "GenAI would give the draft model's text in place of the model's.",
  },
  {
    options: ["numBeams"],
    broken: (values, { speculation }) =>
      speculation !== "none" && beams(values) > 1 ? `1 ${WITH_SPECULATION}` : undefined,
  },
  {
    options: ["numReturnSequences"],
    broken: (values, { speculation }) =>
      speculation !== "none" && sequences(values) > 1 ? `1 ${WITH_SPECULATION}` : undefined,
  },
];

/** The options that only beam search reads. */
export const BEAM_OPTIONS = [
  "numBeamGroups",
  "diversityPenalty",
  "lengthPenalty",
  "noRepeatNgramSize",
  "stopCriteria",
] as const satisfies readonly GenerationOptionName[];

/** Throws for options of one object that contradict each other, whatever the defaults below it may be. */
export function checkContradictions(options: GenerationOptions, where: string): void {
  for (const rule of [...LAYER_RULES, ...RULES]) {
    if (!rule.options.every((name) => options[name] !== undefined)) continue;
    const expected = rule.broken(options);
    if (expected !== undefined)
      throw brokenRule(rule, expected, `${where}.${rule.options[0]}`, options[rule.options[0]]);
  }
}

/** The error for a broken rule. */
export function brokenRule(
  rule: { readonly advice?: string; readonly isRange?: true },
  expected: string,
  name: string,
  value: unknown,
): Error {
  return rule.isRange
    ? outOfRange(name, expected, value, rule.advice)
    : invalidArgType(name, expected, value, rule.advice);
}

function notWithBeams(name: GenerationOptionName, off: number | boolean): Rule {
  return {
    options: [name, "numBeams"],
    broken: (values) => (beams(values) > 1 && values[name] !== off ? `${off} with beam search` : undefined),
  };
}

function onlyWithBeams(name: GenerationOptionName, off: number | string | null): Rule {
  return {
    options: [name, "numBeams"],
    broken: (values) =>
      beams(values) === 1 && values[name] !== off
        ? "no value without beam search (numBeams above 1)"
        : undefined,
  };
}
