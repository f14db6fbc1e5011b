/** openvino-llm: large language models inside a Node process on Intel CPUs. */

export { LLMPipeline } from "./llm-pipeline.js";
export { ContinuousBatchingPipeline, type EngineMetrics } from "./continuous-batching-pipeline.js";
export type { LoadedModel, TextGenerator } from "./text-generator.js";
export type { PropertiesReport, PropertyCorrection } from "./engine-guard/guard.js";
export type { GenerationPipeline } from "./generation-pipeline.js";
export { TokenStream, type ChunkIterator } from "./token-stream.js";
export { ChatSession, type ChatStream } from "./chat/session.js";
export type { ChatInput, ChatOptions, ChatResult, ChatState, ChatTurnOptions } from "./chat/options.js";
export type { TrimContext, TrimFunction } from "./chat/trim.js";
export { Tokenizer } from "./tokenizer.js";
export type { SpecialToken } from "./added-tokens.js";
export type { SpecialTokensInContent } from "./content-marks.js";
export type { EncodedBatch, TextPair } from "./encoded-batch.js";
export type {
  ChatTemplateOptions,
  DecodeOptions,
  EncodeChatOptions,
  EncodeOptions,
  TokenizerLoadOptions,
} from "./options/tokenizer-options.js";
export { TextEmbeddingPipeline } from "./text-embedding-pipeline.js";
export { TextRerankPipeline, type RerankedDocument } from "./text-rerank-pipeline.js";
export type { LoadedTextModel } from "./text-model.js";
export type {
  EmbedCallOptions,
  EmbedOptions,
  PoolingType,
  RerankOptions,
  TextEmbeddingLoadOptions,
  TextModelLoadOptions,
  TextRerankLoadOptions,
} from "./options/text-model-options.js";
export type { BatchingLoadOptions, CallOptions, CloseOptions, LoadOptions } from "./call-options.js";
export type { DraftModelOptions, SpeculationOptions } from "./options/speculation.js";
export type { AdapterOption, LoadedAdapter } from "./options/adapters.js";
export { assistantMessage, toolMessage } from "./tool-messages.js";
export {
  runTools,
  ToolRun,
  type RunToolsOptions,
  type StepEndPart,
  type ToolResultPart,
  type ToolRunPart,
  type ToolRunResult,
} from "./run-tools.js";
export type {
  ChatCallMessage,
  ChatContentMessage,
  ChatInputMessage,
  ChatMessage,
  ChatTextPart,
  ChatToolCall,
  GenerationInput,
  TokenIdsInput,
} from "./input.js";
export type { GenerationOptionName, GenerationOptions, StopCriteria } from "./options/generation-options.js";
export type { NullableOption, ResolvedGenerationConfig } from "./options/generation-config.js";
export type { Properties, PropertyValue } from "./options/properties.js";
export type {
  AggregationMode,
  CacheEvictionOptions,
  KvCrushAnchorPointMode,
  KvCrushOptions,
  ResolvedOptions,
  ResolvedSchedulerConfig,
  SchedulerOptions,
  SparseAttentionMode,
  SparseAttentionOptions,
} from "./options/scheduler-options.js";
export type {
  FinishReason,
  GenerationChoice,
  GenerationResult,
  ReadAnswer,
  TokenChunk,
  Usage,
} from "./generation-result.js";
export type { AnswerPart, WithCallId } from "./answer-reader.js";
export {
  defineTool,
  type AnyTool,
  type CallOfTool,
  type InferArguments,
  type InvalidToolCall,
  type Tool,
  type ToolCall,
  type ToolCallOf,
  type ToolChoice,
  type ToolContext,
  type ToolNameOf,
} from "./tool.js";
export type {
  InferJsonSchema,
  InferProperties,
  InferSchema,
  InferTypeNamed,
  JsonFormat,
  JsonSchema,
  ObjectOf,
  ResponseFormat,
  StandardIssue,
  StandardJsonSchema,
  StandardJsonSchemaOptions,
  StandardPathPart,
  StandardResult,
  StandardSchema,
  StandardTypes,
  StructuralTagFormat,
  TextFormat,
} from "./response-format.js";
export {
  OUTPUT_PARSERS,
  reasoningParserName,
  toolParserName,
  type OutputParserInfo,
  type ReasoningParserName,
  type ToolParserName,
} from "./parsers/catalog.js";
export { detectParsers, endsInReasoning, type DetectedParsers } from "./parsers/detect.js";
export {
  createOutputParser,
  marksOf,
  type OutputParser,
  type OutputParserOptions,
} from "./parsers/output-parser.js";
export type { KnownTool } from "./parsers/call-draft.js";
export type {
  InvalidToolCallPart,
  JsonObject,
  JsonValue,
  OutputPart,
  ReasoningPart,
  TextPart,
  ToolCallBeginPart,
  ToolCallDeltaPart,
  ToolCallPart,
} from "./parsers/output-part.js";
export type {
  LatencySpread,
  NoTokenTiming,
  SpeculativeFigures,
  Timing,
  TimingFigures,
  TokenStamps,
  TokenTiming,
} from "./timing.js";
export type { NativePerf } from "./binding.js";
export { AbortError, OpenVinoLlmError, type ErrorCode } from "./errors.js";
