/** From a request to an answer, both as data: access, path, body, operation, errors. It never rejects. */
import { randomUUID } from "node:crypto";

import { ApiError, badRequest } from "../errors/api-error.js";
import { apiErrorOf } from "../errors/engine-error.js";
import type { ModelRegistry } from "../models/model-registry.js";
import { openAiError } from "../protocols/openai/openai-error.js";
import type { Operation } from "../protocols/operation.js";
import { BodyCheck } from "../schema/body-check.js";
import { UNTRACED, type RequestTrace } from "../telemetry/request-trace.js";
import type { RequestTracer } from "../telemetry/request-tracer.js";
import type { ChatPage } from "../ui/chat-page.js";
import { AccessCheck, type AccessRules } from "./access.js";
import type { ServiceState, StepWatch } from "./health.js";
import { openApiDocument } from "./openapi.js";
import { findRoute } from "./routes.js";
import type { ServiceAnswer, ServiceLog, ServiceRequest } from "./service-message.js";
import { EVENT_STREAM_HEADERS, eventStream, type StreamEnd } from "./sse.js";

/** What a service is made of. */
export interface ServiceSettings {
  readonly models: ModelRegistry;
  readonly watch: StepWatch;
  readonly access: AccessRules;
  /** Null for none. */
  readonly page: ChatPage | null;
  readonly maxBodyBytes: number;
  readonly version: string;
  /** Null where nobody traces requests. */
  readonly tracer: RequestTracer | null;
  readonly log: ServiceLog;
  /** Whether the log has the bodies too. */
  readonly logRequests: boolean;
}

type Headers = Readonly<Record<string, string>>;

/** What a request is while it is answered. */
interface Exchange {
  readonly request: ServiceRequest;
  readonly id: string;
  readonly beganMs: number;
  readonly headers: Headers;
  readonly trace: RequestTrace;
}

const JSON_HEADERS = { "content-type": "application/json" } as const;
const HEALTH_PATHS: ReadonlySet<string> = new Set(["/health", "/v2/health/live", "/v2/health/ready"]);
/** What no client sees: it has gone. */
const CLIENT_GONE = 499;

export class Service {
  /** What it is doing. */
  state: ServiceState = "loading";
  readonly #settings: ServiceSettings;
  readonly #access: AccessCheck;
  readonly #checks = new Map<string, BodyCheck>();
  readonly #openApi: string;

  constructor(settings: ServiceSettings) {
    this.#settings = settings;
    this.#access = new AccessCheck(settings.access);
    this.#openApi = JSON.stringify(openApiDocument(settings.version));
  }

  async handle(request: ServiceRequest): Promise<ServiceAnswer> {
    const id = requestIdOf(request);
    const origin = request.header("origin");
    const allowed = origin !== undefined && this.#access.allowsOrigin(origin);
    const headers = {
      "x-request-id": id,
      ...(allowed ? { "access-control-allow-origin": origin, vary: "origin" } : {}),
    };
    const exchange = { request, id, beganMs: performance.now(), headers, trace: UNTRACED };
    try {
      return await this.#answer(exchange, allowed);
    } catch (error) {
      const found = findRoute(request.method, request.path);
      const isFound = found !== null && "operation" in found;
      return this.#failed(exchange, error, isFound ? found.operation.errorBody : openAiError);
    }
  }

