/** How well a model foretells a text under given properties: in a process of its own. */
import { guardProperties } from "../engine-guard/guard.js";
import { OpenVinoLlmError } from "../errors/errors.js";
import { ChildError, runLoggedChild } from "../host/kernels/logged-child.js";
import { openModel, type ModelInfo } from "../models/open.js";
import type { NativeLogitsOptions } from "../native/native-logits.js";
import { cleanNativeMessage } from "../native/native-errors.js";
import { normalizeProperties, pluginProperties, type Properties } from "../options/properties.js";
import { Tokenizer } from "../tokenizer/tokenizer.js";
import type { EvaluationAnswer } from "./evaluate-text-child.js";

/** Options of {@link evaluateText}. */
export interface EvaluateTextOptions {
  /** OpenVINO plugin properties, as `load()` takes them. Default none. */
  readonly properties?: Properties | undefined;
  /** Tokens of the text that are read at most. Default 384; fewer where the vocabulary is so large that logits take much memory. */
  readonly maxTokens?: number | undefined;
  /** How long the process may take, in milliseconds. Default 600,000. */
  readonly timeoutMs?: number | undefined;
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
}

/** What a model says of a text. A value for each token that has a next one. */
export interface TextEvaluation {
  /** Minus the natural logarithm of the probability of the token that really follows; NaN where a logit is not finite. */
  readonly losses: readonly number[];
  /** The most probable next token, given the text before it. */
  readonly greedyIds: readonly number[];
  /** What the CPU plugin says that holds, by OpenVINO's names; null where it was not asked. */
  readonly inForce: Readonly<Record<string, string>> | null;
}

const MAX_TOKENS = 384;
/** Logits of the whole text are kept at once: 256 MB of them at most. */
const MAX_LOGITS = 64e6;
const MIN_TOKENS = 128;
/** The last part of the text is read token by token, as answers are: there the cache's precision is in effect. */
const DECODED_PART = 4;
const TIMEOUT_MS = 600_000;

/**
 * Feeds a model a text and says how probable it found each token. Three quarters of the text are read as a prompt, the rest
 * token by token, both on the graph that the pipelines run, with the properties as `load()` corrects them.
 *
 * @param model - as `load()` takes it. On the CPU.
 * @throws (by rejection) TypeError for properties; OpenVinoLlmError ERR_ENGINE_FAULT where `load()` refuses the properties,
 *   ERR_ENGINE_BROKEN where the process ends, ERR_MODEL_LOAD where the model does not run; AbortError
 */
export async function evaluateText(
  model: string,
  text: string,
  options: EvaluateTextOptions = {},
): Promise<TextEvaluation> {
  const { signal, timeoutMs = TIMEOUT_MS, maxTokens = MAX_TOKENS } = options;
  const properties = normalizeProperties(options.properties ?? {});
  const info = await openModel(model);
  const { dir, runtimeOptions } = info;
  const guarded = await guardProperties({
    dir,
    device: "CPU",
    properties,
    runtimeOptions,
    kind: "generator",
  });
  const tokenIds = await tokensOf(info, text, maxTokens);
  const native = pluginProperties(guarded.native);
  try {
    const answer = await evaluateTokens({ dir, properties: native, tokenIds, timeoutMs, signal });
    return { ...answer, inForce: guarded.report.inForce };
  } catch (error) {
    if (!(error instanceof ChildError)) throw error;
    throw new OpenVinoLlmError(
      error.signal === null ? "ERR_MODEL_LOAD" : "ERR_ENGINE_BROKEN",
      `${info.name} could not be run on a text: ${cleanNativeMessage(error.message)}`,
      { cause: error },
    );
  }
}

/** A process's arguments. The properties go to the engine as they are. */
export interface TokensTask {
  /** The folder with the IR. */
  readonly dir: string;
  readonly properties: Array<[string, string]>;
  readonly tokenIds: number[];
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The same for token ids, without a look at the properties.
 *
 * @throws (by rejection) ChildError, AbortError
 */
export async function evaluateTokens({
  dir,
  properties,
  tokenIds,
  timeoutMs,
  signal,
}: TokensTask): Promise<EvaluationAnswer> {
  const task: NativeLogitsOptions = {
    path: dir,
    device: "CPU",
    properties,
    graph: "paged",
    tokenIds,
    decodes: Math.floor(tokenIds.length / DECODED_PART),
    sequences: 0,
  };
  const script = "doctor/evaluate-text-child.js";
  const { value } = await runLoggedChild({ script, task, timeoutMs, signal });
  const { losses, greedyIds } = value as { losses: Array<number | null>; greedyIds: number[] };
  // JSON has no NaN.
  return { losses: losses.map((loss) => loss ?? Number.NaN), greedyIds };
}

async function tokensOf(
  { dir, contextLength, vocabSize }: ModelInfo,
  text: string,
  maxTokens: number,
): Promise<number[]> {
  const tokenizer = await Tokenizer.load(dir);
  try {
    const affordable = vocabSize === null ? Infinity : Math.max(MIN_TOKENS, MAX_LOGITS / vocabSize);
    const most = Math.floor(Math.min(maxTokens, affordable, contextLength ?? Infinity));
    return [...(await tokenizer.encode(text)).subarray(0, most)];
  } finally {
    await tokenizer.close();
  }
}
