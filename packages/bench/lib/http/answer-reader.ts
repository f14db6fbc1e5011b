import type { IncomingMessage } from "node:http";

import { createParser } from "eventsource-parser";

import { isJsonObject } from "openvino-llm/internal";
import type { JsonObject } from "openvino-llm/models";
import { roundedMs } from "../measure/records.js";
import type { RequestOutcome } from "../measure/target.js";
import { errorText, readAnswerChunk, type AnswerChunk, type AnswerUsage } from "./answer-chunk.js";
import type { AnswerSink } from "./client.js";

/** Why a request came to nothing. */
export class AnswerError extends Error {
  /** The status of the answer. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Of what is no stream no more than this is read. */
const MAX_BODY_BYTES = 65_536;
/** No event and no answer is as long as this: a server must not fill the client's memory. */
const MAX_EVENT_CHARS = 16_777_216;
const MAX_TOKENS = 1_048_576;

/**
 * Reads one streamed answer. Stamps are taken when the bytes that end an event have come and before anything of them is
 * decoded; events that come in one piece share theirs.
 */
export class AnswerReader implements AnswerSink {
  readonly #startMs: number;
  readonly #onToken: () => void;
  readonly #decoder = new TextDecoder();
  readonly #parser = createParser({
    onEvent: ({ data }) => this.#event(data),
    onError: ({ type }) => {
      if (type === "max-buffer-size-exceeded") throw this.#error("The server sent an event without end.");
    },
    maxBufferSize: MAX_EVENT_CHARS,
  });
  /** One for each chunk that brought tokens. */
  readonly #stampsMs: number[] = [];
  readonly #refusal: Uint8Array[] = [];
  #response: IncomingMessage | null = null;
  #isStream = false;
  #atMs = 0;
  #text = "";
  #usage: AnswerUsage | null = null;
  #isWhole = false;

  /**
   * @param startMs - from when on stamps count, by `performance.now()`
   * @param onToken - called for each chunk that brings tokens
   */
  constructor(startMs: number, onToken: () => void) {
    this.#startMs = startMs;
    this.#onToken = onToken;
  }

  /** Chunks that brought tokens. */
  get chunks(): number {
    return this.#stampsMs.length;
  }

  head(response: IncomingMessage): void {
    this.#response = response;
    const { "content-type": type = "", "content-encoding": encoding = "identity" } = response.headers;
    this.#isStream = response.statusCode === 200 && /^text\/event-stream\b/i.test(type);
    if (this.#isStream && encoding !== "identity") {
      throw this.#error(
        `The server packs its answer (${encoding}), though the request asks for none: its tokens have no times.`,
      );
    }
  }

  data(bytes: Uint8Array): void {
    if (this.#isStream) {
      this.#atMs = roundedMs(performance.now() - this.#startMs);
      this.#parser.feed(this.#decoder.decode(bytes, { stream: true }));
    } else if (this.#refusal.reduce((sum, { length }) => sum + length, 0) < MAX_BODY_BYTES) {
      this.#refusal.push(bytes);
    }
  }

  /**
   * What came of it, when the answer has ended.
   *
   * @param promptTokens - for a server that does not count them
   * @throws AnswerError where it is no whole answer
   */
  outcome(promptTokens: number | null): RequestOutcome {
    if (!this.#isStream) throw this.#error(this.#refusalText());
    const chunks = this.#stampsMs.length;
    if (!this.#isWhole) {
      throw this.#error(
        `The stream ended without a finish_reason or [DONE], after ${chunks} chunks with tokens.`,
      );
    }
    const counted = this.#usage?.completionTokens ?? 0;
    if (chunks === 0) {
      const count = counted === 0 ? "" : `, though the server counts ${counted} tokens`;
      throw this.#error(`No chunk brought a token${count}.`);
    }
    if (counted > MAX_TOKENS) throw this.#error(`The server counts ${counted} tokens in one answer.`);
    const stampsMs = tokenStamps(this.#stampsMs, counted === 0 ? chunks : counted);
    return {
      queueMs: null,
      promptTokens: this.#usage?.promptTokens ?? promptTokens ?? 0,
      producedMs: stampsMs,
      deliveredMs: stampsMs,
      cachedTokens: this.#usage?.cachedTokens ?? null,
      text: this.#text,
      error: null,
    };
  }

  #event(data: string): void {
    if (data === "[DONE]") {
      this.#isWhole = true;
      return;
    }
    const chunk = readAnswerChunk(this.#parse(data));
    const { error, text, isLast, usage } = chunk;
    if (error !== null) throw this.#error(`The server reported inside the stream: ${error}`);
    if (this.#bringsTokens(chunk)) {
      this.#stampsMs.push(this.#atMs);
      this.#text += text;
      this.#onToken();
    }
    if (isLast) this.#isWhole = true;
    if (usage !== null) this.#usage = usage;
  }

  /**
   * Tokens that a server's parser holds back come as chunks without a text; where the usage grows along it
   * distinguishes them from chunks that only keep the connection alive. A usage that comes with the last chunk alone
   * says nothing of that chunk.
   */
  #bringsTokens({ hasTokens, isSilent, isLast, usage }: AnswerChunk): boolean {
    const count = usage?.completionTokens ?? null;
    if (!isSilent || count === null) return hasTokens;
    const before = this.#usage?.completionTokens ?? null;
    return before === null ? count > 0 && !isLast : count > before;
  }

  #parse(data: string): JsonObject {
    const value = jsonOrNull(data);
    if (value === null)
      throw this.#error(`The server sent an event that is not a JSON object: ${shortened(data)}`);
    return value;
  }

  #refusalText(): string {
    const { statusCode = 0, statusMessage = "", headers } = this.#response ?? { headers: {} };
    const body = Buffer.concat(this.#refusal).toString("utf8");
    const json = jsonOrNull(body);
    const reported = (json === null ? null : errorText(json)) ?? shortened(body.trim());
    if (statusCode === 200) {
      const type = headers["content-type"] ?? "no content type";
      return `The server answered with ${type} instead of a stream (text/event-stream): ${reported}`;
    }
    const { location, "retry-after": retryAfter } = headers;
    return [
      `HTTP ${statusCode} ${statusMessage}`.trim(),
      ...(location === undefined ? [] : [`the server redirects to ${location}; give that URL`]),
      ...(retryAfter === undefined ? [] : [`retry after ${retryAfter}`]),
      ...(reported === "" ? [] : [reported]),
    ].join(": ");
  }

  #error(message: string): AnswerError {
    return new AnswerError(this.#response?.statusCode ?? 0, message);
  }
}

/**
 * One stamp for each token. Where the server counts as many tokens as chunks came, those of the chunks. Else the tokens are
 * spread over the chunks evenly, the first one in the first and the last one in the last: TTFT, TPOT and E2EL are what they
 * are whichever chunk a token between them came in, and ITL is the gap between chunks, as tokens of one stamp count once.
 *
 * @param chunksMs - at least one
 * @param count - tokens, at least one
 */
export function tokenStamps(chunksMs: readonly number[], count: number): number[] {
  const step = count === 1 ? 0 : (chunksMs.length - 1) / (count - 1);
  return Array.from({ length: count }, (_, token) => chunksMs[Math.round(token * step)] ?? 0);
}

function jsonOrNull(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

function shortened(text: string): string {
  return text.length > 300 ? `${text.slice(0, 297)}...` : text;
}
