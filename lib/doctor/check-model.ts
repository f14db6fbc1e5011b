/** Whether a model runs correctly on this machine with given properties: compared with f32, in processes of its own. */
import { rm } from "node:fs/promises";
import { join } from "node:path";

import type { PropertiesReport } from "../engine-guard/guard.js";
import { AbortError, OpenVinoLlmError } from "../errors/errors.js";
import { percentile, sortedCopy } from "../generation/percentile.js";
import { ChildError, runLoggedChild } from "../host/kernels/logged-child.js";
import { openModel, type ModelInfo } from "../models/open.js";
import { cleanNativeMessage } from "../native/native-errors.js";
import { normalizeProperties, pluginProperties, type Properties } from "../options/properties.js";
import { findProfile, profileChoice } from "../profiles/find-profile.js";
import type { PerformanceHint } from "../profiles/performance-hints.js";
import { checkProfileOptions } from "../profiles/profile-options.js";
import { settleProperties } from "../profiles/settle-properties.js";
import { temporaryFolder } from "../errors/system-errors.js";
import { Tokenizer } from "../tokenizer/tokenizer.js";
import type { CheckAnswer, CheckTask } from "./check-model-child.js";
import { judgeModel, type ModelVerdict } from "./judge-model.js";
import { kernelsOf, type ModelKernels } from "./model-kernels.js";

/** Options of {@link checkModel}. */
export interface CheckModelOptions {
  /** OpenVINO plugin properties, as `load()` takes them. Default none. */
  readonly properties?: Properties | undefined;
  /** The file of a profile, or "auto", as `load()` takes it; of its settings the properties count. Default none. */
  readonly profile?: string | undefined;
  /** As `load()` takes it. Default none. */
  readonly performanceHint?: PerformanceHint | undefined;
  /** How long each of the two or three processes may take, in milliseconds. Default 600,000. */
  readonly timeoutMs?: number | undefined;
  /** Ends the check. */
  readonly signal?: AbortSignal | undefined;
}

/** Tokens per second, kernels compiled before. */
export interface ModelSpeed {
  /** Of a prompt of `promptTokens`. */
  readonly prefillTokensPerSecond: number;
  /** Of one sequence, one token after the other: the median. */
  readonly decodeTokensPerSecond: number;
  /** Of several sequences at once (`tokens.sequences`). */
  readonly batchTokensPerSecond: number;
}

/** What came of a check. */
export interface ModelCheck extends ModelVerdict {
  /** Its name. */
  readonly model: string;
  /** The folder with its IR. */
  readonly path: string;
  /** The properties that were run: with the corrections that `load()` makes. Null where `load()` refuses those asked for. */
  readonly properties: PropertiesReport | null;
  /** What `load()` says of them; null where it takes them. They are run all the same. */
  readonly refusal: string | null;
  /** Tokens of the text. */
  readonly tokens: {
    /** Read in one inference. */
    readonly prompt: number;
    /** Then one in each inference. */
    readonly decode: number;
    /** Then one of each of so many sequences, in one inference. */
    readonly sequences: number;
  };
  /** Null where it did not run. */
  readonly speed: ModelSpeed | null;
  /** By phase; null where it did not run. */
  readonly kernels: ModelKernels | null;
}

/** Sequences of the last step: as many as AMX needs to be of use. */
const SEQUENCES = 8;
const PROMPT_TOKENS = 64;
const DECODE_TOKENS = 16;
const TIMEOUT_MS = 600_000;

/** Exact arithmetic, as far as the weights allow. */
const REFERENCE: Properties = {
  INFERENCE_PRECISION_HINT: "f32",
  KV_CACHE_PRECISION: "f32",
  DYNAMIC_QUANTIZATION_GROUP_SIZE: 0,
};

/** Plain English of no particular interest, of at least {@link PROMPT_TOKENS} tokens and some more in any vocabulary. */
const TEXT = `The river rises in the hills above the old town and runs to the north for some forty miles. In spring, when the
snow melts, it carries sand and small stones down to the plain, and the farmers there have learned to build their houses on
higher ground. A stone bridge of seven arches crosses it near the market. It was built in 1684, after a flood had taken the
wooden one away, and every evening people walk over it to look at the water and to talk about the weather, the price of corn
and the train to the capital, which leaves at six.`;

/**
 * Runs a model on a short fixed text with the given properties and compares its logits with those in f32. Each runs in a
 * process of its own, so that nothing of it can end this one.
 *
 * @param model - as `load()` takes it: a folder with OpenVINO IR, a GGUF file, or a name in the cache. On the CPU.
 * @throws (by rejection) TypeError, RangeError for options; OpenVinoLlmError ERR_MODEL_NOT_FOUND, ERR_MODEL_LOAD for a model
 *   that cannot be opened, also in f32; ERR_PROFILE; AbortError. That it answers wrongly or crashes is in the result.
 */
