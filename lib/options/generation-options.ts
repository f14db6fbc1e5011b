/**
 * The options of one generation, as one table: GenAI's generation config in camelCase, with its types, ranges and
 * defaults. GenAI itself casts and wraps numbers silently and ignores keys it does not know, so all of it is checked here.
 */
import type { OptionKind, OptionRange } from "./option-checks.js";

/** When beam search ends: at the first `numBeams` finished beams, when better ones are unlikely, or when impossible. */
export type StopCriteria = "early" | "heuristic" | "never";

/**
 * How one text is generated. Names, meanings and defaults are GenAI's, in camelCase.
 *
 * An option that is absent or `undefined` comes from the defaults of the pipeline, then from the model's
 * `generation_config.json`, then from GenAI (the default named here). Numbers become 32-bit floats or integers inside
 * GenAI, and the ranges hold after that rounding.
 */
export interface GenerationOptions {
  /** Tokens to generate at most: 1 to 2^31 - 1. Default: what the prompt leaves of the context, which also caps it. */
  readonly maxNewTokens?: number | undefined;
  /** Tokens of prompt and answer together at most: 1 to 2^31 - 1. An alternative to `maxNewTokens`. Default: the context. */
  readonly maxLength?: number | undefined;
  /** Tokens before which no end token can be chosen: 0 to 2^31 - 1, at most `maxNewTokens`. Default 0. */
  readonly minNewTokens?: number | undefined;
  /** Go on after the model's end-of-sequence tokens; `stopTokenIds` still end the text. Not with beams. Default false. */
  readonly ignoreEos?: boolean | undefined;
  /** The end-of-sequence token, in place of the model's own: an id of the vocabulary. Default: the model's. */
  readonly eosTokenId?: number | undefined;
  /** Ids that end the text like an end-of-sequence token, in addition to the model's. Default none. */
  readonly stopTokenIds?: readonly number[] | undefined;
  /** Strings that end the text where they first appear; none is empty. Default none. */
  readonly stopStrings?: readonly string[] | undefined;
  /** Keep the stop string that ended the text. Default false. */
  readonly includeStopStrInOutput?: boolean | undefined;
  /** Log-probability of each chosen token: 0 or 1. Only with `ContinuousBatchingPipeline`. Default 0. */
  readonly logprobs?: number | undefined;

  /** Sample instead of taking the likeliest token. `temperature` decides it too and must not contradict. Default false. */
  readonly doSample?: boolean | undefined;
  /** 0 means greedy decoding; above 0 means sampling: 2^-126 to 3.4e38, divides the logits. Default 1 where sampling. */
  readonly temperature?: number | undefined;
  /** Sample from the likeliest tokens that reach this probability together: above 0, at most 1 (off). Default 1. */
  readonly topP?: number | undefined;
  /** Sample from this many likeliest tokens: 1 to 2^31 - 1; 0 is off. Default off. */
  readonly topK?: number | undefined;
  /** Leave out tokens less likely than this part of the likeliest one: 0 (off) to below 1. Default 0. */
  readonly minP?: number | undefined;
  /**
   * Seed of sampling: 0 to 2^53 - 1. The same seed gives the same text only in the same batch. Default: one that is
   * drawn for each request, from 0 to 2^32 - 1; the result has it as `rngSeed`.
   */
  readonly rngSeed?: number | undefined;
  /** Texts to return: 1 to 1024; more than 1 only with sampling, or up to `numBeams`. Not streamed. Default 1. */
  readonly numReturnSequences?: number | undefined;

  /** Divides the score of tokens seen in prompt or answer: above 0, 1 is off. Not with beams. Default 1. */
  readonly repetitionPenalty?: number | undefined;
  /** Taken from the score of tokens that are in the answer: -2 to 2. Not with beams. Default 0. */
  readonly presencePenalty?: number | undefined;
  /** Taken from the score of a token for each time it is in the answer: -2 to 2. Not with beams. Default 0. */
  readonly frequencyPenalty?: number | undefined;

  /** Beams of beam search: 1 (off) to 1024. Not with sampling, not streamed. Default 1. */
  readonly numBeams?: number | undefined;
  /** Groups of beams that differ from each other: a divisor of `numBeams`. Default 1. */
  readonly numBeamGroups?: number | undefined;
  /** Taken from the score of tokens of earlier groups: any number but 0 with groups, 0 without. Default 0. */
  readonly diversityPenalty?: number | undefined;
  /** Power of the length that divides a beam's score: above 0 favours long texts. Only with beams. Default 1. */
  readonly lengthPenalty?: number | undefined;
  /** No sequence of this many tokens occurs twice: 1 to 2^31 - 1. Only with beams. Default off. */
  readonly noRepeatNgramSize?: number | undefined;
  /** When beam search ends. Only with beams. Default "heuristic". */
  readonly stopCriteria?: StopCriteria | undefined;

  /**
   * Draft tokens per step: 1 to 1024 with a draft model or prompt lookup, 0 without. Default 5 with them, or none with
   * `assistantConfidenceThreshold`.
   */
  readonly numAssistantTokens?: number | undefined;
  /**
   * Probability below which a draft model stops, in place of a fixed number of draft tokens: 0 (off) to below 1. Only
   * with a draft model. Default 0.
   */
  readonly assistantConfidenceThreshold?: number | undefined;
  /** Tokens of the longest piece that prompt lookup searches for: 1 to 2^31 - 1 with it, 0 without. Default 3 with it. */
  readonly maxNgramSize?: number | undefined;

