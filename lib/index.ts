/** openvino-llm: large language models inside a Node process on Intel CPUs. */

export { LLMPipeline, type LoadedModel } from "./llm-pipeline.js";
export { TokenStream } from "./token-stream.js";
export type { CallOptions, LoadOptions } from "./call-options.js";
export type { ChatMessage, GenerationInput } from "./input.js";
export type { GenerationOptions, StopCriteria } from "./options/generation-options.js";
export type { ResolvedGenerationConfig } from "./options/generation-config.js";
export type { Properties } from "./options/properties.js";
export type { FinishReason, GenerationChoice, GenerationResult, TokenChunk } from "./generation.js";
export type { NativePerf } from "./binding.js";
export { AbortError, OpenVinoLlmError, type ErrorCode } from "./errors.js";
