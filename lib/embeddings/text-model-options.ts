/** Options of the pipelines that give numbers for texts, checked. */
import { invalidArgType, outOfRange } from "../errors/errors.js";
import {
  checkBoolean,
  checkDevice,
  checkNames,
  checkOptionValue,
  checkSignal,
  checkWellFormed,
  plainObjectEntries,
} from "../options/option-checks.js";
import { normalizeProperties, type Properties } from "../options/properties.js";

/** Which of the model's vectors, one for each token, become the vector of the text. */
export type PoolingType = "cls" | "mean" | "lastToken";

/** What the load options of both pipelines have in common. */
export interface TextModelLoadOptions {
  /** OpenVINO device whose plugins are in the runtime: "CPU", "AUTO", "HETERO:CPU". Default "CPU". */
  readonly device?: string | undefined;
  /** OpenVINO plugin properties, e.g. `{ INFERENCE_NUM_THREADS: 2 }`. Default none. */
  readonly properties?: Properties | undefined;
  /**
   * Tokens of a text at most, special tokens included: an integer from 8 to the model's context. What a text has beyond
   * is not looked at. Default: what the model's tokenizer says.
   */
  readonly maxLength?: number | undefined;
  /** Fill every text up to `maxLength`, which then has to be given. Default false: up to the longest that run together. */
  readonly padToMaxLength?: boolean | undefined;
  /**
   * Where shorter texts are filled up. "left" is for models that look at the last token, and changes the numbers of
   * models with absolute positions (BERT and the like) with the texts that run together. Default "right"; "left" for a
   * Qwen3-Reranker.
   */
  readonly paddingSide?: "left" | "right" | undefined;
  /** Ends the wait for the load. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of `TextEmbeddingPipeline.load()`. */
export interface TextEmbeddingLoadOptions extends TextModelLoadOptions {
  /**
   * The vector of the first token, the mean of all, or that of the last token. The model's own is in its card and its
   * `1_Pooling/config.json`; no other gives good results. "cls" does not go with `paddingSide: "left"`. Default "cls".
   */
  readonly poolingType?: PoolingType | undefined;
  /** Scale every vector to length 1, so that the dot product of two is their cosine. Default true. */
  readonly normalize?: boolean | undefined;
  /** Put before the text of `embedQuery()`, as it stands. Default "". */
  readonly queryInstruction?: string | undefined;
  /** Put before every text of `embedDocuments()`, as it stands. Default "". */
  readonly embedInstruction?: string | undefined;
  /**
   * Compile the model for this many texts at once: an integer from 1 to 65,536. Every inference then takes the time of as
   * many, a single query's too. Default: any number, at most 32 in one inference.
   */
  readonly batchSize?: number | undefined;
}

/** Options of `TextRerankPipeline.load()`. */
export interface TextRerankLoadOptions extends TextModelLoadOptions {
  /** Documents that `rerank()` gives at most, the best: an integer from 1. Default 3, as in GenAI. */
  readonly topN?: number | undefined;
}

/** Options of `embedQuery()` and `embedDocuments()`. */
export interface EmbedCallOptions {
  /**
   * Ends the call: for the caller at once, for the pipeline before its next inference (of at most 32 texts, or one document
   * to rerank), because nothing interrupts the one that runs.
   */
  readonly signal?: AbortSignal | undefined;
}

/** Options of `embed()`. */
export interface EmbedOptions extends EmbedCallOptions {
  /** Put before every text, as it stands. Default "". */
  readonly prompt?: string | undefined;
}

/** Options of `rerank()`. */
export interface RerankOptions extends EmbedCallOptions {
  /** Documents that it gives at most, the best: an integer from 1. Default: that of the load. */
  readonly topN?: number | undefined;
}

/** What both are loaded with, every default in its place. */
export interface CheckedTextModelOptions {
  readonly device: string;
  readonly nativeProperties: Array<[string, string]>;
  /** 0: what the tokenizer says. */
  readonly maxLength: number;
  readonly padToMaxLength: boolean;
  /** Undefined: as the kind of model wants it. */
  readonly paddingSide: "left" | "right" | undefined;
  readonly poolingType: PoolingType;
  readonly normalize: boolean;
  /** 0: any number. */
  readonly batchSize: number;
  readonly signal: AbortSignal | undefined;
}

/** That, and what is put before texts. */
export interface CheckedEmbeddingOptions extends CheckedTextModelOptions {
  readonly queryInstruction: string;
  readonly embedInstruction: string;
}

/** GenAI crashes where the special tokens alone are too many; no tokenizer has more of them for a pair. */
const MAX_LENGTH = { min: 8, max: 2 ** 24 };
const BATCH_SIZE = { min: 1, max: 2 ** 16 };
const TOP_N = { min: 1, max: 2 ** 31 - 1 };

/** GenAI's default. */
const DEFAULT_TOP_N = 3;

const COMMON = { device: 1, properties: 1, maxLength: 1, padToMaxLength: 1, paddingSide: 1, signal: 1 };
const EMBEDDING = { poolingType: 1, normalize: 1, queryInstruction: 1, embedInstruction: 1, batchSize: 1 };

/** What GenAI takes for itself out of the properties. */
const GENAI_KEYS: readonly string[] = [
  "max_length",
  "pad_to_max_length",
  "padding_side",
  "truncation",
  "batch_size",
  "pooling_type",
  "normalize",
  "query_instruction",
  "embed_instruction",
  "text_embedding_config",
  "top_n",
];

/** @throws TypeError, RangeError */
export function checkEmbeddingLoadOptions(options: TextEmbeddingLoadOptions): CheckedEmbeddingOptions {
  checkNames(options, { ...COMMON, ...EMBEDDING });
  const { poolingType = "cls", normalize = true, batchSize } = options;
  const { queryInstruction = "", embedInstruction = "" } = options;
  const poolingTypes = ["cls", "mean", "lastToken"] satisfies readonly PoolingType[];
  checkOptionValue("options.poolingType", { kind: "choice", choices: poolingTypes }, poolingType, null);
  checkBoolean("options.normalize", normalize);
  if (batchSize !== undefined) checkSize("options.batchSize", batchSize, BATCH_SIZE);
  const common = checkCommon(options);
  if (poolingType === "cls" && common.paddingSide === "left") {
    const expected = '"right" with poolingType "cls"';
    throw invalidArgType("options.paddingSide", expected, "left", "On the left, the first token is padding.");
  }
  return {
    ...common,
    poolingType,
    normalize,
    batchSize: batchSize ?? 0,
    queryInstruction: checkString("options.queryInstruction", queryInstruction),
    embedInstruction: checkString("options.embedInstruction", embedInstruction),
  };
}

/** @throws TypeError, RangeError */
export function checkRerankLoadOptions(
  options: TextRerankLoadOptions,
): CheckedTextModelOptions & { readonly topN: number } {
  checkNames(options, { ...COMMON, topN: 1 });
  const topN = checkTopN(options.topN, DEFAULT_TOP_N);
  return { ...checkCommon(options), poolingType: "cls", normalize: false, batchSize: 0, topN };
}

/** @throws TypeError */
export function checkEmbedCallOptions(options: EmbedCallOptions): AbortSignal | undefined {
  checkNames(options, { signal: 1 });
  checkSignal(options.signal);
  return options.signal;
}

/** @throws TypeError */
export function checkEmbedOptions(options: EmbedOptions): {
  prompt: string;
  signal: AbortSignal | undefined;
} {
  checkNames(options, { prompt: 1, signal: 1 });
  const { prompt = "", signal } = options;
  checkSignal(signal);
  return { prompt: checkString("options.prompt", prompt), signal };
}

/** @throws TypeError, RangeError */
export function checkRerankOptions(
  options: RerankOptions,
  topN: number,
): { topN: number; signal: AbortSignal | undefined } {
  checkNames(options, { topN: 1, signal: 1 });
  checkSignal(options.signal);
  return { topN: checkTopN(options.topN, topN), signal: options.signal };
}

/** @throws TypeError, RangeError for what is no text or has nothing in it */
export function checkText(name: string, text: unknown): string {
  checkString(name, text);
  if (text === "") throw outOfRange(name, "text that is not empty", text);
  return text as string;
}

/** @throws TypeError, RangeError; @returns a copy */
export function checkTexts(name: string, texts: unknown): string[] {
  if (!Array.isArray(texts)) throw invalidArgType(name, "an array of strings", texts);
  return Array.from<unknown, string>(texts, (text, i) => checkText(`${name}[${i}]`, text));
}

/** @throws RangeError for more tokens than the model takes */
export function checkContext(maxLength: number, contextLength: number | null): void {
  if (contextLength === null || maxLength <= contextLength) return;
  throw outOfRange("options.maxLength", `at most the model's context of ${contextLength} tokens`, maxLength);
}

function checkCommon(options: TextModelLoadOptions): CheckedTextModelOptions {
  const { device = "CPU", properties = {}, maxLength, padToMaxLength = false, paddingSide } = options;
  checkDevice(device);
  checkSignal(options.signal);
  checkBoolean("options.padToMaxLength", padToMaxLength);
  if (paddingSide !== undefined) {
    checkOptionValue(
      "options.paddingSide",
      { kind: "choice", choices: ["left", "right"] },
      paddingSide,
      null,
    );
  }
  if (maxLength !== undefined) checkSize("options.maxLength", maxLength, MAX_LENGTH);
  else if (padToMaxLength) {
    throw invalidArgType("options.maxLength", "a number of tokens with padToMaxLength", maxLength);
  }
  for (const [name, value] of plainObjectEntries("options.properties", properties)) {
    if (!GENAI_KEYS.includes(name)) continue;
    const advice = "It is an option of the pipeline, not a property of a device.";
    throw invalidArgType(`options.properties.${name}`, "no value", value, advice);
  }
  return {
    device,
    nativeProperties: normalizeProperties(properties, "options.properties"),
    maxLength: maxLength ?? 0,
    padToMaxLength,
    paddingSide,
    poolingType: "cls",
    normalize: true,
    batchSize: 0,
    signal: options.signal,
  };
}

function checkTopN(topN: unknown, otherwise: number): number {
  return topN === undefined ? otherwise : checkSize("options.topN", topN, TOP_N);
}

function checkSize(name: string, value: unknown, range: { min: number; max: number }): number {
  return checkOptionValue(name, { kind: "size", range }, value, null) as number;
}

function checkString(name: string, text: unknown): string {
  if (typeof text !== "string") throw invalidArgType(name, "a string", text);
  checkWellFormed(name, text);
  return text;
}
