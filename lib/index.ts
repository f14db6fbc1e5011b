/** openvino-llm: large language models inside a Node process on Intel CPUs. */

export { LLMPipeline, type LoadedModel } from "./llm-pipeline.js";
export { TokenStream } from "./token-stream.js";
export type { CallOptions, LoadOptions } from "./call-options.js";
export type { ChatMessage, GenerationInput } from "./input.js";
export type { GenerationOptions, StopCriteria } from "./generation-options.js";
export type { ResolvedGenerationConfig } from "./generation-config.js";
export type { Properties } from "./properties.js";
export type { FinishReason, GenerationChoice, GenerationResult, TokenChunk } from "./generation.js";
export type { NativePerf } from "./binding.js";
export { AbortError, OpenVinoLlmError, type ErrorCode } from "./errors.js";
