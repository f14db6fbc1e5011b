/** What a caller gave as generation options, checked: names, types, ranges, and what they demand of each other. */
import { invalidArgType, readingFrom } from "../errors/errors.js";
import {
  GENERATION_OPTIONS,
  isGenerationOptionName,
  type GenerationOptionName,
  type GenerationOptions,
} from "./generation-options.js";
import { checkContradictions } from "./generation-rules.js";
import { checkOptionValue, plainObjectEntries, unknownOption } from "./option-checks.js";

/** What the names of other libraries are called here. */
const ALIASES: Readonly<Record<string, GenerationOptionName>> = {
  maxtokens: "maxNewTokens",
  maxcompletiontokens: "maxNewTokens",
  maxoutputtokens: "maxNewTokens",
  numpredict: "maxNewTokens",
  mintokens: "minNewTokens",
  stop: "stopStrings",
  stopsequences: "stopStrings",
  seed: "rngSeed",
  n: "numReturnSequences",
  repeatpenalty: "repetitionPenalty",
  beamwidth: "numBeams",
  earlystopping: "stopCriteria",
};

/** What the pipeline allows. */
export interface GenerationLimits {
  /** Ids from 0 up to this are legal; null where the size of the vocabulary is not known. */
  readonly vocabSize: number | null;
  /** Which pipeline the options are for. */
  readonly engine: "pipeline" | "batching";
  /** What stands before an option's name in messages. Default "options". */
  readonly where?: string;
}

/**
 * Checks what a caller gave, before anything of it reaches GenAI. `undefined` values count as absent.
 *
 * @returns a frozen copy of the options that were given; arrays are copied too.
 * @throws TypeError for an unknown option, a value of the wrong type, and options that contradict each other.
 * @throws RangeError for a value outside its range or outside the vocabulary.
 */
export function validateGenerationOptions(options: unknown, limits: GenerationLimits): GenerationOptions {
  return readingFrom(limits.where ?? "options", () => readOptions(options, limits));
}

function readOptions(options: unknown, limits: GenerationLimits): GenerationOptions {
  const where = limits.where ?? "options";
  const given: Record<string, unknown> = {};
  for (const [name, value] of plainObjectEntries(where, options)) {
    if (value === undefined) continue;
    const full = `${where}.${name}`;
    if (!isGenerationOptionName(name)) throw unknownOption(full, name, value, GENERATION_OPTIONS, ALIASES);
    given[name] = checkOptionValue(full, GENERATION_OPTIONS[name], value, limits.vocabSize);
  }
  const checked: GenerationOptions = Object.freeze(given);
  if (limits.engine === "pipeline" && (checked.logprobs ?? 0) > 0) {
    throw invalidArgType(
      `${where}.logprobs`,
      "0 or no value in an LLMPipeline",
      checked.logprobs,
      "Only a ContinuousBatchingPipeline gives log-probabilities.",
    );
  }
  checkContradictions(checked, where);
  return checked;
}
