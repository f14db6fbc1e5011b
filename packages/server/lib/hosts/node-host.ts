/** The service on `node:http`. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

import { ApiError } from "../errors/api-error.js";
import type { Service } from "../service/service.js";
import type { ServiceAnswer, ServiceLog, ServiceRequest } from "../service/service-message.js";

/** Limits of a host; times in milliseconds. */
export interface HostLimits {
  /** For a request's headers to come. */
  readonly headersTimeoutMs: number;
  /** For a whole request to come. */
  readonly requestTimeoutMs: number;
  /** For the next request of a connection, and for a client to take what is left of an answer. */
  readonly idleTimeoutMs: number;
  /** Bytes that may wait for a slow reader before it is given up. */
  readonly maxUnreadBytes: number;
}

/** Makes the server; it does not listen yet. */
export function createNodeHost(service: Service, limits: HostLimits, log: ServiceLog): Server {
  const server = createServer(
    {
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.idleTimeoutMs,
      connectionsCheckingInterval: 1000,
    },
    (request, response) => void exchange(service, request, response, limits, log),
  );
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable) return socket.destroy();
    const status = STATUS_OF_CLIENT_ERROR[error.code ?? ""] ?? "400 Bad Request";
    return socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
  });
  return server;
}

const STATUS_OF_CLIENT_ERROR: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
  ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
};

async function exchange(
  service: Service,
  request: IncomingMessage,
  response: ServerResponse,
  limits: HostLimits,
  log: ServiceLog,
): Promise<void> {
  const gone = new AbortController();
  response.on("error", () => gone.abort());
  response.on("close", () => {
    if (!response.writableFinished) gone.abort();
  });
  const answer = await service.handle(serviceRequest(request, gone.signal));
  // What was not read of a body would be taken for the next request.
  const isCut = !request.complete;
  response.writeHead(answer.status, { ...answer.headers, ...(isCut ? { connection: "close" } : {}) });
  try {
    await write(answer, response, limits, log);
  } catch (error) {
    log.error({ err: error }, "the answer could not be written");
    response.destroy();
  }
}

async function write(
  { body, headers }: ServiceAnswer,
  response: ServerResponse,
  { maxUnreadBytes, idleTimeoutMs }: HostLimits,
  log: ServiceLog,
): Promise<void> {
  if (typeof body === "string") {
    response.end(body);
  } else {
    for await (const text of body) {
      if (response.destroyed) break;
      if (response.write(text) || response.writableLength <= maxUnreadBytes) continue;
      const unreadBytes = response.writableLength;
      log.warn(
        { requestId: headers["x-request-id"], unreadBytes },
        "the client reads too slowly; its request ends",
      );
      response.destroy();
      break;
    }
    response.end();
  }
  // Whoever never takes the rest holds its connection no longer than that.
  if (response.writableFinished) return;
  response.setTimeout(idleTimeoutMs, () => {
    const unreadBytes = response.writableLength;
    log.warn({ requestId: headers["x-request-id"], unreadBytes }, "the client does not take its answer");
    response.destroy();
  });
}

function serviceRequest(request: IncomingMessage, signal: AbortSignal): ServiceRequest {
  const { url = "/", method = "GET" } = request;
  const end = url.search(/[?#]/);
  return {
    method,
    path: end === -1 ? url : url.slice(0, end),
    header: (name) => {
      const value = request.headers[name];
      return Array.isArray(value) ? value.join(", ") : value;
    },
    readBody: (maxBytes) => readBody(request, maxBytes),
    signal,
  };
}

function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) return Promise.reject(tooLarge(maxBytes));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBytes) return void chunks.push(chunk);
      request.pause();
      request.removeAllListeners("data");
      reject(tooLarge(maxBytes));
    });
    request.once("end", () => resolve(Buffer.concat(chunks)));
    request.once("error", reject);
    request.once("close", () => reject(new ApiError({ status: 400, message: "The body broke off." })));
  });
}

/** Of a body. */
export function tooLarge(maxBytes: number): ApiError {
  return new ApiError({
    status: 413,
    message: `Expected a body of at most ${maxBytes} bytes but received more.`,
    code: "request_too_large",
  });
}
