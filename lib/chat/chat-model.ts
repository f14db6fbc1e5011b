import type { CallOptions } from "../call-options.js";
import type { GenerationResult } from "../generation-result.js";
import type { ChatMessage } from "../input.js";
import type { ResolvedGenerationConfig } from "../options/generation-config.js";
import type { GenerationOptions } from "../options/generation-options.js";
import type { TokenStream } from "../token-stream.js";

/** What a chat needs of a pipeline: both are one. */
export interface ChatModel {
  readonly model: { readonly contextLength: number | null; readonly hasChatTemplate: boolean };
  generationConfig(options?: GenerationOptions): ResolvedGenerationConfig;
  countPromptTokens(messages: readonly ChatMessage[], options?: CallOptions): Promise<number>;
  generate(messages: readonly ChatMessage[], options?: CallOptions): Promise<GenerationResult>;
  stream(messages: readonly ChatMessage[], options?: CallOptions): TokenStream;
}
