/** Standard content blocks of answers, for `message.contentBlocks` and `outputVersion: "v1"`. */
import type { AIMessage, AIMessageChunk, ContentBlock } from "@langchain/core/messages";

/** The provider in `response_metadata`, by which LangChain finds how to read a message. */
export const PROVIDER = "openvino";

/** The blocks of an answer that is kept as text with its reasoning beside it. */
function blocksOf({
  content,
  additional_kwargs,
  tool_calls = [],
}: AIMessage | AIMessageChunk): ContentBlock.Standard[] {
  const { reasoning_content: reasoning } = additional_kwargs;
  const blocks: ContentBlock.Standard[] = [];
  if (typeof reasoning === "string" && reasoning !== "") blocks.push({ type: "reasoning", reasoning });
  if (typeof content !== "string") blocks.push(...(content as ContentBlock.Standard[]));
  else if (content !== "") blocks.push({ type: "text", text: content });
  for (const { id, name, args } of tool_calls) {
    blocks.push({ type: "tool_call", name, args, ...(id === undefined ? {} : { id }) });
  }
  return blocks;
}

interface Translator {
  readonly translateContent: (message: AIMessage) => ContentBlock.Standard[];
  readonly translateContentChunk: (chunk: AIMessageChunk) => ContentBlock.Standard[];
}

declare global {
  /** One for all copies of @langchain/core in a process. */
  // oxlint-disable-next-line no-var
  var lc_block_translators_registry: Map<string, Translator> | undefined;
}

/** Tells LangChain how to read our messages: without it, `contentBlocks` would have no reasoning. */
export function registerContentBlocks(): void {
  globalThis.lc_block_translators_registry?.set(PROVIDER, {
    translateContent: blocksOf,
    translateContentChunk: blocksOf,
  });
}
