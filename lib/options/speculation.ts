/**
 * Speculative decoding: a small draft model or prompt lookup drafts tokens, and the model verifies several of them in
 * one step. Checks of the load options and what holds where a caller says nothing.
 */
import { invalidArgType, OpenVinoLlmError } from "../errors/errors.js";
import type { GenerationOptions } from "./generation-options.js";
import type { Speculation } from "./generation-rules.js";
import { plainObjectEntries, unknownOption } from "./option-checks.js";
import { normalizeProperties, type Properties } from "./properties.js";
import type { ResolvedSchedulerConfig } from "./scheduler-options.js";
import { resolveSchedulerOptions } from "./resolve-scheduler-options.js";

/** A draft model and where it runs. */
export interface DraftModelOptions {
  /** A folder with OpenVINO IR, a `.gguf` file, or the name of a model in the cache, as for `load()`. */
  readonly model: string;
  /** OpenVINO device. Default: the pipeline's. */
  readonly device?: string | undefined;
  /** OpenVINO plugin properties. Default, and also where it is empty: the pipeline's. */
  readonly properties?: Properties | undefined;
}

/** The load options that are about speculative decoding. */
export interface SpeculationOptions {
  /**
   * Prompt lookup: draft what followed the last tokens where the prompt or the answer had them before, as in summaries
   * and edits of the prompt. Not with `draftModel`. Default false.
   *
   * With it or with a draft model, prefix caching is off, and in batching a prompt is processed in one step.
   */
  readonly promptLookup?: boolean | undefined;
  /**
   * The draft model, a small model with the same vocabulary: a folder with OpenVINO IR, a `.gguf` file, the name of a
   * model in the cache, or one of these with options. It takes memory and a key-value cache of its own. Greedy decoding
   * only. Not with `promptLookup`. Default none.
   */
  readonly draftModel?: string | DraftModelOptions | undefined;
}

/** What `checkSpeculation` makes of the options. */
export interface CheckedSpeculation {
  readonly kind: Speculation;
  readonly draft: CheckedDraftModel | null;
}

/** A draft model as it is asked for; undefined stands for what the pipeline has. */
export interface CheckedDraftModel {
  readonly model: string;
  readonly device: string | undefined;
  readonly nativeProperties: Array<[string, string]> | undefined;
}

/** GenAI's own default for a draft model in `LLMPipeline`; it has none in batching, nor for prompt lookup. */
export const DEFAULT_NUM_ASSISTANT_TOKENS = 5;

/** What GenAI's samples of prompt lookup search for; it has no default. */
export const DEFAULT_MAX_NGRAM_SIZE = 3;

/** All tokens of a step in one batch, however many. */
const NO_TOKEN_LIMIT = 2 ** 31 - 1;

const DRAFT_OPTIONS = { model: 1, device: 1, properties: 1 } as const;

/**
 * Checks the load options of speculative decoding.
 *
 * @throws TypeError for a value of the wrong type, an unknown key of `draftModel`, and both at once.
 */
export function checkSpeculation(options: SpeculationOptions): CheckedSpeculation {
  const { promptLookup, draftModel } = options;
  if (promptLookup !== undefined && typeof promptLookup !== "boolean") {
    throw invalidArgType("options.promptLookup", "a boolean", promptLookup);
  }
  if (draftModel === undefined)
    return { kind: promptLookup === true ? "prompt-lookup" : "none", draft: null };
  if (promptLookup === true) {
    throw invalidArgType(
      "options.draftModel",
      "no value with promptLookup",
      draftModel,
      "Choose one of them.",
    );
  }
  return { kind: "draft", draft: checkDraftModel(draftModel) };
}

/** @throws OpenVinoLlmError `ERR_MODEL_LOAD` where both sizes are known and differ: GenAI loads such a pair all the same. */
export function checkSameVocabulary(target: NamedVocabulary, draft: NamedVocabulary): void {
  if (target.vocabSize === null || draft.vocabSize === null || target.vocabSize === draft.vocabSize) return;
  throw new OpenVinoLlmError(
    "ERR_MODEL_LOAD",
    `Expected a draft model with the vocabulary of ${target.name}, ${target.vocabSize} tokens, but ${draft.name} has ` +
      `${draft.vocabSize}. Choose a smaller model of the same family.`,
  );
}

/** A model's name and the size of its vocabulary, null where it is not known. */
export interface NamedVocabulary {
  readonly name: string;
  readonly vocabSize: number | null;
}

