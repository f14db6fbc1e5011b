/** From what the engine gives to a response, whole or as its typed events. */
import type { GenerationResult, TokenChunk } from "openvino-llm";

import type { ApiError } from "../../errors/api-error.js";
import type { AnswerWriter } from "../../generation/run-calls.js";
import { AnswerBlocks, blocksOf, type AnswerBlock } from "../blocks/answer-blocks.js";
import type { StreamEvent } from "../operation.js";
import { openAiError } from "../openai/openai-error.js";
import { usageOf } from "../openai/usage.js";
import type { ResponsesBody } from "./schema.js";

/** What all events of a response share. */
export interface ResponseIdentity {
  readonly id: string;
  readonly created: number;
  readonly model: string;
}

/** The whole response. */
export function responseOf(
  result: GenerationResult,
  identity: ResponseIdentity,
  body: ResponsesBody,
): unknown {
  return finished(
    result,
    identity,
    body,
    blocksOf(result).map((block) => itemOf(block, identity, "completed")),
  );
}

/** A response of which nothing is known yet. */
function begun({ id, created, model }: ResponseIdentity, body: ResponsesBody): Record<string, unknown> {
  return {
    id,
    object: "response",
    created_at: created,
    status: "in_progress",
    background: false,
    error: null,
    incomplete_details: null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    model,
    output: [],
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: body.reasoning?.effort ?? null, summary: null },
    store: false,
    temperature: body.temperature ?? null,
    text: body.text ?? { format: { type: "text" } },
    tool_choice: body.tool_choice ?? "auto",
    tools: body.tools ?? [],
    top_p: body.top_p ?? null,
    truncation: "disabled",
    usage: null,
    metadata: body.metadata ?? {},
  };
}

function finished(
  result: GenerationResult,
  identity: ResponseIdentity,
  body: ResponsesBody,
  output: readonly unknown[],
): Record<string, unknown> {
  const isCut = result.finishReason === "length";
  const { prompt_tokens, completion_tokens, total_tokens, metrics } = usageOf([result], 1);
  return {
    ...begun(identity, body),
    status: isCut ? "incomplete" : "completed",
    incomplete_details: isCut ? { reason: "max_output_tokens" } : null,
    output,
    usage: {
      input_tokens: prompt_tokens,
      output_tokens: completion_tokens,
      total_tokens,
      ...(metrics === undefined ? {} : { metrics }),
    },
  };
}

type ItemStatus = "in_progress" | "completed";

function itemOf(
  block: AnswerBlock,
  { id: response }: ResponseIdentity,
  status: ItemStatus,
): Record<string, unknown> {
  const id = itemId(block, response);
  const { kind, text } = block;
  if (kind === "call") {
    return { id, type: "function_call", status, call_id: block.id, name: block.name, arguments: text };
  }
  const content = status === "in_progress" ? [] : [partOf(kind, text)];
  if (kind === "reasoning") return { id, type: "reasoning", summary: [], content };
  return { id, type: "message", status, role: "assistant", content };
}

function itemId({ kind, index }: AnswerBlock, response: string): string {
  const prefix = { text: "msg", reasoning: "rs", call: "fc" }[kind];
  return `${prefix}_${response.slice("resp_".length)}_${index}`;
}

function partOf(kind: "text" | "reasoning", text: string): unknown {
  if (kind === "reasoning") return { type: "reasoning_text", text };
  return { type: "output_text", text, annotations: [], logprobs: [] };
}

/** Writes the events of a response. */
export class ResponseWriter implements AnswerWriter<StreamEvent> {
  readonly #identity: ResponseIdentity;
  readonly #body: ResponsesBody;
  readonly #blocks: AnswerBlocks;
  readonly #items: unknown[] = [];
  #push: (event: StreamEvent) => void = () => {};
  #number = 0;

  constructor(identity: ResponseIdentity, body: ResponsesBody) {
    this.#identity = identity;
    this.#body = body;
    this.#blocks = new AnswerBlocks({
      opened: (block) => this.#opened(block),
      added: (block, text) => this.#added(block, text),
      closed: (block) => this.#closed(block),
    });
  }

  chunk(chunk: TokenChunk, push: (event: StreamEvent) => void): void {
    this.#begin(push);
    this.#blocks.chunk(chunk);
  }

  end(result: GenerationResult, push: (event: StreamEvent) => void): void {
    this.#begin(push);
    this.#blocks.end();
    const response = finished(result, this.#identity, this.#body, this.#items);
    this.#send(`response.${String(response["status"])}`, { response });
  }

  /**
   * Its last events where it fails. Clients look for the one or for the other; the fields of the first are those that are
   * documented, its object what OpenAI's own client throws an error of.
   */
  failed(error: ApiError): readonly StreamEvent[] {
    const events: StreamEvent[] = [];
    this.#push = (event) => void events.push(event);
    const body = openAiError(error);
    const { message, param, code } = body.error;
    this.#send("error", { code, message, param, ...body });
    const response = {
      ...begun(this.#identity, this.#body),
      status: "failed",
      error: { code: error.status < 500 ? (code ?? "invalid_prompt") : "server_error", message },
      output: this.#items,
    };
    this.#send("response.failed", { response });
    return events;
  }

  #begin(push: (event: StreamEvent) => void): void {
    this.#push = push;
    if (this.#number > 0) return;
    const response = begun(this.#identity, this.#body);
    this.#send("response.created", { response });
    this.#send("response.in_progress", { response });
  }

  #opened(block: AnswerBlock): void {
    const item = itemOf(block, this.#identity, "in_progress");
    this.#send("response.output_item.added", { output_index: block.index, item });
    if (block.kind === "call") return;
    this.#send("response.content_part.added", {
      ...this.#place(block),
      content_index: 0,
      part: partOf(block.kind, ""),
    });
  }

  #added(block: AnswerBlock, delta: string): void {
    if (block.kind === "call") {
      return this.#send("response.function_call_arguments.delta", { ...this.#place(block), delta });
    }
    const name = block.kind === "text" ? "response.output_text.delta" : "response.reasoning_text.delta";
    this.#send(name, { ...this.#place(block), content_index: 0, delta });
  }

  #closed(block: AnswerBlock): void {
    const { kind, text } = block;
    const place = this.#place(block);
    if (kind === "call") {
      this.#send("response.function_call_arguments.done", { ...place, name: block.name, arguments: text });
    } else {
      const name = kind === "text" ? "response.output_text.done" : "response.reasoning_text.done";
      this.#send(name, { ...place, content_index: 0, text });
      this.#send("response.content_part.done", { ...place, content_index: 0, part: partOf(kind, text) });
    }
    const item = itemOf(block, this.#identity, "completed");
    this.#items.push(item);
    this.#send("response.output_item.done", { output_index: block.index, item });
  }

  #place(block: AnswerBlock): { readonly item_id: string; readonly output_index: number } {
    return { item_id: itemId(block, this.#identity.id), output_index: block.index };
  }

  #send(name: string, fields: object): void {
    this.#push({ name, json: JSON.stringify({ type: name, sequence_number: this.#number++, ...fields }) });
  }
}
