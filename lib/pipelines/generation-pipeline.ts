/** What both pipelines are: a loaded model with its defaults, and the way of a request from call to worker. */
import { join } from "node:path";

import { ChatSession } from "../chat/session.js";
import type { ChatOptions } from "../chat/chat-options.js";
import type { PropertiesReport } from "../engine-guard/guard.js";
import { closedError, OpenVinoLlmError } from "../errors/errors.js";
import { AnswerReader } from "../generation/answer-reader.js";
import { takeCallOptions, type CallOptions } from "../generation/call-options.js";
import { takeCloseOptions, type CloseOptions } from "../generation/close-options.js";
import { Generation, type GenerationListener } from "../generation/generation.js";
import type { LoadedModel } from "../generation/generation-model.js";
import type { GenerationResult } from "../generation/generation-result.js";
import { RequestAssembly, type EngineKind } from "../generation/request-assembly.js";
import { ChunkQueue, TokenStream } from "../generation/token-stream.js";
import type { NativePipeline } from "../native/native-pipeline.js";
import type { NativeInput } from "../native/native-request.js";
import type { ResolvedGenerationConfig } from "../options/generation-config.js";
import type { GenerationOptions } from "../options/generation-options.js";
import { readModelGenerationConfig } from "../options/model-generation-config.js";
import { stopTokenOf } from "../options/native-config.js";
import type { GenerationInput, Prompt } from "../prompt/input.js";
import type { AppliedProfile } from "../profiles/profile.js";
import type { ObjectOf, ResponseFormat } from "../structured/response-format.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";
import type { AnyTool, ToolCallOf } from "../tools/tool.js";
import type { LoadedNative } from "./load.js";
import type { TextGenerator } from "./text-generator.js";

/** The part of a pipeline that does not depend on how GenAI runs it. */
export abstract class GenerationPipeline implements TextGenerator {
  readonly loadMs: number;
  readonly model: LoadedModel;
  readonly properties: PropertiesReport;
  /** The profile that was taken; null without one, and where the one that was asked for does not hold here. */
  readonly profile: AppliedProfile | null;
  readonly tokenizer: Tokenizer;
  /** The native side. @internal */
  protected readonly native: NativePipeline;
  readonly #nowMs: () => number;
  readonly #assembly: RequestAssembly;
  #closed: Promise<void> | undefined;
  #endDrain: () => void = () => {};

  /** @internal */
  protected constructor(
    { native, loaded, tokenizer, info, adapters, options, properties, profile }: LoadedNative,
    kind: EngineKind,
  ) {
    const vocabSize = info.vocabSize ?? tokenizer.vocabSize;
    this.native = native;
    this.#nowMs = native.nowMs;
    this.properties = properties;
    this.profile = profile;
    this.tokenizer = tokenizer;
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
    this.#assembly = new RequestAssembly({
      kind,
      model: this.model,
      tokenizer,
      speculation: options.speculation.kind,
      modelConfig: readModelGenerationConfig(info.generationConfig, {
        file: join(info.dir, "generation_config.json"),
        vocabSize,
        tokenizerEosTokenId: tokenizer.eosToken?.id ?? -1,
      }),
      defaults: options.generationConfig ?? {},
    });
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
    return this.tokenizer.countPrompt(this.#assembly.prompt(input, takeCallOptions(options)));
  }

  chat<
    const Format extends ResponseFormat | undefined = undefined,
    const Tools extends readonly AnyTool[] | undefined = undefined,
  >(options: ChatOptions<Format, Tools> = {}): ChatSession<Format, Tools> {
    return new ChatSession(this, options);
  }

  generationConfig(options: GenerationOptions = {}): ResolvedGenerationConfig {
    return this.#assembly.generationConfig(options);
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

  #submit(
    submitMs: number,
    input: GenerationInput,
    options: CallOptions,
    listener: GenerationListener | undefined,
  ): Generation {
    const taken = takeCallOptions(options);
    const isStreamed = listener !== undefined;
    const { request, prompt, config, plan } = this.#assembly.assemble(input, taken, isStreamed);
    const { readObject, reading } = plan;
    const settings = {
      submitMs,
      nowMs: this.#nowMs,
      stopTokenOf: (id: number) => stopTokenOf(config, id),
      rngSeed: config.doSample ? (config.rngSeed ?? undefined) : undefined,
      signal: taken.signal,
      onAbort: taken.onAbort,
      listener,
      readObject,
      newReader: reading === undefined ? undefined : () => new AnswerReader(reading),
    };
    const generation = new Generation(settings);
    if (this.#closed !== undefined) generation.failed(closedError("pipeline"));
    if (generation.settled) return generation;
    const rendered = this.#rendered(prompt, generation);
    if (rendered === undefined) return generation;
    const id = this.native.submit({ ...request, prompt: rendered }, generation);
    if (id === null) generation.failed(queueFull());
    else {
      generation.submitted(() => {
        if (!isStreamed) this.native.deliver(); // before the cancel, with which an end of its own comes
        this.native.cancel(id);
      });
    }
    return generation;
  }

  /** Undefined where the chat template fails, and with it the generation. */
  #rendered(prompt: Prompt, generation: Generation): NativeInput | undefined {
    try {
      return this.tokenizer.chats.nativeInput(prompt);
    } catch (error) {
      if (!(error instanceof OpenVinoLlmError)) throw error;
      generation.failed(error);
      return undefined;
    }
  }
}

function queueFull(): OpenVinoLlmError {
  return new OpenVinoLlmError(
    "ERR_QUEUE_FULL",
    "As many requests wait as maxQueue allows. Try again when one has finished, or load with a larger maxQueue.",
  );
}
