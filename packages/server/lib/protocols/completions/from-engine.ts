/** From what the engine gives to completions, whole or in pieces. */
import type { GenerationResult, TokenChunk } from "openvino-llm";

import type { AnswerWriter } from "../../generation/run-calls.js";
import type { AnswerIdentity } from "../openai/answer-identity.js";
import type { StreamEvent } from "../operation.js";
import type { TokenTexts } from "../openai/token-texts.js";
import { timingsOf, usageOf } from "../openai/usage.js";

/** What all answers of a request share. */
export interface CompletionSettings {
  readonly identity: AnswerIdentity;
  /** Null where log-probabilities are not asked for. */
  readonly texts: TokenTexts | null;
  /** What each answer begins with, in their order; empty texts without `echo`. */
  readonly echoes: readonly string[];
  /** Answers to each prompt. */
  readonly copies: number;
  readonly includeUsage: boolean;
}

/** The whole answer. */
export function completion(results: readonly GenerationResult[], settings: CompletionSettings): unknown {
  const { id, created, model, system_fingerprint } = settings.identity;
  const [first] = results;
  const timings = results.length === 1 && first !== undefined ? timingsOf(first) : null;
  return {
    id,
    object: "text_completion",
    created,
    model,
    choices: results.map((result, index) => ({
      index,
      text: (settings.echoes[index] ?? "") + result.text,
      logprobs:
        settings.texts === null
          ? null
          : logprobsOf(result.tokenIds, result.logprobs ?? [], 0, settings.texts).form,
      finish_reason: finishReasonOf(result),
    })),
    usage: usageOf(results, settings.copies),
    system_fingerprint,
    ...(timings === null ? {} : { timings }),
  };
}

function finishReasonOf({ finishReason }: GenerationResult): string {
  return finishReason === "length" ? "length" : "stop";
}

/** OpenAI's form of them, and where the next text begins. */
function logprobsOf(
  ids: readonly number[],
  logprobs: readonly number[],
  begin: number,
  texts: TokenTexts,
): { form: unknown; end: number } {
  const tokens = ids.map((id) => texts.textOf(id));
  let end = begin;
  const offsets = tokens.map((token) => (end += token.length) - token.length);
  const form = {
    tokens,
    token_logprobs: ids.map((_, index) => logprobs[index] ?? 0),
    top_logprobs: null,
    text_offset: offsets,
  };
  return { form, end };
}

/** Writes the pieces of one answer, one for each step of the engine. */
export class CompletionWriter implements AnswerWriter<StreamEvent> {
  readonly #head: string;
  readonly #tail: string;
  readonly #texts: TokenTexts | null;
  #echo: string;
  #offset = 0;

  constructor({ identity, texts, echoes, includeUsage }: CompletionSettings, index: number) {
    const { id, created, model, system_fingerprint } = identity;
    const head = JSON.stringify({ id, object: "text_completion", created, model, system_fingerprint });
    this.#head = `${head.slice(0, -1)},"choices":[{"index":${index},"text":`;
    this.#tail = includeUsage ? '}],"usage":null}' : "}]}";
    this.#texts = texts;
    this.#echo = echoes[index] ?? "";
  }

  chunk({ text, tokenIds, logprobs }: TokenChunk, push: (event: StreamEvent) => void): void {
    let logprobsJson = "null";
    if (this.#texts !== null) {
      const found = logprobsOf(tokenIds, logprobs ?? [], this.#offset, this.#texts);
      this.#offset = found.end;
      logprobsJson = JSON.stringify(found.form);
    }
    const json = `${this.#head}${JSON.stringify(this.#echo + text)},"logprobs":${logprobsJson},"finish_reason":null${this.#tail}`;
    this.#echo = "";
    push({ json });
  }

  end(result: GenerationResult, push: (event: StreamEvent) => void): void {
    const timings = timingsOf(result);
    const tail =
      timings === null ? this.#tail : `${this.#tail.slice(0, -1)},"timings":${JSON.stringify(timings)}}`;
    const text = JSON.stringify(this.#echo);
    push({
      json: `${this.#head}${text},"logprobs":null,"finish_reason":"${finishReasonOf(result)}"${tail}`,
    });
  }
}

/** The event with the usage of all answers, which OpenAI sends last. */
export function completionUsageEvent(
  results: readonly GenerationResult[],
  settings: CompletionSettings,
): StreamEvent {
  const { id, created, model, system_fingerprint } = settings.identity;
  const usage = usageOf(results, settings.copies);
  const object = "text_completion";
  return { json: JSON.stringify({ id, object, created, model, system_fingerprint, choices: [], usage }) };
}
