import { join } from "node:path";
import { AbortError, invalidArgType, OpenVinoLlmError } from "./errors.js";
import {
  resolveGenerationConfig,
  totalTokenLimit,
  type ResolvedGenerationConfig,
} from "./options/generation-config.js";
import { validateGenerationOptions, type GenerationOptions } from "./options/generation-options.js";
import { Generation, nowMs, type GenerationListener, type GenerationResult } from "./generation.js";
import { normalizeInput, type GenerationInput } from "./input.js";
import { takeCallOptions, validateLoadOptions, type CallOptions, type LoadOptions } from "./call-options.js";
import { readModelGenerationConfig, type ModelGenerationConfig } from "./options/model-generation-config.js";
import { openModel, type ModelInfo } from "./models/open.js";
import { endTokenIds, stopTokenOf, toNativeConfig } from "./options/native-config.js";
import type { NativeLoaded } from "./binding.js";
import { NativePipeline } from "./native-pipeline.js";
import { ChunkQueue, TokenStream } from "./token-stream.js";

/** GenAI's own default has no end; this is the longest that an answer may be where nothing else limits it. */
const MAX_NEW_TOKENS = 2 ** 31 - 1;

/** What is known of a loaded model. */
export interface LoadedModel {
  /** The folder's or file's name, or the name in the cache. */
  readonly name: string;
  /** The folder with the OpenVINO IR that was loaded. */
  readonly path: string;
  /** OpenVINO device that it was loaded to. */
  readonly device: string;
  /** Tokens of prompt and answer together; null where the model's files do not say. */
  readonly contextLength: number | null;
  /** Token ids are below this; null where it is not known. */
  readonly vocabSize: number | null;
  /** Whether strings and messages are put through a chat template. */
  readonly hasChatTemplate: boolean;
}

/**
 * A language model in this process, one request at a time: `ov::genai::LLMPipeline` on a thread of its own. Calls made
 * while one runs wait in the order they came. Prefix caching is on: a prompt that begins like an earlier one is
 * answered sooner.
 */
export class LLMPipeline implements AsyncDisposable {
  /** How long GenAI took to load the model, in milliseconds: warm-up and conversion of a GGUF file not included. */
  readonly loadMs: number;
  /** What is known of the model. */
  readonly model: LoadedModel;
  readonly #native: NativePipeline;
  readonly #defaults: GenerationOptions;
  readonly #modelConfig: ModelGenerationConfig;
  #closed: Promise<void> | undefined;

