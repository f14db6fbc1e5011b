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

/**
 * Registers with LangChain how to read our messages: without it, `contentBlocks` would have no reasoning. Its registry
 * is one for all copies of its core in a process.
 */
export function registerContentBlocks(): void {
  const registry: unknown = Reflect.get(globalThis, "lc_block_translators_registry");
  const translator = { translateContent: blocksOf, translateContentChunk: blocksOf };
  if (registry instanceof Map) registry.set(PROVIDER, translator);
}
