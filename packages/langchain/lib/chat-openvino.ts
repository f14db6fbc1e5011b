import type {
  BaseLanguageModelInput,
  StructuredOutputMethodOptions,
} from "@langchain/core/language_models/base";
import {
  BaseChatModel,
  type BindToolsInput,
  type LangSmithParams,
} from "@langchain/core/language_models/chat_models";
import type { ChatModelStreamEvent } from "@langchain/core/language_models/event";
import type { ModelProfile } from "@langchain/core/language_models/profile";
import { assembleStructuredOutputPipeline } from "@langchain/core/language_models/structured_output";
import type { AIMessageChunk, BaseMessage, MessageContent } from "@langchain/core/messages";
import type { ChatGenerationChunk, ChatResult, LLMResult } from "@langchain/core/outputs";
import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import type { Runnable } from "@langchain/core/runnables";
import { ContinuousBatchingPipeline, type CallOptions, type TextGenerator } from "openvino-llm";

import { StreamedAnswer, wholeAnswer } from "./answers/answer.js";
import { ChunkWriter } from "./answers/chunks.js";
import { answerEvents } from "./answers/events.js";
import { chatResult } from "./answers/message.js";
import { tokenUsage, type AnswerSettings } from "./answers/metadata.js";
import {
  chatParams,
  engineOptions,
  type ChatOpenVINOCallOptions,
  type ChatParams,
} from "./calls/call-options.js";
import { toolDefinition } from "./calls/tools.js";
import {
  serializableFields,
  SERIALIZED_FIELDS,
  type ChatOpenVINOInput,
  type ChatOpenVINOLoadOptions,
} from "./chat-fields.js";
import { registerContentBlocks } from "./messages/content-blocks.js";
import { engineMessages, textOf } from "./messages/to-engine.js";
import type { AnswerObject, OutputSchema } from "./structured/schemas.js";
import { structuredCall } from "./structured/structured-output.js";

registerContentBlocks();

/**
 * A chat model of LangChain on a model that is loaded in this process. Calls run together, so `batch()` and graphs need no
 * `maxConcurrency`, and nothing is retried: what fails here would fail again.
 *
 * `invoke()` and `stream()` throw what the library throws, AbortError and ERR_QUEUE_FULL for instance; a prompt that is too
 * long is LangChain's ContextOverflowError.
 */
export class ChatOpenVINO extends BaseChatModel<ChatOpenVINOCallOptions> {
  /** The name in traces and serialised chains. */
  static override lc_name(): string {
    return "ChatOpenVINO";
  }

  override lc_serializable = true;
  /** The loaded model: its `close()` frees it. */
  readonly pipeline: TextGenerator;
  /** The model's name. */
  readonly model: string;
  /** Whether `invoke()` streams too. */
  readonly streaming: boolean;
  readonly #defaults: Omit<ChatOpenVINOInput, "pipeline">;

  constructor(fields: ChatOpenVINOInput) {
    super(serializableFields(fields));
    const { pipeline, ...defaults } = fields;
    this.pipeline = pipeline;
    this.model = pipeline.model.name;
    this.streaming = fields.streaming ?? false;
    this.#defaults = defaults;
  }

  /**
   * Loads a model into a `ContinuousBatchingPipeline`. Never downloads. Close it by `chat.pipeline.close()`.
   *
   * @param model - a folder with OpenVINO IR, a .gguf file, or the name of one in the cache
   * @throws (by rejection) what `ContinuousBatchingPipeline.load()` throws
   */
  static async load(model: string, options: ChatOpenVINOLoadOptions = {}): Promise<ChatOpenVINO> {
    const { load, ...fields } = options;
    return new ChatOpenVINO({ ...fields, pipeline: await ContinuousBatchingPipeline.load(model, load) });
  }

  override _llmType(): string {
    return "openvino";
  }

  /** What is serialised: never the pipeline, callbacks or caches. */
  override get lc_serializable_keys(): string[] {
    return [...SERIALIZED_FIELDS];
  }

  override _identifyingParams(): Record<string, unknown> {
    return { path: this.pipeline.model.path, ...this.invocationParams() };
  }

