/** From the engine's steps to LangChain's chunks. */
import { AIMessageChunk, type ContentBlock } from "@langchain/core/messages";
import type { ToolCallChunk } from "@langchain/core/messages/tool";
import { ChatGenerationChunk } from "@langchain/core/outputs";
import type { AnswerPart, TokenChunk } from "openvino-llm";

import type { Answer } from "./answer.js";
import { BlockIndex } from "./block-index.js";
import { callsOf, originOf, responseMetadata, usageOf, type AnswerSettings } from "./metadata.js";

/**
 * What follows the arguments of a call that was cut off or is malformed. LangChain completes what it can read of arguments,
 * so an agent would run half a call; whatever stands before this, its parser cannot read it.
 */
export const UNREADABLE = String.raw`\!\!`;

/** Writes the chunks of one answer. */
export class ChunkWriter {
  readonly #settings: AnswerSettings;
  readonly #blocks = new BlockIndex();
  /** Calls that were begun: their numbers among those of LangChain. */
  readonly #calls = new Map<number, number>();

  constructor(settings: AnswerSettings) {
    this.#settings = settings;
  }

  /** Nothing where a step completes no text and no part. */
  chunk({ text, parts }: TokenChunk): ChatGenerationChunk | undefined {
    const said: readonly AnswerPart[] = parts ?? (text === "" ? [] : [{ type: "text", text }]);
    if (said.length === 0) return undefined;
    const calls = said.flatMap((part) => this.#callChunk(part));
    const fields =
      this.#settings.outputVersion === "v1" ? { content: this.#contentOf(said) } : plainFields(said);
    const isEmpty = fields.content.length === 0 && !("additional_kwargs" in fields) && calls.length === 0;
    if (isEmpty) return undefined;
    const message = new AIMessageChunk({
      ...fields,
      tool_call_chunks: calls,
      response_metadata: originOf(this.#settings),
    });
    return new ChatGenerationChunk({ text, message });
  }

  /** The last, with the metadata of the whole. */
  last(answer: Answer): ChatGenerationChunk {
    const isV1 = this.#settings.outputVersion === "v1";
    const message = new AIMessageChunk({
      content: isV1 ? this.#callBlocks(answer) : "",
      response_metadata: { ...originOf(this.#settings), ...responseMetadata(answer, this.#settings) },
      usage_metadata: usageOf(answer.result),
    });
    return new ChatGenerationChunk({
      text: "",
      message,
      generationInfo: { finish_reason: answer.result.finishReason },
    });
  }

  #callChunk(part: AnswerPart): ToolCallChunk[] {
    if (part.type === "tool-call-begin") {
      const index = this.#calls.size;
      this.#calls.set(part.index, index);
      return [{ type: "tool_call_chunk", index, id: part.id, name: part.name, args: "" }];
    }
    if (part.type === "tool-call-delta") {
      return [{ type: "tool_call_chunk", index: this.#calls.get(part.index) ?? 0, args: part.argumentsText }];
    }
    if (part.type !== "tool-call-invalid") return [];
    const index = this.#calls.get(part.index);
    const args = { type: "tool_call_chunk", args: UNREADABLE } as const;
    if (index !== undefined) return [{ ...args, index }];
    // Its name was never known.
    this.#calls.set(part.index, this.#calls.size);
    return [{ ...args, index: this.#calls.size - 1, id: part.id, name: part.name }];
  }

  /** Text and reasoning as standard blocks, numbered so that those of one block are joined. */
  #contentOf(said: readonly AnswerPart[]): ContentBlock[] {
    return said.flatMap((part): ContentBlock[] => {
      const index = this.#blocks.of(part);
      if (part.type === "text") return [{ type: "text", text: part.text, index }];
      return part.type === "reasoning" ? [{ type: "reasoning", reasoning: part.text, index }] : [];
    });
  }

  #callBlocks(answer: Answer): ContentBlock[] {
    const { toolCalls, invalidToolCalls } = callsOf(answer.result);
    return [...toolCalls, ...invalidToolCalls].map((call) => ({ ...call, type: call.type ?? "tool_call" }));
  }
}

/** Text, with reasoning where LangChain's older messages have it. */
function plainFields(said: readonly AnswerPart[]): {
  content: string;
  additional_kwargs?: { reasoning_content: string };
} {
  let [content, reasoning] = ["", ""];
  for (const part of said) {
    if (part.type === "text") content += part.text;
    else if (part.type === "reasoning") reasoning += part.text;
  }
  return reasoning === "" ? { content } : { content, additional_kwargs: { reasoning_content: reasoning } };
}