/**
 * What a model's file says, with defaults where GenAI needs them: in batching a request without them is never finished,
 * and the pipeline with it. They count as the file's values, so they give way to what a caller asks for.
 */
export function withSpeculationDefaults(
  options: GenerationOptions,
  speculation: Speculation,
): GenerationOptions {
  if (speculation === "none") return options;
  const { numAssistantTokens, maxNgramSize, assistantConfidenceThreshold } = options;
  if (speculation === "draft" && assistantConfidenceThreshold) return options;
  return {
    ...options,
    assistantConfidenceThreshold: undefined,
    numAssistantTokens: numAssistantTokens || DEFAULT_NUM_ASSISTANT_TOKENS,
    maxNgramSize: speculation === "draft" ? undefined : maxNgramSize || DEFAULT_MAX_NGRAM_SIZE,
  };
}

/**
 * Resolves the scheduler options of a pipeline with speculative decoding.
 *
 * GenAI answers wrongly, without a word, where a step has no room for all draft tokens of a request or for the whole of
 * a prompt, and where it finds rejected ones in the prefix cache. So the step is unlimited, and what could limit it is
 * refused.
 *
 * @throws TypeError, RangeError as `resolveSchedulerOptions` does; TypeError for an option that cannot hold.
 */
export function resolveSpeculativeScheduler(
  options: unknown,
  speculation: Speculation,
): ResolvedSchedulerConfig {
  const config = resolveSchedulerOptions(options);
  if (speculation === "none") return config;
  const given = Object.fromEntries(plainObjectEntries("options.scheduler", options));
  for (const [name, isLegal, expected] of SCHEDULER_RULES) {
    if (given[name] === undefined || isLegal(config, speculation)) continue;
    throw invalidArgType(
      `options.scheduler.${name}`,
      `${expected} with a draft model or prompt lookup`,
      given[name],
      "GenAI needs it for correct answers.",
    );
  }
  return resolveSchedulerOptions({ ...given, maxNumBatchedTokens: NO_TOKEN_LIMIT });
}

const SCHEDULER_RULES: readonly (readonly [
  name: keyof ResolvedSchedulerConfig,
  isLegal: (config: ResolvedSchedulerConfig, speculation: Speculation) => boolean,
  expected: string,
])[] = [
  ["maxNumBatchedTokens", ({ maxNumBatchedTokens }) => maxNumBatchedTokens === NO_TOKEN_LIMIT, "no value"],
  ["dynamicSplitFuse", ({ dynamicSplitFuse }) => dynamicSplitFuse, "true"],
  ["numKvBlocks", ({ numKvBlocks }) => numKvBlocks === 0, "0 (a cache that grows)"],
  ["cacheSizeGb", ({ cacheSizeGb }) => cacheSizeGb === 0, "0 (a cache that grows)"],
  ["enablePrefixCaching", ({ enablePrefixCaching }) => !enablePrefixCaching, "false"],
  ["useCacheEviction", ({ useCacheEviction }) => !useCacheEviction, "false"],
  ["cacheEvictionConfig", ({ useCacheEviction }) => !useCacheEviction, "no value"],
  // Of a draft model GenAI asks for an input that it has not got, and every request fails.
  [
    "sparseAttentionConfig",
    ({ useSparseAttention, sparseAttentionConfig: { mode } }, speculation) =>
      speculation !== "draft" || !useSparseAttention || mode !== "xattention",
    'no value or mode "trishape"',
  ],
];

function checkDraftModel(value: string | DraftModelOptions): CheckedDraftModel {
  const name = "options.draftModel";
  if (typeof value === "string")
    return { model: checkModel(name, value), device: undefined, nativeProperties: undefined };
  for (const [key, entry] of plainObjectEntries(name, value)) {
    if (!Object.hasOwn(DRAFT_OPTIONS, key)) throw unknownOption(`${name}.${key}`, key, entry, DRAFT_OPTIONS);
  }
  const { model, device, properties } = value;
  if (device !== undefined && (typeof device !== "string" || device === "")) {
    throw invalidArgType(`${name}.device`, 'the name of a device such as "CPU"', device);
  }
  return {
    model: checkModel(`${name}.model`, model),
    device,
    nativeProperties: properties && normalizeProperties(properties, `${name}.properties`),
  };
}

function checkModel(name: string, value: unknown): string {
  if (typeof value !== "string" || value === "") {
    throw invalidArgType(name, "the path or the name of a model", value);
  }
  return value;
}
