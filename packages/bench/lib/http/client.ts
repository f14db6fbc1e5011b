/**
 * Sends requests over HTTP and hands on what comes, at once. `node:http` and not `fetch`: the body's bytes are given in the
 * callback of the read that brought them, no promise and no stream of the web platform between; and nothing ends a request
 * that waits for its first token for longer than five minutes.
 */
import {
  Agent as HttpAgent,
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { onAbort } from "openvino-llm/internal";

/** Who may use a server. Nothing of it is written anywhere. */
export interface HttpAccess {
  /** Sent with every request; names in any case. Default none. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Takes an answer as it comes. What a method throws ends the request. */
export interface AnswerSink {
  /** The headers have come; no byte of the body was given yet. */
  head(response: IncomingMessage): void;
  /** Bytes of the body, in the callback in which they arrived. */
  data(bytes: Uint8Array): void;
}

interface Exchange {
  readonly url: string;
  /** Sent by POST, as JSON; without one it is a GET. */
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** No key is as short as this, but words are. */
const MIN_SECRET_CHARS = 8;

const CLOSED_BY_SERVER: ReadonlySet<unknown> = new Set(["ECONNRESET", "EPIPE"]);

/** A client with connections of its own, which are kept open from one request to the next. */
export class HttpClient {
  readonly #headers: Readonly<Record<string, string>>;
  readonly #secrets: readonly string[];
  // As many connections as there are requests: a limit would make requests wait where no one sees it.
  readonly #http = new HttpAgent({ keepAlive: true, maxFreeSockets: Infinity });
  readonly #https = new HttpsAgent({ keepAlive: true, maxFreeSockets: Infinity });

  constructor({ headers = {} }: HttpAccess) {
    const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
    this.#secrets = Object.values(headers)
      .flatMap((value) => value.split(/\s+/))
      .filter(({ length }) => length >= MIN_SECRET_CHARS);
    this.#headers = { accept: "text/event-stream, application/json", ...Object.fromEntries(named) };
  }

  /**
   * Sends a request and resolves when the answer has ended and its connection is free again.
   *
   * @throws (by rejection) what the sink throws, the signal's reason, or the system's error
   */
  async send(exchange: Exchange, sink: AnswerSink): Promise<void> {
    try {
      await this.#sendOnce(exchange, sink);
    } catch (error) {
      if (!(error instanceof StaleConnectionError)) throw error;
      // The server closed a connection that had been idle, before it saw the request.
      await this.#sendOnce(exchange, sink);
    }
  }

  /** A text of the server's without what the headers say: some servers repeat the key that they refuse. */
  withoutSecrets(text: string): string {
    return this.#secrets.reduce((clean, secret) => clean.replaceAll(secret, "…"), text);
  }

  /** Closes all connections. */
  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  #sendOnce({ url, body, signal }: Exchange, sink: AnswerSink): Promise<void> {
    return new Promise((resolve, reject) => {
      const request = this.#request(url, body);
      let hasAnswer = false;
      let stopListening = (): void => {};
      const settle = (end: () => void) => {
        stopListening();
        end();
      };
      const fail = (error: unknown) => {
        settle(() => reject(error));
        request.destroy();
      };
      const guarded = (work: () => void) => {
        try {
          work();
        } catch (error) {
          fail(error);
        }
      };
      request.on("response", (response) => {
        hasAnswer = true;
        guarded(() => sink.head(response));
        response.on("data", (bytes: Buffer) => guarded(() => sink.data(bytes)));
        response.on("end", () => settle(resolve));
        response.on("error", fail);
      });
      request.on("error", (error: NodeJS.ErrnoException) => {
        const isStale = !hasAnswer && request.reusedSocket && CLOSED_BY_SERVER.has(error.code);
        fail(isStale ? new StaleConnectionError() : error);
      });
      stopListening = onAbort(signal, () => fail(signal.reason));
      if (!signal.aborted) request.end(body);
    });
  }

  #request(url: string, body: string | undefined): ClientRequest {
    const headers = {
      ...this.#headers,
      // What is unpacked is no longer what arrived when it arrived.
      "accept-encoding": "identity",
      ...(body === undefined
        ? {}
        : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
    };
    const method = body === undefined ? "GET" : "POST";
    return url.startsWith("https:")
      ? httpsRequest(url, { method, headers, agent: this.#https })
      : httpRequest(url, { method, headers, agent: this.#http });
  }
}

class StaleConnectionError extends Error {}
