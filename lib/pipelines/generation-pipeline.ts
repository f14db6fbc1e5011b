/** What both pipelines are: a loaded model with its defaults, and the way of a request from call to worker. */
import { join } from "node:path";
import { planAnswer, type AnswerPlan } from "../generation/answer-plan.js";
import { AnswerReader } from "../generation/answer-reader.js";
import type { NativeInput } from "../native/native-request.js";
import { Generation, type GenerationListener } from "../generation/generation.js";
import type { GenerationResult } from "../generation/generation-result.js";
import { invalidArgType, OpenVinoLlmError, outOfRange, readingFrom } from "../errors/errors.js";
import { isTemplated, normalizeInput, type GenerationInput } from "../prompt/input.js";
import {
  takeCallOptions,
  takeCloseOptions,
  type CallOptions,
  type CloseOptions,
  type TakenCallOptions,
} from "../generation/call-options.js";
import type { ChatOptions } from "../chat/chat-options.js";
import { ChatSession } from "../chat/session.js";
import { alphasOf, refuseAdapters } from "../options/adapters.js";
import {
  resolveGenerationConfig,
  totalTokenLimit,
  type ResolvedGenerationConfig,
} from "../options/generation-config.js";
import { validateGenerationOptions, type GenerationOptions } from "../options/generation-options.js";
import type { Speculation } from "../options/generation-rules.js";
import { checkEndsByGrammar } from "../structured/format-grammar.js";
import { readModelGenerationConfig, type ModelGenerationConfig } from "../options/model-generation-config.js";
import { endTokenIds, stopTokenOf, toNativeConfig } from "../options/native-config.js";
import type { LoadedNative } from "./load.js";
import type { LoadedModel, TextGenerator } from "./text-generator.js";
import type { NativePipeline } from "../native/native-pipeline.js";
import type { PropertiesReport } from "../engine-guard/guard.js";
import type { ObjectOf, ResponseFormat } from "../structured/response-format.js";
import { detectParsers, type DetectedParsers } from "../parsers/detect.js";
import { ChunkQueue, TokenStream } from "../generation/token-stream.js";
import { toolsOfTemplate, type TemplateTools } from "../prompt/tool-prompt.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";
import type { AnyTool, ToolCallOf } from "../tools/tool.js";

/** GenAI's own default has no end; this is the longest that an answer may be where nothing else limits it. */
const MAX_NEW_TOKENS = 2 ** 31 - 1;

/** What a pipeline depends on GenAI's class for. */
interface EngineKind {
  readonly engine: "pipeline" | "batching";
  /** Sequences that a request may have. */
  readonly maxSequences: number;
}

/** What a chat template shows. */
interface TemplateFacts {
  readonly text: string;
  readonly parsers: DetectedParsers;
  readonly tools: TemplateTools;
}

/** The part of a pipeline that does not depend on how GenAI runs it. */
export abstract class GenerationPipeline implements TextGenerator {
  readonly loadMs: number;
  readonly model: LoadedModel;
  readonly properties: PropertiesReport;
  readonly tokenizer: Tokenizer;
  /** The native side. @internal */
  protected readonly native: NativePipeline;
  readonly #nowMs: () => number;
  readonly #engine: "pipeline" | "batching";
  readonly #maxSequences: number;
  readonly #speculation: Speculation;
  readonly #defaults: GenerationOptions;
  readonly #modelConfig: ModelGenerationConfig;
  #template: TemplateFacts | undefined;
  #closed: Promise<void> | undefined;
  #endDrain: () => void = () => {};

