/** A batch answered by a server, ours or another one, or by a router before several. */
import { request as httpRequest, Agent, type IncomingMessage } from "node:http";
import { request as httpsRequest, Agent as HttpsAgent } from "node:https";

import { AbortError, OpenVinoLlmError } from "openvino-llm";
import { isJsonObject } from "openvino-llm/internal";
import { retryAfterMs, type BatchTarget, type TargetAnswer } from "./batch-target.js";

/** Where a server does not say how many requests it runs. */
const USUAL_CONCURRENCY = 64;

/** An answer as it came. */
interface Received {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly text: string;
}

type Ask = (method: string, path: string, body: string | null, signal: AbortSignal) => Promise<Received>;

/**
 * Asks the server how many requests it runs at once, which is how many it will be asked for.
 *
 * @param url - with or without `/v1` at its end
 * @throws (by rejection) AbortError; OpenVinoLlmError ERR_SERVER where nobody answers
 */
export async function openHttpTarget(
  url: URL,
  apiKey: string | undefined,
  signal: AbortSignal,
): Promise<BatchTarget> {
  // Not by fetch(), which gives up an answer that takes longer than five minutes.
  const [send, agent] =
    url.protocol === "https:"
      ? [httpsRequest, new HttpsAgent({ keepAlive: true })]
      : [httpRequest, new Agent({ keepAlive: true })];
  const base = `${url.origin}${url.pathname.replace(/\/(?:v1\/?)?$/, "")}`;
  const headers = {
    "content-type": "application/json",
    ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
  };
  const ask: Ask = (method, path, body, asking) =>
    new Promise((resolve, reject) => {
      const failed = (error: Error): void =>
        reject(
          asking.aborted
            ? new AbortError("The batch was ended.", asking.reason, undefined)
            : new OpenVinoLlmError("ERR_SERVER", `Nobody answered at ${base}${path}: ${error.message}.`, {
                cause: error,
              }),
        );
      const request = send(`${base}${path}`, { method, headers, agent, signal: asking }, (response) => {
        read(response).then(resolve, failed);
      });
      request.on("error", failed);
      request.end(body ?? undefined);
    });
  return {
    concurrency: runningAtOnce(await ask("GET", "/v1/loads", null, signal)),
    close: async () => agent.destroy(),
    ask: async ({ url: path, body }, asking) => answerOf(await ask("POST", path, body, asking)),
  };
}

async function read(response: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return {
    status: response.statusCode ?? 0,
    header: (name) => {
      const value = response.headers[name];
      return Array.isArray(value) ? value.join(", ") : value;
    },
    text: Buffer.concat(chunks).toString("utf8"),
  };
}

function answerOf({ status, header, text }: Received): TargetAnswer {
  return {
    status,
    requestId: header("x-request-id") ?? "",
    body: jsonOf(text) ?? text,
    retryAfterMs: retryAfterMs(header("retry-after")),
  };
}

/** Of all its instances together. */
function runningAtOnce({ status, text }: Received): number {
  const body = status === 200 ? jsonOf(text) : null;
  const loads = isJsonObject(body) && Array.isArray(body["loads"]) ? (body["loads"] as unknown[]) : [];
  let sum = 0;
  for (const load of loads) {
    const most = isJsonObject(load) ? load["max_running_requests"] : null;
    if (typeof most === "number" && most > 0) sum += most;
  }
  return sum > 0 ? Math.ceil(sum) : USUAL_CONCURRENCY;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
