/** From what the engine gives to a chat's answer, whole or in deltas. */
import type { AnswerPart, GenerationResult, TokenChunk } from "openvino-llm";

import type { AnswerWriter } from "../../generation/run-calls.js";
import type { AnswerIdentity } from "../openai/answer-identity.js";
import { callsOf } from "../blocks/answer-blocks.js";
import type { StreamEvent } from "../operation.js";
import type { TokenTexts } from "../openai/token-texts.js";
import { timingsOf, usageOf } from "../openai/usage.js";

/** What a stream's events share. */
export interface ChatStreamSettings {
  readonly identity: AnswerIdentity;
  /** Null where log-probabilities are not asked for. */
  readonly texts: TokenTexts | null;
  readonly includeUsage: boolean;
}

/** The whole answer. */
export function chatCompletion(
  results: readonly GenerationResult[],
  { id, created, model, system_fingerprint }: AnswerIdentity,
  texts: TokenTexts | null,
): unknown {
  const [first] = results;
  const timings = results.length === 1 && first !== undefined ? timingsOf(first) : null;
  return {
    id,
    object: "chat.completion",
    created,
    model,
    choices: results.map((result, index) => choiceOf(result, index, texts)),
    usage: usageOf(results, results.length),
    system_fingerprint,
    ...(timings === null ? {} : { timings }),
  };
}

function choiceOf(result: GenerationResult, index: number, texts: TokenTexts | null): unknown {
  const { reasoning, tokenIds, logprobs } = result;
  const calls = callsOf(result);
  const content = result.text + lostText(result);
  return {
    index,
    message: {
      role: "assistant",
      content: content === "" && calls.length > 0 ? null : content,
      refusal: null,
      ...(reasoning === undefined || reasoning === "" ? {} : { reasoning, reasoning_content: reasoning }),
      ...(calls.length === 0
        ? {}
        : {
            tool_calls: calls.map(({ id, name, argumentsText }) => ({
              id,
              type: "function",
              function: { name, arguments: argumentsText },
            })),
          }),
    },
    logprobs: texts === null ? null : logprobsOf(tokenIds, logprobs ?? [], texts),
    finish_reason: finishReasonOf(result),
  };
}

/** What was meant as a call and cannot be read as one, so that it is not lost. */
function lostText({ invalidToolCalls = [] }: GenerationResult): string {
  return invalidToolCalls
    .filter(({ argumentsText, name }) => argumentsText === null && name === "")
    .map(({ error }) => error)
    .join("");
}

function finishReasonOf(result: GenerationResult): string {
  if (result.finishReason === "length") return "length";
  return callsOf(result).length > 0 ? "tool_calls" : "stop";
}

function logprobsOf(ids: readonly number[], logprobs: readonly number[], texts: TokenTexts): unknown {
  return {
    content: ids.map((id, index) => ({
      token: texts.textOf(id),
      logprob: logprobs[index] ?? 0,
      bytes: texts.bytesOf(id),
      top_logprobs: [],
    })),
    refusal: null,
  };
}

/**
 * Writes the deltas of one answer, one for each step of the engine, those without text too: who counts events counts tokens.
 * Each is put together as text, since it is made for every token of every client.
 */
export class ChatDeltaWriter implements AnswerWriter<StreamEvent> {
  readonly #head: string;
  readonly #tail: string;
  readonly #texts: TokenTexts | null;
  /** Positions of the calls that were begun, by the answer's own numbers. */
  readonly #calls = new Map<number, number>();
  #role = '"role":"assistant",';

  constructor({ identity, texts, includeUsage }: ChatStreamSettings, index: number) {
    const { id, created, model, system_fingerprint } = identity;
    const object = "chat.completion.chunk";
    const head = JSON.stringify({ id, object, created, model, system_fingerprint });
    this.#head = `${head.slice(0, -1)},"choices":[{"index":${index},"delta":{`;
    this.#tail = includeUsage ? '}],"usage":null}' : "}]}";
    this.#texts = texts;
  }

  chunk({ text, parts, tokenIds, logprobs }: TokenChunk, push: (event: StreamEvent) => void): void {
    const fields = parts === undefined ? `"content":${JSON.stringify(text)}` : this.#fieldsOf(parts);
    const logprobsJson =
      this.#texts === null || tokenIds.length === 0
        ? "null"
        : JSON.stringify(logprobsOf(tokenIds, logprobs ?? [], this.#texts));
    const json = `${this.#head}${this.#role}${fields}},"logprobs":${logprobsJson},"finish_reason":null${this.#tail}`;
    this.#role = "";
    push({ json });
  }

  end(result: GenerationResult, push: (event: StreamEvent) => void): void {
    const timings = timingsOf(result);
    const more = timings === null ? "" : `,"timings":${JSON.stringify(timings)}`;
    const role = this.#role.slice(0, -1);
    const reason =
      result.finishReason === "stop" && this.#calls.size > 0 ? "tool_calls" : finishReasonOf(result);
    const tail = more === "" ? this.#tail : `${this.#tail.slice(0, -1)}${more}}`;
    push({ json: `${this.#head}${role}},"logprobs":null,"finish_reason":"${reason}"${tail}` });
  }

  #fieldsOf(parts: readonly AnswerPart[]): string {
    let [content, reasoning] = ["", ""];
    const calls: string[] = [];
    for (const part of parts) {
      if (part.type === "text") content += part.text;
      else if (part.type === "reasoning") reasoning += part.text;
      else if (part.type === "tool-call-begin") {
        const index = this.#calls.size;
        this.#calls.set(part.index, index);
        const named = { index, id: part.id, type: "function", function: { name: part.name, arguments: "" } };
        calls.push(JSON.stringify(named));
      } else if (part.type === "tool-call-delta") {
        const index = this.#calls.get(part.index) ?? 0;
        calls.push(`{"index":${index},"function":{"arguments":${JSON.stringify(part.argumentsText)}}}`);
      } else if (part.type === "tool-call-invalid" && !this.#calls.has(part.index)) content += part.text;
    }
    const fields = [];
    if (reasoning !== "") {
      const text = JSON.stringify(reasoning);
      fields.push(`"reasoning":${text},"reasoning_content":${text}`);
    }
    if (content !== "" || (reasoning === "" && calls.length === 0)) {
      fields.push(`"content":${JSON.stringify(content)}`);
    }
    if (calls.length > 0) fields.push(`"tool_calls":[${calls.join()}]`);
    return fields.join();
  }
}

/** The event with the usage of all answers, which OpenAI sends last. */
export function chatUsageEvent(results: readonly GenerationResult[], identity: AnswerIdentity): StreamEvent {
  const { id, created, model, system_fingerprint } = identity;
  const usage = usageOf(results, results.length);
  const object = "chat.completion.chunk";
  return { json: JSON.stringify({ id, object, created, model, system_fingerprint, choices: [], usage }) };
}
