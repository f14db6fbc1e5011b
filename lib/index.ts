/** openvino-llm: runs large language models inside a Node process on Intel CPUs. */

export { LLMPipeline } from "./pipelines/llm-pipeline.js";
export { ContinuousBatchingPipeline, type EngineMetrics } from "./pipelines/continuous-batching-pipeline.js";
export type { TextGenerator } from "./pipelines/text-generator.js";
export type { GenerationModel, LoadedModel } from "./generation/generation-model.js";
export type { ChosenProperty, PropertiesReport, PropertyCorrection } from "./engine-guard/guard.js";
export type { GenerationPipeline } from "./pipelines/generation-pipeline.js";
export { TokenStream, type ChunkIterator } from "./generation/token-stream.js";
export { ChatSession, type ChatStream } from "./chat/session.js";
export type { ChatInput, ChatOptions, ChatResult, ChatState, ChatTurnOptions } from "./chat/chat-options.js";
export type { TrimContext, TrimFunction } from "./chat/trim.js";
export { Tokenizer } from "./tokenizer/tokenizer.js";
export type { ChatRefusal } from "./prompt/chat-probe.js";
export type { SpecialToken } from "./tokenizer/added-tokens.js";
export type { SpecialTokensInContent } from "./prompt/content-escapes.js";
export type { EncodedBatch, TextPair } from "./tokenizer/encoded-batch.js";
export type {
  ChatTemplateOptions,
  DecodeOptions,
  EncodeChatOptions,
  EncodeOptions,
  TokenizerLoadOptions,
} from "./tokenizer/tokenizer-options.js";
export { TextEmbeddingPipeline } from "./embeddings/text-embedding-pipeline.js";
export { TextRerankPipeline, type RerankedDocument } from "./embeddings/text-rerank-pipeline.js";
export type { LoadedTextModel } from "./embeddings/text-model.js";
export type {
  EmbedCallOptions,
  EmbedOptions,
  PoolingType,
  RerankOptions,
  TextEmbeddingLoadOptions,
  TextModelLoadOptions,
  TextRerankLoadOptions,
} from "./embeddings/text-model-options.js";
export type { CallOptions } from "./generation/call-options.js";
export type { BatchingLoadOptions, LoadOptions } from "./generation/load-options.js";
export type { CloseOptions } from "./generation/close-options.js";
export type { DraftModelOptions, SpeculationOptions } from "./options/speculation.js";
export type { AdapterOption, LoadedAdapter } from "./options/adapters.js";
export { assistantMessage, toolMessage } from "./tool-loop/tool-messages.js";
export {
  runTools,
  ToolRun,
  type RunToolsOptions,
  type StepEndPart,
  type ToolResultPart,
  type ToolRunPart,
  type ToolRunResult,
} from "./tool-loop/run-tools.js";
export type {
  ChatCallMessage,
  ChatContentMessage,
  ChatInputMessage,
  ChatMessage,
  ChatTextPart,
  ChatToolCall,
  GenerationInput,
  TokenIdsInput,
} from "./prompt/input.js";
export type { GenerationOptionName, GenerationOptions, StopCriteria } from "./options/generation-options.js";
export type { NullableOption, ResolvedGenerationConfig } from "./options/generation-config.js";
export type { Properties, PropertyValue } from "./options/properties.js";
export type { PerformanceHint } from "./profiles/performance-hints.js";
export type {
  AppliedProfile,
  Profile,
  ProfileCpu,
  ProfileEvidence,
  ProfileLevel,
  ProfileLoad,
  ProfileModel,
  ProfileObjective,
  ProfilePipeline,
  ProfileProperties,
  ProfileQuality,
  ProfileRatio,
  ProfileScheduler,
  ProfileSettings,
  ProfileVersions,
} from "./profiles/profile.js";
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
} from "./generation/generation-result.js";
export type { AnswerPart, WithCallId } from "./generation/answer-reader.js";
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
} from "./tools/tool.js";
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
} from "./structured/response-format.js";
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
  delimitersOf,
  type OutputParser,
  type OutputParserOptions,
} from "./parsers/output-parser.js";
export type { KnownTool } from "./parsers/call-draft.js";
export type {
  InvalidCallReason,
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
} from "./generation/timing.js";
export type { NativePerf } from "./native/binding.js";
export { AbortError, OpenVinoLlmError, type ErrorCode } from "./errors/errors.js";