  private constructor(native: NativePipeline, loaded: NativeLoaded, info: ModelInfo, options: LoadOptions) {
    const vocabSize = info.vocabSize ?? (loaded.vocabSize || null);
    this.#native = native;
    this.loadMs = loaded.loadMs;
    this.model = {
      name: info.name,
      path: info.dir,
      device: options.device ?? "CPU",
      contextLength: info.contextLength,
      vocabSize,
      hasChatTemplate: loaded.hasChatTemplate,
    };
    this.#modelConfig = readModelGenerationConfig(info.generationConfig, {
      file: join(info.dir, "generation_config.json"),
      vocabSize,
      tokenizerEosTokenId: loaded.eosTokenId,
    });
    this.#defaults = this.#validate(options.generationConfig ?? {}, "generationConfig");
    this.generationConfig();
  }

  /**
   * Loads a model, off the JavaScript thread. Never downloads.
   *
   * @param model a folder with OpenVINO IR, a `.gguf` file (converted once, kept in the cache), or the name of a model
   *   in the cache
   * @throws TypeError, RangeError for options
   * @throws {@link OpenVinoLlmError} ERR_MODEL_NOT_FOUND, ERR_MODEL_LOAD, ERR_DEVICE, and what finding the runtime gives
   * @throws {@link AbortError} when `options.signal` is aborted; a load that has begun is finished and freed unseen
   */
  static async load(model: string, options: LoadOptions = {}): Promise<LLMPipeline> {
    const checked = validateLoadOptions(options);
    const { signal } = checked;
    throwIfAborted(signal);
    const { device = "CPU" } = checked;
    const info = await untilAborted(openModel(model), signal);
    const native = new NativePipeline({ path: info.dir, device, properties: checked.nativeProperties });
    try {
      const loaded = await untilAborted(native.loaded, signal);
      const pipeline = new LLMPipeline(native, loaded, info, checked);
      if (checked.warmup === true) await untilAborted(pipeline.#warmUp(), signal);
      return pipeline;
    } catch (error) {
      const closed = native.close();
      if (!(error instanceof AbortError)) await closed;
      throw error;
    }
  }

  /**
   * Begins to generate and gives the tokens as they come.
   *
   * @throws TypeError, RangeError for input and options; OpenVinoLlmError ERR_NO_CHAT_TEMPLATE. Everything else comes by
   *   `next()` and `result`.
   */
  stream(input: GenerationInput, options: CallOptions = {}): TokenStream {
    const queue = new ChunkQueue();
    return new TokenStream(this.#submit(nowMs(), input, options, queue), queue);
  }

  /**
   * Generates and resolves with the whole result.
   *
   * @throws (by rejection) TypeError, RangeError, AbortError; OpenVinoLlmError ERR_NO_CHAT_TEMPLATE, ERR_PROMPT_TOO_LONG,
   *   ERR_KV_CACHE_FULL, ERR_CLOSED, ERR_NATIVE
   */
  async generate(input: GenerationInput, options: CallOptions = {}): Promise<GenerationResult> {
    return this.#submit(nowMs(), input, options, undefined).result;
  }

  /** The config that a call with these options runs with: call, then the pipeline's, then the model's, then GenAI's. */
  generationConfig(options: GenerationOptions = {}): ResolvedGenerationConfig {
    return this.#resolve(this.#validate(options, "options"));
  }

  /**
   * Refuses new calls, cancels what runs or waits (it fails with ERR_CLOSED), ends the thread and frees the model.
   * Idempotent. Resolves when that is done: a prefill that has begun cannot be interrupted and is waited for.
   */
  close(): Promise<void> {
    this.#closed ??= this.#native.close();
    return this.#closed;
  }

  /** `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Tokens produced since the load, read from the worker's own counter: it moves while this thread is busy. */
  get producedTokens(): number {
    return this.#native.producedTokens;
  }

  #validate(options: GenerationOptions, where: string): GenerationOptions {
    return validateGenerationOptions(options, { vocabSize: this.model.vocabSize, engine: "pipeline", where });
  }

  #resolve(call: GenerationOptions): ResolvedGenerationConfig {
    const { contextLength, vocabSize } = this.model;
    return resolveGenerationConfig(
      { call, instance: this.#defaults, model: this.#modelConfig },
      { contextLength, vocabSize, where: { call: "options", instance: "generationConfig" } },
    );
  }

  #submit(
    submitMs: number,
    input: GenerationInput,
    options: CallOptions,
    listener: GenerationListener | undefined,
  ): Generation {
    const { signal, onAbort, generationOptions } = takeCallOptions(options);
    const config = this.#resolve(this.#validate(generationOptions, "options"));
    const streams = config.numBeams === 1 && config.numReturnSequences === 1;
    if (listener !== undefined && !streams) {
      throw invalidArgType(
        config.numBeams > 1 ? "options.numBeams" : "options.numReturnSequences",
        "1 for stream() (several sequences come only from generate())",
        Math.max(config.numBeams, config.numReturnSequences),
      );
    }
    const { hasChatTemplate, vocabSize, contextLength } = this.model;
    // Not the resolved value: only a wish that was spoken can clash with a model that has no template.
    const applyChatTemplate = generationOptions.applyChatTemplate ?? this.#defaults.applyChatTemplate;
    const prompt = normalizeInput(input, { hasChatTemplate, applyChatTemplate, vocabSize });
    const settings = {
      submitMs,
      stopTokenOf: (id: number) => stopTokenOf(config, id),
      signal,
      onAbort,
      listener,
    };
    const generation = new Generation(settings);
    if (this.#closed !== undefined) {
      generation.failed(
        new OpenVinoLlmError("ERR_CLOSED", "The pipeline is closed. Load the model again to go on."),
      );
    }
    if (generation.settled) return generation;
    const id = this.#native.submit(
      {
        prompt,
        config: toNativeConfig(config),
        maxNewTokens: config.maxNewTokens ?? MAX_NEW_TOKENS,
        totalTokens: totalTokenLimit(config, contextLength) ?? 0,
        stopStrings: [...config.stopStrings],
        includeStopStrInOutput: config.includeStopStrInOutput,
        endTokenIds: [...endTokenIds(config)],
        streams,
      },
      generation,
    );
    generation.submitted(() => this.#native.cancel(id));
    return generation;
  }

  /** The first generation makes the kernels; two tokens run both the prefill's and the decoding's. */
  async #warmUp(): Promise<void> {
    await this.generate({ tokenIds: [0] }, { maxNewTokens: 2, ignoreEos: true, temperature: 0 });
  }
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw loadAborted(signal);
}

function loadAborted(signal: AbortSignal): AbortError<undefined> {
  return new AbortError("The load was aborted.", signal.reason, undefined);
}

/** The promise, or AbortError as soon as the signal is aborted. */
async function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return promise;
  throwIfAborted(signal);
  let onAbort!: () => void;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(loadAborted(signal));
    signal.addEventListener("abort", onAbort);
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
