/** One port before several instances: each request goes to the one with the fewest that run. */
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";

import type { ServiceLog } from "../service/service-message.js";
import type { Instance } from "./instance.js";
import { mergeLoads, mergeMetrics, type RankedText } from "./merge.js";

/** What a balancer needs to know. */
export interface BalancerSettings {
  readonly instances: readonly Instance[];
  /** Whether it will stop: health says so. */
  readonly isDraining: () => boolean;
  readonly headersTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly log: ServiceLog;
}

const HEALTH_PATHS: ReadonlySet<string> = new Set(["/health", "/v2/health/live", "/v2/health/ready"]);
const MERGED: Readonly<Record<string, (answers: readonly RankedText[]) => string>> = {
  "/metrics": mergeMetrics,
  "/v1/loads": mergeLoads,
};
/** Headers of one connection, which the next has of its own. */
const HOP_BY_HOP = [
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/** Makes the server; it does not listen yet. */
export function createBalancer(settings: BalancerSettings): Server {
  const { headersTimeoutMs, idleTimeoutMs } = settings;
  let turn = 0;
  return createServer(
    { headersTimeout: headersTimeoutMs, keepAliveTimeout: idleTimeoutMs, requestTimeout: 0 },
    (request, response) => {
      const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
      const isRead = request.method === "GET" || request.method === "HEAD";
      if (isRead && HEALTH_PATHS.has(path)) return health(settings, path, response);
      const ready = settings.instances.filter(({ isReady }) => isReady);
      const merge = isRead ? MERGED[path] : undefined;
      // Among equals it goes round, so that none stays idle.
      const chosen = leastRunning(ready, turn++);
      if (chosen === null)
        return fail(response, 503, "no_instance", "No instance is ready. Try again later.");
      if (merge !== undefined) return void merged(ready, request, response, merge);
      return forward(chosen, request, response, settings.log);
    },
  );
}

/** Null where there are none. */
export function leastRunning<One extends { readonly running: number }>(
  instances: readonly One[],
  turn: number,
): One | null {
  let least: One | null = null;
  for (let index = 0; index < instances.length; index++) {
    const one = instances[(turn + index) % instances.length] as One;
    if (least === null || one.running < least.running) least = one;
  }
  return least;
}

function health({ instances, isDraining }: BalancerSettings, path: string, response: ServerResponse): void {
  const ready = instances.filter(({ isReady }) => isReady).length;
  const status = isDraining() ? "draining" : ready > 0 ? "ready" : "loading";
  const isWell = status === "ready" || path === "/v2/health/live";
  response.writeHead(isWell ? 200 : 503, { "content-type": "application/json" });
  response.end(JSON.stringify({ status, instances: instances.length, ready_instances: ready }));
}

function forward(
  instance: Instance,
  request: IncomingMessage,
  response: ServerResponse,
  log: ServiceLog,
): void {
  const { method, url, headers } = request;
  const { socketPath, agent, rank } = instance;
  instance.running++;
  const onward = httpRequest(
    { socketPath, agent, method, path: url, headers: ownHeaders(headers) },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, ownHeaders(answer.headers));
      response.flushHeaders();
      answer.pipe(response);
      // It died in the midst of its answer: the client sees that it is not whole.
      answer.on("error", () => response.destroy());
      answer.on("close", () => {
        if (!answer.complete) response.destroy();
      });
    },
  );
  onward.on("error", (error) => {
    if (response.destroyed || response.writableEnded) return;
    if (response.headersSent) return void response.destroy();
    log.warn({ instance: rank, err: error }, "an instance did not answer");
    fail(response, 502, "instance_failed", "The instance that had this request has failed. Try again.");
  });
  // A client that goes ends its request there too.
  response.on("close", () => {
    instance.running--;
    if (!response.writableFinished) onward.destroy();
  });
  request.pipe(onward);
}

async function merged(
  instances: readonly Instance[],
  request: IncomingMessage,
  response: ServerResponse,
  merge: (answers: readonly RankedText[]) => string,
): Promise<void> {
  try {
    const answers = await Promise.all(instances.map((instance) => ask(instance, request)));
    const refusal = answers.find(({ status }) => status !== 200);
    const { status, contentType, text } = refusal ?? { ...answers[0], text: merge(answers) };
    response.writeHead(status ?? 502, { "content-type": contentType ?? "application/json" });
    response.end(text);
  } catch {
    fail(response, 502, "instance_failed", "An instance has failed meanwhile. Try again.");
  }
}

interface Asked extends RankedText {
  readonly status: number;
  readonly contentType: string | undefined;
}

function ask({ socketPath, agent, rank }: Instance, { url, headers }: IncomingMessage): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const asked = httpRequest({ socketPath, agent, path: url, headers: ownHeaders(headers) }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        const { statusCode = 502 } = answer;
        resolve({ rank, status: statusCode, contentType: answer.headers["content-type"], text });
      });
    });
    asked.on("error", reject);
    asked.end();
  });
}

function ownHeaders<Headers extends object>(headers: Headers): Headers {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name)),
  ) as Headers;
}

function fail(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { "content-type": "application/json", "retry-after": "1" });
  response.end(JSON.stringify({ error: { message, type: "server_error", param: null, code } }));
}