  /** The parameters of a call: its own first, then the model's. */
  override invocationParams(
    options: Partial<this["ParsedCallOptions"]> = {},
  ): ChatParams & { readonly model: string } {
    return { model: this.model, ...chatParams(this.#defaults, options) };
  }

  override getLsParams(options: this["ParsedCallOptions"]): LangSmithParams {
    const { temperature, maxTokens, stop } = this.invocationParams(options);
    const params: { [Name in keyof LangSmithParams]: LangSmithParams[Name] | undefined } = {
      ls_provider: "openvino",
      ls_model_name: this.model,
      ls_model_type: "chat",
      ls_temperature: temperature,
      ls_max_tokens: maxTokens,
      ls_stop: stop === undefined ? undefined : [...stop],
    };
    return params as LangSmithParams;
  }

  /**
   * What the model can do. `structuredOutput` is left out on purpose: agents would ask for it beside tools, which one answer
   * cannot hold, and without it they ask for a call, which the grammar enforces.
   */
  override get profile(): ModelProfile {
    const { contextLength, hasChatTemplate } = this.pipeline.model;
    return {
      ...(contextLength === null ? {} : { maxInputTokens: contextLength }),
      toolCalling: hasChatTemplate,
      toolChoice: hasChatTemplate,
      imageInputs: false,
      audioInputs: false,
      videoInputs: false,
      pdfInputs: false,
    };
  }

  /** Tokens of a text by the model's own tokenizer, without its chat template. */
  override async getNumTokens(content: MessageContent): Promise<number> {
    return this.pipeline.tokenizer.countTokens(textOf(content, "content"));
  }

  /**
   * The model with tools. `tool_choice`: "auto" (default), "any", "none", or a tool's name; "any" and a name are enforced by
   * grammar.
   *
   * @param tools - LangChain's tools, Runnables as tools, OpenAI's form, or `{ name, description, parameters }`
   * @throws TypeError for anything else
   */
  override bindTools(
    tools: BindToolsInput[],
    kwargs: Partial<ChatOpenVINOCallOptions> = {},
  ): Runnable<BaseLanguageModelInput, AIMessageChunk, ChatOpenVINOCallOptions> {
    return this.withConfig({ tools: tools.map(toolDefinition), ...kwargs });
  }

  /**
   * The model with answers that are objects by a schema, which the grammar enforces. `method`: "jsonSchema" (default),
   * "functionCalling" or "jsonMode".
   *
   * @param outputSchema - of zod (3 or 4), by the Standard Schema interface, or a JSON Schema
   * @throws TypeError
   */
  override withStructuredOutput<RunOutput extends AnswerObject = AnswerObject>(
    outputSchema: OutputSchema<RunOutput>,
    config?: StructuredOutputMethodOptions,
  ): Runnable<BaseLanguageModelInput, RunOutput>;
  override withStructuredOutput<RunOutput extends AnswerObject = AnswerObject>(
    outputSchema: OutputSchema<RunOutput>,
    config?: StructuredOutputMethodOptions<true>,
  ): Runnable<BaseLanguageModelInput, { raw: BaseMessage; parsed: RunOutput }>;
  override withStructuredOutput<RunOutput extends AnswerObject = AnswerObject>(
    outputSchema: OutputSchema<RunOutput>,
    config: StructuredOutputMethodOptions<boolean> = {},
  ):
    | Runnable<BaseLanguageModelInput, RunOutput>
    | Runnable<BaseLanguageModelInput, { raw: BaseMessage; parsed: RunOutput }> {
    const { options, parser } = structuredCall<RunOutput>(outputSchema, config);
    return assembleStructuredOutputPipeline(
      this.withConfig(options),
      parser,
      config.includeRaw,
      config.includeRaw === true ? "StructuredOutputRunnable" : "StructuredOutput",
    );
  }

  override _combineLLMOutput(...outputs: LLMResult["llmOutput"][]): LLMResult["llmOutput"] {
    const usages = outputs.map((output) => {
      const { promptTokens = 0, completionTokens = 0 } = (output?.["tokenUsage"] ?? {}) as Partial<
        ReturnType<typeof tokenUsage>
      >;
      return { input_tokens: promptTokens, output_tokens: completionTokens, total_tokens: 0 };
    });
    return { tokenUsage: tokenUsage(usages) };
  }

  override async _generate(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    runManager?: CallbackManagerForLLMRun,
  ): Promise<ChatResult> {
    if (!this.streaming) {
      const answer = await wholeAnswer(this.pipeline, engineMessages(messages), this.#engineOptions(options));
      return chatResult(answer, this.#settings(options));
    }
    const answer = this.#begin(messages, options);
    const chunks = this.#chunks(answer, options, runManager);
    // The callbacks have them.
    while ((await chunks.next()).done !== true);
    return chatResult(await answer.end(), this.#settings(options));
  }

  override async *_streamResponseChunks(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    runManager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    yield* this.#chunks(this.#begin(messages, options), options, runManager);
  }

  override async *_streamChatModelEvents(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
  ): AsyncGenerator<ChatModelStreamEvent> {
    yield* answerEvents(this.#begin(messages, options), this.#settings(options));
  }

  async *#chunks(
    answer: StreamedAnswer,
    options: this["ParsedCallOptions"],
    runManager: CallbackManagerForLLMRun | undefined,
  ): AsyncGenerator<ChatGenerationChunk> {
    const writer = new ChunkWriter(this.#settings(options));
    for await (const step of answer) {
      const chunk = writer.chunk(step);
      if (chunk === undefined) continue;
      yield chunk;
      await runManager?.handleLLMNewToken(
        chunk.text,
        { prompt: 0, completion: 0 },
        undefined,
        undefined,
        undefined,
        { chunk },
      );
    }
    yield writer.last(await answer.end());
  }

  #begin(messages: BaseMessage[], options: this["ParsedCallOptions"]): StreamedAnswer {
    return new StreamedAnswer(this.pipeline, engineMessages(messages), this.#engineOptions(options));
  }

  #engineOptions(options: this["ParsedCallOptions"]): CallOptions {
    return engineOptions(this.invocationParams(options), options.signal);
  }

  #settings(options: this["ParsedCallOptions"]): AnswerSettings {
    return { model: this.model, outputVersion: options.outputVersion ?? this.outputVersion ?? "v0" };
  }
}
