/** A call of a language model and its answer: what versions 3 and 4 have in common, and `reasoning` of 4. */
import type { PromptMessage } from "./prompt.js";
import type { CommonCallOptions, JsonFields, Warning } from "./shared.js";

/** A tool that the application executes. */
export interface FunctionTool {
  readonly type: "function";
  readonly name: string;
  readonly description?: string | undefined;
  /** A JSON Schema. */
  readonly inputSchema: unknown;
  readonly inputExamples?: readonly unknown[] | undefined;
  readonly strict?: boolean | undefined;
}

/** A tool that a provider executes; there is none here. */
export interface ProviderTool {
  readonly type: "provider";
  readonly id: string;
  readonly name: string;
}

/** How much to think. */
export type ReasoningEffort =
  "provider-default" | "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max";

/** What the answer is to be. */
export type AnswerFormat =
  { readonly type: "text" } | { readonly type: "json"; readonly schema?: object | undefined };

/** Which tools are called. */
export type ToolChoice =
  { readonly type: "auto" | "none" | "required" } | { readonly type: "tool"; readonly toolName: string };

/** One call. */
export interface LanguageCallOptions extends CommonCallOptions {
  readonly prompt: readonly PromptMessage[];
  readonly maxOutputTokens?: number | undefined;
  readonly temperature?: number | undefined;
  readonly stopSequences?: readonly string[] | undefined;
  readonly topP?: number | undefined;
  readonly topK?: number | undefined;
  readonly presencePenalty?: number | undefined;
  readonly frequencyPenalty?: number | undefined;
  readonly responseFormat?: AnswerFormat | undefined;
  readonly seed?: number | undefined;
  readonly tools?: readonly (FunctionTool | ProviderTool)[] | undefined;
  readonly toolChoice?: ToolChoice | undefined;
  readonly includeRawChunks?: boolean | undefined;
  readonly reasoning?: ReasoningEffort | undefined;
}

/** Tokens of a call; what the engine does not count is undefined. */
export interface Usage {
  inputTokens: {
    total: number | undefined;
    noCache: number | undefined;
    cacheRead: number | undefined;
    cacheWrite: number | undefined;
  };
  outputTokens: { total: number | undefined; text: number | undefined; reasoning: number | undefined };
  raw?: JsonFields;
}

/** Why an answer ended. */
export interface FinishReason {
  unified: "stop" | "length" | "tool-calls" | "error" | "other";
  /** The engine's word. */
  raw: string | undefined;
}

/** A whole call; its input is what the model wrote, which should be JSON. */
export interface ToolCall {
  type: "tool-call";
  toolCallId: string;
  toolName: string;
  input: string;
}

/** What comes of one text, one thought, one call. */
export type AnswerPart =
  | { type: "text-start" | "text-end" | "reasoning-start" | "reasoning-end" | "tool-input-end"; id: string }
  | { type: "text-delta" | "reasoning-delta" | "tool-input-delta"; id: string; delta: string }
  | { type: "tool-input-start"; id: string; toolName: string }
  | ToolCall;

/** Which answer it is. */
export interface ResponseMetadata {
  id: string;
  timestamp: Date;
  modelId: string;
}

/** The end of an answer. */
export interface AnswerEnd {
  usage: Usage;
  finishReason: FinishReason;
  providerMetadata?: Record<string, JsonFields>;
}

/** What a streamed answer consists of. */
export type StreamPart =
  | { type: "stream-start"; warnings: Warning[] }
  | ({ type: "response-metadata" } & ResponseMetadata)
  | AnswerPart
  | ({ type: "finish" } & AnswerEnd)
  | { type: "error"; error: unknown };

/** What a whole answer consists of. */
export type Content = { type: "text"; text: string } | { type: "reasoning"; text: string } | ToolCall;

/** A whole answer. */
export interface GenerateResult extends AnswerEnd {
  content: Content[];
  response: ResponseMetadata;
  warnings: Warning[];
}

/** A streamed answer. */
export interface StreamResult {
  stream: ReadableStream<StreamPart>;
}