export async function checkModel(model: string, options: CheckModelOptions = {}): Promise<ModelCheck> {
  const { signal, timeoutMs = TIMEOUT_MS } = options;
  const asked = normalizeProperties(options.properties ?? {});
  checkProfileOptions(options);
  const info = await openModel(model);
  const { properties, refusal, native } = await guarded(info, asked, options);
  const folder = await temporaryFolder("openvino-llm-check-");
  try {
    const graph = native.some(([name, value]) => name === "ATTENTION_BACKEND" && value === "SDPA")
      ? "stateful"
      : "paged";
    const { tokenIds, ...tokens } = await textOf(info);
    const run = async (given: readonly (readonly [string, string])[], isReference: boolean) => {
      const task: CheckTask = {
        logits: {
          path: info.dir,
          device: "CPU",
          properties: pluginProperties(given),
          graph,
          tokenIds,
          decodes: tokens.decode,
          sequences: tokens.sequences,
        },
        referenceFile: join(folder, "reference"),
        isReference,
      };
      const script = "doctor/check-model-child.js";
      return (await runLoggedChild({ script, task, timeoutMs, signal })).value as CheckAnswer;
    };
    await run(normalizeProperties(REFERENCE), true).catch((error: unknown) => {
      throw inF32(error, info);
    });
    const outcome = await run(native, false).catch((error: unknown) => {
      if (error instanceof ChildError) return error;
      throw error;
    });
    const about = { model: info.name, path: info.dir, properties, refusal, tokens };
    if (outcome instanceof ChildError || outcome.comparison === null) {
      const failure = outcome instanceof ChildError ? outcome : null;
      return { ...about, ...judgeModel(failure, null), speed: null, kernels: null };
    }
    const verdict = judgeModel(null, outcome.comparison);
    const kernels = await kernelsOf(info.dir, {
      properties: Object.fromEntries(native),
      timeoutMs,
      signal,
    });
    return { ...about, ...verdict, speed: speedOf(outcome, tokens), kernels };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function guarded(
  { dir, runtimeOptions }: ModelInfo,
  asked: Array<[string, string]>,
  options: CheckModelOptions,
): Promise<{
  properties: PropertiesReport | null;
  refusal: string | null;
  native: Array<[string, string]>;
}> {
  const { profile: wanted, performanceHint } = options;
  const search = { dir, device: "CPU", pipeline: "LLMPipeline", performanceHint } as const;
  const found = wanted === undefined ? null : await findProfile({ ...search, profile: wanted });
  const profile = found && profileChoice(found);
  try {
    const request = { dir, device: "CPU", properties: asked, runtimeOptions, profile, performanceHint };
    const { report, native } = await settleProperties(request);
    return { properties: report, refusal: null, native };
  } catch (error) {
    if (!(error instanceof OpenVinoLlmError)) throw error;
    return { properties: null, refusal: error.message, native: asked };
  }
}

/** The text as the model reads it, no longer than its context. */
async function textOf({ dir, contextLength }: ModelInfo): Promise<{
  tokenIds: number[];
  prompt: number;
  decode: number;
  sequences: number;
}> {
  const tokenizer = await Tokenizer.load(dir);
  try {
    const ids = await tokenizer.encode(TEXT);
    const wanted = PROMPT_TOKENS + DECODE_TOKENS + SEQUENCES;
    // The sequences share a place in the context.
    const room = (contextLength ?? Infinity) + SEQUENCES - 1;
    const tokenIds = [...ids.subarray(0, Math.min(wanted, room))];
    const prompt = Math.max(1, tokenIds.length - DECODE_TOKENS - SEQUENCES);
    return { tokenIds, prompt, decode: tokenIds.length - prompt - SEQUENCES, sequences: SEQUENCES };
  } finally {
    await tokenizer.close();
  }
}

function speedOf(
  { prefillMs, decodeMs, batchMs }: CheckAnswer,
  { prompt, sequences }: ModelCheck["tokens"],
): ModelSpeed {
  return {
    prefillTokensPerSecond: (1000 * prompt) / prefillMs,
    decodeTokensPerSecond: 1000 / percentile(sortedCopy(decodeMs), 50),
    batchTokensPerSecond: (1000 * sequences) / batchMs,
  };
}

/** Where even f32 fails there is nothing to compare with. */
function inF32(error: unknown, { name }: ModelInfo): unknown {
  if (!(error instanceof ChildError) || error instanceof AbortError) return error;
  return new OpenVinoLlmError(
    "ERR_MODEL_LOAD",
    `Expected ${name} to run in f32 for comparison but it failed: ${cleanNativeMessage(error.message)}`,
    { cause: error },
  );
}
