import { AbortError } from "openvino-llm";
import {
  failedOutcome,
  type BenchRequest,
  type BenchTarget,
  type RequestOutcome,
} from "../measure/target.js";
import { AnswerReader } from "./answer-reader.js";
import type { HttpClient } from "./client.js";
import { requestBody, type RequestShape } from "./request-body.js";
import { endpointUrl } from "../plan/server-url.js";

/**
 * A model of a server as a target: every token is stamped where it arrives. What the requests ask for, and how what comes
 * is counted, is that of vLLM's serving benchmark, but that a chunk without a token, such as the one that opens a chat's
 * answer, is not the first token.
 */
export class HttpTarget implements BenchTarget {
  readonly stamps = "client";
  readonly #client: HttpClient;
  readonly #url: string;
  readonly #shape: RequestShape;
  #producedTokens = 0;

  /** @param base - the address of the API with its version */
  constructor(client: HttpClient, base: string, shape: RequestShape) {
    this.#client = client;
    this.#url = endpointUrl(base, shape.endpoint);
    this.#shape = shape;
  }

  /** Chunks that brought tokens; when an answer has ended, the tokens that the server counts. */
  get producedTokens(): number {
    return this.#producedTokens;
  }

  async send(request: BenchRequest, signal: AbortSignal): Promise<RequestOutcome> {
    try {
      return await this.ask(request, signal);
    } catch (error) {
      if (signal.aborted) throw new AbortError("The request was aborted.", signal.reason, undefined);
      return failedOutcome(this.#client.withoutSecrets(failureText(error)));
    }
  }

  /**
   * Sends one request, and throws what goes wrong.
   *
   * @throws (by rejection) AnswerError, the signal's reason, or the system's error
   */
  async ask(request: BenchRequest, signal: AbortSignal): Promise<RequestOutcome> {
    const reader = new AnswerReader(performance.now(), () => (this.#producedTokens += 1));
    const body = requestBody(request, this.#shape);
    await this.#client.send({ url: this.#url, body, signal }, reader);
    const outcome = reader.outcome(request.prompt.length);
    this.#producedTokens += outcome.producedMs.length - reader.chunks;
    return outcome;
  }
}

/** What went wrong with a request, in a sentence or a few words. */
export function failureText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  // Several addresses of one name were tried.
  if (error instanceof AggregateError) return error.errors.map(failureText).join("; ");
  if (code === "ECONNREFUSED") return `Nothing listens there (${error.message}).`;
  if (code === "ECONNRESET" || code === "EPIPE")
    return `The connection was closed before the answer had ended (${error.message}).`;
  return error.message;
}