  /** Put a string through the model's chat template, where it has one; false takes it raw. Default true. */
  readonly applyChatTemplate?: boolean | undefined;
}

/** The name of a generation option. */
export type GenerationOptionName = keyof GenerationOptions;

/** One row of the table. */
export interface GenerationOptionSpec {
  /** GenAI's key. */
  readonly key: string;
  /** The type of GenAI's field. */
  readonly kind: OptionKind;
  /** GenAI's default; null stands for "no limit" (the largest `size_t`) and for an optional without value. */
  readonly default: number | boolean | string | readonly [] | null;
  /** The range of a number. Ids have the vocabulary as their range. */
  readonly range?: OptionRange;
  /** True for what this library does itself and GenAI never sees. */
  readonly ours?: true;
}

type KindOf<Value> = Value extends number
  ? "size" | "int64" | "float"
  : Value extends boolean
    ? "boolean"
    : Value extends StopCriteria
      ? "stopCriteria"
      : Value extends readonly number[]
        ? "idSet"
        : "stringList";

/** Has exactly the keys of the interface, each with a kind that fits its type; anything else does not compile. */
type Table = {
  readonly [Name in GenerationOptionName]-?: GenerationOptionSpec & {
    readonly kind: KindOf<NonNullable<GenerationOptions[Name]>>;
  };
};

const MAX_INT32 = 2 ** 31 - 1;
const MAX_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;
const COUNT = { min: 1, max: MAX_INT32 };
const COUNT_OR_ZERO = { min: 0, max: MAX_INT32 };
/** Prompt lookup fills every step up with as many draft tokens. */
const DRAFT_TOKENS = { min: 0, max: 1024 };
/** GenAI takes any number of sequences and then fails to allocate their cache; no machine gains from more than this. */
const SEQUENCES = { min: 1, max: 1024 };
const PENALTY = { min: -2, max: 2 };
const FINITE = { min: -MAX_FLOAT32, max: MAX_FLOAT32 };

/** Every generation option. The defaults are proved equal to the library's own by test/native/generation-defaults. */
export const GENERATION_OPTIONS: Table = {
  maxNewTokens: { key: "max_new_tokens", kind: "size", range: COUNT, default: null },
  maxLength: { key: "max_length", kind: "size", range: COUNT, default: null },
  minNewTokens: { key: "min_new_tokens", kind: "size", range: COUNT_OR_ZERO, default: 0 },
  ignoreEos: { key: "ignore_eos", kind: "boolean", default: false },
  eosTokenId: { key: "eos_token_id", kind: "int64", default: -1 },
  stopTokenIds: { key: "stop_token_ids", kind: "idSet", default: [] },
  stopStrings: { key: "stop_strings", kind: "stringList", default: [], ours: true },
  includeStopStrInOutput: { key: "include_stop_str_in_output", kind: "boolean", default: false, ours: true },
  logprobs: { key: "logprobs", kind: "size", range: { min: 0, max: 1 }, default: 0 },
  doSample: { key: "do_sample", kind: "boolean", default: false },
  // Below the smallest normal float the softmax is NaN and the tokens are noise.
  temperature: {
    key: "temperature",
    kind: "float",
    range: { orZero: true, min: 2 ** -126, max: MAX_FLOAT32 },
    default: 1,
  },
  topP: { key: "top_p", kind: "float", range: { above: 0, max: 1 }, default: 1 },
  topK: { key: "top_k", kind: "size", range: COUNT_OR_ZERO, default: null },
  minP: { key: "min_p", kind: "float", range: { min: 0, below: 1 }, default: 0 },
  rngSeed: { key: "rng_seed", kind: "size", range: { min: 0, max: Number.MAX_SAFE_INTEGER }, default: 0 },
  numReturnSequences: { key: "num_return_sequences", kind: "size", range: SEQUENCES, default: 1 },
  repetitionPenalty: {
    key: "repetition_penalty",
    kind: "float",
    range: { above: 0, max: MAX_FLOAT32 },
    default: 1,
  },
  presencePenalty: { key: "presence_penalty", kind: "float", range: PENALTY, default: 0 },
  frequencyPenalty: { key: "frequency_penalty", kind: "float", range: PENALTY, default: 0 },
  numBeams: { key: "num_beams", kind: "size", range: SEQUENCES, default: 1 },
  // 0 groups divide by zero inside GenAI's own validate().
  numBeamGroups: { key: "num_beam_groups", kind: "size", range: SEQUENCES, default: 1 },
  diversityPenalty: { key: "diversity_penalty", kind: "float", range: FINITE, default: 0 },
  lengthPenalty: { key: "length_penalty", kind: "float", range: FINITE, default: 1 },
  noRepeatNgramSize: { key: "no_repeat_ngram_size", kind: "size", range: COUNT, default: null },
  stopCriteria: { key: "stop_criteria", kind: "stopCriteria", default: "heuristic" },
  numAssistantTokens: { key: "num_assistant_tokens", kind: "size", range: DRAFT_TOKENS, default: null },
  assistantConfidenceThreshold: {
    key: "assistant_confidence_threshold",
    kind: "float",
    range: { min: 0, below: 1 },
    default: 0,
  },
  maxNgramSize: { key: "max_ngram_size", kind: "size", range: COUNT_OR_ZERO, default: 0 },
  applyChatTemplate: { key: "apply_chat_template", kind: "boolean", default: true, ours: true },
};

/** Whether a key is the name of a generation option. */
export function isGenerationOptionName(name: string): name is GenerationOptionName {
  return Object.hasOwn(GENERATION_OPTIONS, name);
}
