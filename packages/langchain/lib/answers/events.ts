/** From the engine's steps to LangChain's events by content block: what `streamEvents()` gives. */
import type { ChatModelStreamEvent, FinishReason } from "@langchain/core/language_models/event";
import type { ContentBlock } from "@langchain/core/messages";
import type { AnswerPart, FinishReason as EngineFinishReason } from "openvino-llm";

import type { StreamedAnswer } from "./answer.js";
import { BlockIndex } from "./block-index.js";
import { originOf, responseMetadata, usageOf, type AnswerSettings } from "./metadata.js";

const REASONS: Readonly<Record<EngineFinishReason, FinishReason>> = {
  stop: "stop",
  length: "length",
  tool_calls: "tool_use",
  abort: "stop",
};

/** A block that is not finished. */
interface OpenBlock {
  readonly index: number;
  content: ContentBlock;
}

/** The events of one answer. */
export async function* answerEvents(
  answer: StreamedAnswer,
  settings: AnswerSettings,
): AsyncGenerator<ChatModelStreamEvent, undefined, undefined> {
  yield { event: "message-start" };
  const writer = new EventWriter();
  for await (const { text, parts } of answer) {
    const said: readonly AnswerPart[] = parts ?? (text === "" ? [] : [{ type: "text", text }]);
    for (const part of said) yield* writer.events(part);
  }
  yield* writer.finish();
  const end = await answer.end();
  yield {
    event: "message-finish",
    reason: REASONS[end.result.finishReason],
    usage: usageOf(end.result),
    responseMetadata: { ...originOf(settings), ...responseMetadata(end, settings) },
  };
}

/** One block is open at a time. */
class EventWriter {
  readonly #blocks = new BlockIndex();
  #open: OpenBlock | undefined;

  *events(part: AnswerPart): Generator<ChatModelStreamEvent, undefined, undefined> {
    const index = this.#blocks.of(part);
    if (this.#open?.index !== index) {
      yield* this.finish();
      const content = beginning(part);
      this.#open = { index, content: { ...content } };
      yield { event: "content-block-start", index, content };
    }
    const { content } = this.#open;
    if (part.type === "text") {
      content["text"] = `${content["text"] as string}${part.text}`;
      yield { event: "content-block-delta", index, delta: { type: "text-delta", text: part.text } };
    } else if (part.type === "reasoning") {
      content["reasoning"] = `${content["reasoning"] as string}${part.text}`;
      yield { event: "content-block-delta", index, delta: { type: "reasoning-delta", reasoning: part.text } };
    } else if (part.type === "tool-call-delta") {
      content["args"] = `${content["args"] as string}${part.argumentsText}`;
      yield {
        event: "content-block-delta",
        index,
        delta: { type: "tool-call-delta", args: part.argumentsText },
      };
    } else if (part.type === "tool-call") {
      const { id, name } = part;
      this.#open.content = { type: "tool_call", id, name, args: part.arguments };
    } else if (part.type === "tool-call-invalid") {
      const { id, name, reason, text } = part;
      this.#open.content = {
        type: "invalid_tool_call",
        id,
        name,
        args: text,
        error: `The call is ${reason}.`,
      };
    }
  }

  *finish(): Generator<ChatModelStreamEvent, undefined, undefined> {
    if (this.#open === undefined) return;
    const { index, content } = this.#open;
    this.#open = undefined;
    yield { event: "content-block-finish", index, content };
  }
}

function beginning(part: AnswerPart): ContentBlock {
  if (part.type === "text") return { type: "text", text: "" };
  if (part.type === "reasoning") return { type: "reasoning", reasoning: "" };
  return { type: "tool_call_chunk", id: part.id, name: "name" in part ? part.name : "", args: "" };
}