  async #answer(exchange: Exchange, isAllowedOrigin: boolean): Promise<ServiceAnswer> {
    const { request } = exchange;
    const method = request.method === "HEAD" ? "GET" : request.method;
    if (HEALTH_PATHS.has(request.path) && method === "GET") return this.#health(exchange, request.path);
    this.#access.checkOrigin(request);
    if (method === "OPTIONS" && isAllowedOrigin) return this.#preflight(exchange);
    const file = method === "GET" ? this.#settings.page?.fileAt(request.path) : undefined;
    if (file !== undefined) return this.#done(exchange, file.text, file.headers);
    const found = findRoute(method, request.path);
    if (found === null || "methods" in found || !found.isOpen) this.#access.checkKey(request);
    if (request.path === "/openapi.json" && method === "GET") return this.#done(exchange, this.#openApi);
    if (found === null) throw notFound(request);
    if ("methods" in found) throw wrongMethod(request, found.methods);
    if (this.state === "loading") throw stillLoading();
    return this.#call({ ...exchange, trace: this.#traceOf(request, found.operation) }, found.operation);
  }

  #traceOf({ method, path, header }: ServiceRequest, { tracedAs }: Operation): RequestTrace {
    const { tracer } = this.#settings;
    if (tracer === null || tracedAs === undefined) return UNTRACED;
    return tracer.begin({ operation: tracedAs, method, path, header });
  }

  async #call(exchange: Exchange, operation: Operation): Promise<ServiceAnswer> {
    const { request, trace } = exchange;
    const errorOf = (error: unknown): ApiError => apiErrorOf(error, operation.fieldNames);
    try {
      const { body, bodyBytes } = await this.#readBody(request, operation);
      const { models, version, log, logRequests } = this.#settings;
      if (logRequests) log.info({ requestId: exchange.id, path: request.path, body }, "asked");
      const context = { models, version, trace, signal: request.signal, bodyBytes };
      const answer = await operation.run(body as never, context);
      if (answer.kind === "whole") return this.#done(exchange, JSON.stringify(answer.body));
      if (answer.kind === "text") {
        return this.#done(exchange, answer.text, { "content-type": answer.contentType });
      }
      const first = await answer.events.next();
      const texts = eventStream(answer, first, errorOf, (end) => this.#streamed(exchange, end));
      return { status: 200, headers: { ...exchange.headers, ...EVENT_STREAM_HEADERS }, body: texts };
    } catch (error) {
      return this.#failed(exchange, errorOf(error), operation.errorBody);
    }
  }

  async #readBody(
    { readBody, header }: ServiceRequest,
    operation: Operation,
  ): Promise<{ body: unknown; bodyBytes: number }> {
    if (operation.schema === null) return { body: undefined, bodyBytes: 0 };
    if ((header("content-encoding") ?? "identity") !== "identity") {
      throw new ApiError({
        status: 415,
        message: "Expected a body without content-encoding but received an encoded one.",
      });
    }
    const bytes = await readBody(this.#settings.maxBodyBytes);
    const body = parsed(bytes);
    let check = this.#checks.get(operation.id);
    if (check === undefined) this.#checks.set(operation.id, (check = new BodyCheck(operation.schema)));
    check.check(body);
    return { body, bodyBytes: bytes.byteLength };
  }

  #health(exchange: Exchange, path: string): ServiceAnswer {
    const hanging = this.#settings.watch.hanging();
    const isLive = path === "/v2/health/live" && hanging.length === 0;
    const status = isLive || (this.state === "ready" && hanging.length === 0) ? 200 : 503;
    const body = {
      status: hanging.length > 0 ? "hanging" : this.state,
      ...(hanging.length > 0 ? { models: hanging } : {}),
    };
    return { status, headers: { ...exchange.headers, ...JSON_HEADERS }, body: JSON.stringify(body) };
  }

  #preflight(exchange: Exchange): ServiceAnswer {
    const headers = {
      ...exchange.headers,
      "access-control-allow-methods": "GET, POST",
      "access-control-allow-headers":
        exchange.request.header("access-control-request-headers") ?? "content-type",
      "access-control-max-age": "600",
    };
    return { status: 204, headers, body: "" };
  }

  #done(exchange: Exchange, body: string, headers: Headers = JSON_HEADERS): ServiceAnswer {
    this.#end(exchange, 200, "answered");
    return { status: 200, headers: { ...exchange.headers, ...headers }, body };
  }

  #failed(exchange: Exchange, thrown: unknown, errorBody: (error: ApiError) => unknown): ServiceAnswer {
    const error = apiErrorOf(thrown);
    const isGone = exchange.request.signal.aborted;
    if (error.cause !== undefined && !isGone) {
      this.#settings.log.error({ requestId: exchange.id, err: error.cause }, "the request failed");
    }
    if (isGone) this.#end(exchange, CLIENT_GONE, "client gone");
    else this.#end(exchange, error.status, "refused", error);
    const { retryAfterSeconds } = error;
    return {
      status: error.status,
      headers: {
        ...exchange.headers,
        ...JSON_HEADERS,
        ...(retryAfterSeconds === null ? {} : { "retry-after": String(retryAfterSeconds) }),
        ...(error.status === 401 ? { "www-authenticate": "Bearer" } : {}),
      },
      body: JSON.stringify(errorBody(error)),
    };
  }

  #streamed(exchange: Exchange, end: StreamEnd): void {
    if (end.isWhole) return this.#end(exchange, 200, "answered");
    if (exchange.request.signal.aborted || end.error === null) {
      return this.#end(exchange, CLIENT_GONE, "client gone");
    }
    const { error } = end;
    this.#settings.log.error({ requestId: exchange.id, err: error.cause ?? error }, "the stream failed");
    this.#end(exchange, error.status, "failed in mid-stream", error, 200);
  }

  /** @param sent - the status that the client has seen, where it is another one than what is logged */
  #end(
    { request, id, beganMs, trace }: Exchange,
    status: number,
    message: string,
    error: ApiError | null = null,
    sent = status,
  ): void {
    trace.end(sent, error);
    const traceparent = request.header("traceparent");
    const fields = {
      requestId: id,
      ...(traceparent === undefined ? {} : { traceparent }),
      method: request.method,
      path: request.path,
      status,
      durationMs: Math.round((performance.now() - beganMs) * 10) / 10,
    };
    this.#settings.log.info(fields, message);
  }
}

/** The client's own id where it is a harmless one. */
function requestIdOf({ header }: ServiceRequest): string {
  const given = header("x-request-id");
  return given !== undefined && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
}

function parsed(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw badRequest("Expected a body of UTF-8 but received other bytes.");
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw badRequest(`Expected a body of JSON but parsing it failed: ${reason}.`);
  }
}

function notFound({ method, path }: ServiceRequest): ApiError {
  return new ApiError({
    status: 404,
    message: `There is no ${method} ${path.slice(0, 200)} here.`,
    code: "not_found",
  });
}

function wrongMethod({ method, path }: ServiceRequest, methods: readonly string[]): ApiError {
  const message = `${path.slice(0, 200)} takes ${methods.join(", ")}, not ${method}.`;
  return new ApiError({ status: 405, message, code: "method_not_allowed" });
}

function stillLoading(): ApiError {
  return new ApiError({
    status: 503,
    message: "The models are still being loaded.",
    code: "loading",
    retryAfterSeconds: 2,
  });
}
