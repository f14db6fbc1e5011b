/** What a call is asked for, from the model's fields and the call's options. */
import type { BaseLanguageModelCallOptions } from "@langchain/core/language_models/base";
import type { BaseChatModelCallOptions, BindToolsInput } from "@langchain/core/language_models/chat_models";
import type { CallOptions, JsonSchema, ResponseFormat } from "openvino-llm";

import { invalidArgType } from "../errors/errors.js";
import { engineTool, engineToolChoice } from "./tools.js";

/** Sampling by LangChain's names; of the model, and of a call. What is absent comes from `generationOptions`, then from the model's own defaults. */
export interface ChatSampling {
  /** 0 is greedy decoding, above 0 is sampling. */
  readonly temperature?: number | undefined;
  /** Sample from the likeliest tokens that reach this probability together: above 0, at most 1. */
  readonly topP?: number | undefined;
  /** Sample from this many likeliest tokens. */
  readonly topK?: number | undefined;
  /** Tokens of the answer at most. */
  readonly maxTokens?: number | undefined;
  /** Of sampling. */
  readonly seed?: number | undefined;
  /** -2 to 2. */
  readonly frequencyPenalty?: number | undefined;
  /** -2 to 2. */
  readonly presencePenalty?: number | undefined;
}

/** Options of the library's `generate()` that LangChain has no name for, such as `minP`, `extraContext`, `reasoningParser` or `priority`. */
export type GenerationCallOptions = Omit<CallOptions, "signal" | "onAbort" | "tools" | "toolChoice">;

/** What the answer must be, in OpenAI's form. */
export type ChatResponseFormat =
  | {
      /** Free text, or any JSON object. */
      readonly type: "text" | "json_object";
    }
  | {
      /** JSON by a schema. */
      readonly type: "json_schema";
      /** The schema. */
      readonly json_schema: {
        /** For traces alone. */
        readonly name?: string;
        /** A JSON Schema. */
        readonly schema: JsonSchema;
      };
    };

/** Options of one call of a `ChatOpenVINO`. */
export interface ChatOpenVINOCallOptions extends BaseChatModelCallOptions, ChatSampling {
  /** Tools that the model may call; `bindTools()` sets them. */
  tools?: BindToolsInput[];
  /** What the answer must be; `withStructuredOutput()` sets it. Not beside tools. */
  response_format?: ChatResponseFormat;
  /** Further options of the library's `generate()`. Default: the model's. */
  generationOptions?: GenerationCallOptions;
}

/** What of the model's fields a call depends on. */
export interface ChatDefaults extends ChatSampling {
  readonly stop?: readonly string[] | undefined;
  readonly generationOptions?: GenerationCallOptions | undefined;
}

/** What a call is asked for by LangChain's names: the call's own first, then the model's. */
export type ChatParams = Omit<ChatOpenVINOCallOptions, keyof BaseLanguageModelCallOptions> & {
  readonly stop?: readonly string[] | undefined;
};

/** What the model has a default for, and a call may ask otherwise. */
export const SAMPLING = [
  "temperature",
  "topP",
  "topK",
  "maxTokens",
  "seed",
  "frequencyPenalty",
  "presencePenalty",
] as const;
const OF_CALLS = ["tools", "tool_choice", "response_format"] as const;

/** The parameters of a call; those that nobody gave are absent. */
export function chatParams(defaults: ChatDefaults, options: Partial<ChatOpenVINOCallOptions>): ChatParams {
  const generationOptions = { ...defaults.generationOptions, ...options.generationOptions };
  const found: Record<string, unknown> = {};
  for (const name of SAMPLING) found[name] = options[name] ?? defaults[name];
  for (const name of OF_CALLS) found[name] = options[name];
  found["stop"] = options.stop ?? defaults.stop;
  if (Object.keys(generationOptions).length > 0) found["generationOptions"] = generationOptions;
  return given(found);
}

/**
 * The same for the library.
 *
 * @throws TypeError for tools, a choice or a response format that are none
 */
export function engineOptions(params: ChatParams, signal: AbortSignal | undefined): CallOptions {
  const format = responseFormat(params.response_format);
  const tools = (params.tools ?? []).map(engineTool);
  const choice = params.tool_choice === undefined ? undefined : engineToolChoice(params.tool_choice);
  return {
    ...params.generationOptions,
    ...given({
      temperature: params.temperature,
      topP: params.topP,
      topK: params.topK,
      maxNewTokens: params.maxTokens,
      rngSeed: params.seed,
      frequencyPenalty: params.frequencyPenalty,
      presencePenalty: params.presencePenalty,
      stopStrings: params.stop,
      responseFormat: format,
      tools: tools.length === 0 ? undefined : tools,
      // Without tools there is none to leave them to.
      toolChoice: tools.length === 0 && choice === "auto" ? undefined : choice,
      signal,
    }),
  };
}

function responseFormat(format: ChatResponseFormat | undefined): ResponseFormat | undefined {
  if (format === undefined || format.type === "text") return undefined;
  if (format.type === "json_object") return { type: "json", schema: { type: "object" } };
  if (format.type === "json_schema") return { type: "json", schema: format.json_schema.schema };
  throw invalidArgType(
    "response_format",
    '{ type: "json_schema", json_schema: { schema } }, { type: "json_object" } or { type: "text" }',
    format,
  );
}

function given<Values extends object>(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Values;
}