  /** @internal */
  protected constructor(
    { native, loaded, tokenizer, info, adapters, options, properties }: LoadedNative,
    { engine, maxSequences }: EngineKind,
  ) {
    const vocabSize = info.vocabSize ?? tokenizer.vocabSize;
    this.native = native;
    this.#nowMs = native.nowMs;
    this.properties = properties;
    this.tokenizer = tokenizer;
    this.#engine = engine;
    this.#maxSequences = maxSequences;
    this.#speculation = options.speculation.kind;
    this.loadMs = loaded.loadMs;
    this.model = {
      name: info.name,
      path: info.dir,
      device: options.device ?? "CPU",
      contextLength: info.contextLength,
      vocabSize,
      get hasChatTemplate() {
        return tokenizer.chatTemplate !== null;
      },
      adapters: adapters.map(({ path, alpha }) => ({ path, alpha })),
    };
    this.#modelConfig = readModelGenerationConfig(info.generationConfig, {
      file: join(info.dir, "generation_config.json"),
      vocabSize,
      tokenizerEosTokenId: tokenizer.eosToken?.id ?? -1,
    });
    this.#defaults = this.#validate(options.generationConfig ?? {}, "generationConfig");
    this.generationConfig();
  }

  stream<
    const Format extends ResponseFormat | undefined = undefined,
    const Tools extends readonly AnyTool[] | undefined = undefined,
  >(
    input: GenerationInput,
    options: CallOptions<Format, Tools> = {},
  ): TokenStream<ObjectOf<Format>, ToolCallOf<Tools>> {
    const queue = new ChunkQueue();
    return new TokenStream(this.#submit(this.#nowMs(), input, options, queue), queue);
  }

  async generate<
    const Format extends ResponseFormat | undefined = undefined,
    const Tools extends readonly AnyTool[] | undefined = undefined,
  >(
    input: GenerationInput,
    options: CallOptions<Format, Tools> = {},
  ): Promise<GenerationResult<ObjectOf<Format>, ToolCallOf<Tools>>> {
    // The schemas that give the types have checked the values.
    return this.#submit(this.#nowMs(), input, options, undefined).result as Promise<
      GenerationResult<ObjectOf<Format>, ToolCallOf<Tools>>
    >;
  }

  async countPromptTokens(input: GenerationInput, options: CallOptions = {}): Promise<number> {
    const { prompt } = this.#plan(input, takeCallOptions(options));
    return this.tokenizer.countPrompt(prompt);
  }

  chat<
    const Format extends ResponseFormat | undefined = undefined,
    const Tools extends readonly AnyTool[] | undefined = undefined,
  >(options: ChatOptions<Format, Tools> = {}): ChatSession<Format, Tools> {
    return new ChatSession(this, options);
  }

  generationConfig(options: GenerationOptions = {}): ResolvedGenerationConfig {
    return this.#resolve(this.#validate(options, "options"));
  }

  close(options: CloseOptions = {}): Promise<void> {
    const drainMs = takeCloseOptions(options);
    if (drainMs === 0) this.#endDrain();
    this.#closed ??= drainMs === 0 ? this.native.close() : this.#drainAndClose(drainMs);
    return this.#closed;
  }

  /** `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get producedTokens(): number {
    return this.native.producedTokens;
  }

  async #drainAndClose(drainMs: number): Promise<void> {
    const { done, stop } = this.native.drain(drainMs);
    this.#endDrain = stop;
    await done;
    await this.native.close();
  }

  #validate(options: GenerationOptions, where: string): GenerationOptions {
    return validateGenerationOptions(options, {
      vocabSize: this.model.vocabSize,
      engine: this.#engine,
      where,
    });
  }

  #resolve(call: GenerationOptions): ResolvedGenerationConfig {
    const { contextLength, vocabSize } = this.model;
    return resolveGenerationConfig(
      { call, instance: this.#defaults, model: this.#modelConfig },
      {
        contextLength,
        vocabSize,
        speculation: this.#speculation,
        where: { call: "options", instance: "generationConfig" },
      },
    );
  }

  /** Read once: a template of 17 kB takes a tenth of a millisecond. */
  #templateFacts(): TemplateFacts | null {
    const { chatTemplate: text } = this.tokenizer;
    if (text === null) return null;
    if (this.#template?.text !== text) {
      this.#template = { text, parsers: detectParsers(text), tools: toolsOfTemplate(text) };
    }
    return this.#template;
  }

  /** What a call asks with, and how its answer is read. */
  #plan(
    input: GenerationInput,
    { wish, extraContext, specialTokensInContent, extraRoles, generationOptions }: TakenCallOptions,
  ): { plan: AnswerPlan; prompt: NativeInput } {
    // Not the resolved value: only a wish that was spoken can clash with a model that has no template.
    const applyChatTemplate = generationOptions.applyChatTemplate ?? this.#defaults.applyChatTemplate;
    const facts = this.#templateFacts();
    const context = {
      template: facts?.tools ?? null,
      marker: this.tokenizer.contentMarker(),
      applyChatTemplate,
      vocabSize: this.model.vocabSize,
      extraContext,
      specialTokensInContent,
      extraRoles,
    };
    const plan = planAnswer(
      wish,
      facts !== null && readingFrom("input", () => isTemplated(input, context)) ? facts.parsers : null,
    );
    return { plan, prompt: normalizeInput(input, { ...context, tools: plan.told }) };
  }

  #submit(
    submitMs: number,
    input: GenerationInput,
    options: CallOptions,
    listener: GenerationListener | undefined,
  ): Generation {
    const taken = takeCallOptions(options);
    const { signal, onAbort, priority, adapters, generationOptions } = taken;
    if (this.#engine === "batching") refuseAdapters("options.adapters", adapters);
    const adapterAlphas = alphasOf("options.adapters", adapters, this.model.adapters);
    const config = this.#resolve(this.#validate(generationOptions, "options"));
    const { plan, prompt } = this.#plan(input, taken);
    const { grammar, readObject, reading } = plan;
    if (grammar !== undefined) checkEndsByGrammar(config, this.#speculation);
    const sequences = Math.max(config.numBeams, config.numReturnSequences);
    const name = config.numBeams > 1 ? "options.numBeams" : "options.numReturnSequences";
    if (listener !== undefined && sequences > 1) {
      throw invalidArgType(name, "1 for stream() (several sequences come only from generate())", sequences);
    }
    if (sequences > this.#maxSequences) {
      throw outOfRange(name, `at most the scheduler's maxNumSeqs (${this.#maxSequences})`, sequences);
    }
    const settings = {
      submitMs,
      nowMs: this.#nowMs,
      stopTokenOf: (id: number) => stopTokenOf(config, id),
      signal,
      onAbort,
      listener,
      readObject,
      newReader: reading === undefined ? undefined : () => new AnswerReader(reading),
    };
    const generation = new Generation(settings);
    if (this.#closed !== undefined) {
      generation.failed(
        new OpenVinoLlmError("ERR_CLOSED", "The pipeline is closed. Load the model again to go on."),
      );
    }
    if (generation.settled) return generation;
    const id = this.native.submit(
      {
        prompt,
        config: toNativeConfig(config),
        maxNewTokens: config.maxNewTokens ?? MAX_NEW_TOKENS,
        totalTokens: totalTokenLimit(config, this.model.contextLength) ?? 0,
        stopStrings: [...config.stopStrings],
        includeStopStrInOutput: config.includeStopStrInOutput,
        endTokenIds: [...endTokenIds(config)],
        priority,
        adapterAlphas,
        ...(reading === undefined ? undefined : { marks: reading.marks }),
        ...(grammar === undefined ? undefined : { grammar }),
      },
      generation,
    );
    if (id === null) generation.failed(queueFull());
    else generation.submitted(() => this.native.cancel(id));
    return generation;
  }
}

function queueFull(): OpenVinoLlmError {
  return new OpenVinoLlmError(
    "ERR_QUEUE_FULL",
    "As many requests wait as maxQueue allows. Try again when one has finished, or load with a larger maxQueue.",
  );
}
