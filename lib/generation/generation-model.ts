import type { LoadedAdapter } from "../options/adapters.js";
import type { ResolvedGenerationConfig } from "../options/generation-config.js";
import type { GenerationOptions } from "../options/generation-options.js";
import type { GenerationInput } from "../prompt/input.js";
import type { ObjectOf, ResponseFormat } from "../structured/response-format.js";
import type { AnyTool, ToolCallOf } from "../tools/tool.js";
import type { CallOptions } from "./call-options.js";
import type { GenerationResult } from "./generation-result.js";
import type { TokenStream } from "./token-stream.js";

/** A loaded model's name, device and limits. */
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
  /** Whether strings and messages are put through a chat template, which `tokenizer.setChatTemplate()` can change. */
  readonly hasChatTemplate: boolean;
  /** The LoRA adapters that it was loaded with. */
  readonly adapters: readonly LoadedAdapter[];
}

/** The methods of a pipeline that a chat and the loop of tools need. */
export interface GenerationModel {
  /** What is known of the model. */
  readonly model: LoadedModel;
  /**
   * Begins to generate and gives the tokens as they come.
   *
   * @throws TypeError, RangeError for input and options; OpenVinoLlmError ERR_NO_CHAT_TEMPLATE, and ERR_INVALID_SCHEMA for
   *   a response format that is refused without asking the grammar compiler. Everything else comes by
   *   `next()` and `result`.
   */
  stream<
    const Format extends ResponseFormat | undefined = undefined,
    const Tools extends readonly AnyTool[] | undefined = undefined,
  >(
    input: GenerationInput,
    options?: CallOptions<Format, Tools>,
  ): TokenStream<ObjectOf<Format>, ToolCallOf<Tools>>;

  /**
   * Generates and resolves with the whole result.
   *
   * @throws (by rejection) TypeError, RangeError, AbortError; OpenVinoLlmError ERR_NO_CHAT_TEMPLATE, ERR_CHAT_TEMPLATE,
   *   ERR_PROMPT_TOO_LONG, ERR_INVALID_SCHEMA, ERR_SCHEMA_MISMATCH, ERR_QUEUE_FULL, ERR_KV_CACHE_FULL, ERR_CLOSED, ERR_ENGINE_BROKEN, ERR_NATIVE. Where tokens had come, `partial` has
   *   them.
   */
  generate<
    const Format extends ResponseFormat | undefined = undefined,
    const Tools extends readonly AnyTool[] | undefined = undefined,
  >(
    input: GenerationInput,
    options?: CallOptions<Format, Tools>,
  ): Promise<GenerationResult<ObjectOf<Format>, ToolCallOf<Tools>>>;

  /**
   * How many tokens the prompt has that a call with this input and these options would process: template, tools and special
   * tokens included.
   *
   * @throws (by rejection) as `generate()` does before anything runs
   */
  countPromptTokens(input: GenerationInput, options?: CallOptions): Promise<number>;

  /** The config that a call with these options runs with: call, then the pipeline's, then the model's, then GenAI's. */
  generationConfig(options?: GenerationOptions): ResolvedGenerationConfig;
}
