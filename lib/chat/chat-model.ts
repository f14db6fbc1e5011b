import type { TextGenerator } from "../pipelines/text-generator.js";

/** What a chat needs of a pipeline. */
export type ChatModel = Pick<
  TextGenerator,
  "model" | "generationConfig" | "countPromptTokens" | "generate" | "stream"
>;
