/** From what the engine gives to Anthropic's messages, whole or as its typed events. */
import type { GenerationResult, TokenChunk } from "openvino-llm";

import type { ApiError } from "../../errors/api-error.js";
import type { AnswerWriter } from "../../generation/run-calls.js";
import { AnswerBlocks, blocksOf, type AnswerBlock } from "../blocks/answer-blocks.js";
import type { StreamEvent } from "../operation.js";

/** What all events of a message share. */
export interface MessageIdentity {
  readonly id: string;
  readonly model: string;
}

/** The whole message. */
export function messageOf(result: GenerationResult, { id, model }: MessageIdentity): unknown {
  const blocks = blocksOf(result);
  return {
    id,
    type: "message",
    role: "assistant",
    model,
    content: blocks.map((block) => contentOf(block, block.text)),
    ...endOf(
      result,
      blocks.some(({ kind }) => kind === "call"),
    ),
    usage: { input_tokens: result.usage.promptTokens, output_tokens: result.usage.completionTokens },
  };
}

function contentOf({ kind, id, name }: AnswerBlock, text: string): unknown {
  if (kind === "text") return { type: "text", text };
  if (kind === "reasoning") return { type: "thinking", thinking: text, signature: "" };
  return { type: "tool_use", id, name, input: text === "" ? {} : (JSON.parse(text) as unknown) };
}

function endOf({ finishReason, stopReason }: GenerationResult, hasCalled: boolean) {
  if (finishReason === "length") return { stop_reason: "max_tokens", stop_sequence: null };
  if (typeof stopReason === "string") return { stop_reason: "stop_sequence", stop_sequence: stopReason };
  return { stop_reason: hasCalled ? "tool_use" : "end_turn", stop_sequence: null };
}

/** Writes the events of a message. */
export class MessageWriter implements AnswerWriter<StreamEvent> {
  readonly #identity: MessageIdentity;
  readonly #blocks: AnswerBlocks;
  #push: (event: StreamEvent) => void = () => {};
  #hasBegun = false;
  #hasCalled = false;

  constructor(identity: MessageIdentity) {
    this.#identity = identity;
    this.#blocks = new AnswerBlocks({
      opened: (block) => this.#opened(block),
      added: (block, text) => this.#added(block, text),
      closed: ({ index }) => this.#send({ type: "content_block_stop", index }),
    });
  }

  chunk(chunk: TokenChunk, push: (event: StreamEvent) => void): void {
    this.#begin(push);
    this.#blocks.chunk(chunk);
  }

  end(result: GenerationResult, push: (event: StreamEvent) => void): void {
    this.#begin(push);
    this.#blocks.end();
    const { promptTokens, completionTokens } = result.usage;
    const usage = { input_tokens: promptTokens, output_tokens: completionTokens };
    this.#send({ type: "message_delta", delta: endOf(result, this.#hasCalled), usage });
    this.#send({ type: "message_stop" });
  }

  /** The tokens of the prompt are known at the end only, and reported there. */
  #begin(push: (event: StreamEvent) => void): void {
    this.#push = push;
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    const { id, model } = this.#identity;
    const usage = { input_tokens: 0, output_tokens: 0 };
    const empty = { content: [], stop_reason: null, stop_sequence: null, usage };
    this.#send({
      type: "message_start",
      message: { id, type: "message", role: "assistant", model, ...empty },
    });
  }

  #opened(block: AnswerBlock): void {
    if (block.kind === "call") this.#hasCalled = true;
    this.#send({ type: "content_block_start", index: block.index, content_block: contentOf(block, "") });
  }

  #added({ index, kind }: AnswerBlock, text: string): void {
    const [type, field] = DELTAS[kind];
    const delta = `{"type":"${type}","${field}":${JSON.stringify(text)}}`;
    const json = `{"type":"content_block_delta","index":${index},"delta":${delta}}`;
    this.#push({ name: "content_block_delta", json });
  }

  #send(event: { readonly type: string; readonly [field: string]: unknown }): void {
    this.#push({ name: event.type, json: JSON.stringify(event) });
  }
}

const DELTAS = {
  text: ["text_delta", "text"],
  reasoning: ["thinking_delta", "thinking"],
  call: ["input_json_delta", "partial_json"],
} as const;

const ERROR_TYPES: Readonly<Record<number, string>> = {
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  503: "overloaded_error",
};

/** Errors as Anthropic writes them. */
export function anthropicError({ status, message }: ApiError): {
  readonly type: "error";
  readonly error: unknown;
} {
  const type = ERROR_TYPES[status] ?? (status < 500 ? "invalid_request_error" : "api_error");
  return { type: "error", error: { type, message } };
}

/** The same in a stream. */
export function messageFailed(error: ApiError): readonly StreamEvent[] {
  return [{ name: "error", json: JSON.stringify(anthropicError(error)) }];
}
