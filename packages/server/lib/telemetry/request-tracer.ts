/** Requests as spans of OpenTelemetry, by the names of its conventions for generative AI. No texts of prompts or answers. */
import type { CallOptions, GenerationResult } from "openvino-llm";

import type { ApiError } from "../errors/api-error.js";
import { given } from "../schema/given.js";
import { loadOpenTelemetry, type AttributeValue, type OpenTelemetry, type Span } from "./open-telemetry.js";
import { UNTRACED, type RequestTrace } from "./request-trace.js";

/** What a request is before anything is known of its model. */
export interface TracedRequest {
  /** `gen_ai.operation.name`. */
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  /** The value of a header by its name in small letters. */
  readonly header: (name: string) => string | undefined;
}

/** Begins a span for each request, where somebody records them. */
export class RequestTracer {
  readonly #api: OpenTelemetry;
  readonly #version: string;

  private constructor(api: OpenTelemetry, version: string) {
    this.#api = api;
    this.#version = version;
  }

  /** Null where OpenTelemetry's API is not installed. */
  static load(version: string): RequestTracer | null {
    const api = loadOpenTelemetry();
    return api === null ? null : new RequestTracer(api, version);
  }

  begin({ operation, method, path, header }: TracedRequest): RequestTrace {
    const { trace, context, propagation, SpanKind } = this.#api;
    const active = context.active();
    // Whoever traces HTTP in this process has read the headers already.
    const isInner = trace.getSpan(active) !== undefined;
    const parent = isInner ? active : propagation.extract(active, header, HEADERS);
    const options = {
      kind: isInner ? SpanKind.INTERNAL : SpanKind.SERVER,
      attributes: {
        "gen_ai.operation.name": operation,
        "gen_ai.provider.name": "openvino-llm",
        "http.request.method": method,
        "url.path": path,
      },
    };
    const tracer = trace.getTracer("openvino-llm-server", this.#version);
    const span = tracer.startSpan(operation, options, parent);
    return span.isRecording() ? new RequestSpan(span, operation, this.#api.SpanStatusCode.ERROR) : UNTRACED;
  }
}

const HEADERS = {
  get: (header: (name: string) => string | undefined, name: string) => header(name.toLowerCase()),
  keys: () => [],
};

class RequestSpan implements RequestTrace {
  readonly #span: Span;
  readonly #operation: string;
  readonly #errorStatus: number;
  readonly #finishReasons: string[] = [];
  #inputTokens = 0;
  #outputTokens = 0;
  #ttftMs = 0;
  #tpotMs = 0;

  constructor(span: Span, operation: string, errorStatus: number) {
    this.#span = span;
    this.#operation = operation;
    this.#errorStatus = errorStatus;
  }

  asked(model: string, answers: readonly CallOptions[], isStreamed: boolean): void {
    this.#span.updateName(`${this.#operation} ${model}`);
    this.#span.setAttributes({ "gen_ai.request.model": model, "gen_ai.response.model": model });
    const [options] = answers;
    if (options === undefined) return;
    this.#span.setAttributes({
      "gen_ai.request.stream": isStreamed,
      ...(answers.length > 1 ? { "gen_ai.request.choice.count": answers.length } : {}),
      ...(options.responseFormat === undefined ? {} : { "gen_ai.output.type": "json" }),
      ...given("gen_ai.request.max_tokens", options.maxNewTokens),
      ...given("gen_ai.request.temperature", options.temperature),
      ...given("gen_ai.request.top_p", options.topP),
      ...given("gen_ai.request.top_k", options.topK),
      ...given("gen_ai.request.seed", options.rngSeed),
      ...given("gen_ai.request.frequency_penalty", options.frequencyPenalty),
      ...given("gen_ai.request.presence_penalty", options.presencePenalty),
    });
  }

  answered({ finishReason, usage, timing }: GenerationResult, hasOwnPrompt: boolean): void {
    this.#finishReasons.push(finishReason);
    if (hasOwnPrompt) this.#inputTokens += usage.promptTokens;
    this.#outputTokens += usage.completionTokens;
    this.#ttftMs = Math.max(this.#ttftMs, timing.ttftMs ?? 0);
    this.#tpotMs = Math.max(this.#tpotMs, timing.tpotMs ?? 0);
  }

  readTokens(tokens: number): void {
    this.#inputTokens += tokens;
  }

  end(status: number, error: ApiError | null): void {
    this.#span.setAttributes({ "http.response.status_code": status, ...this.#measured() });
    if (error !== null) {
      this.#span.setAttributes({ "error.type": error.code ?? String(error.status) });
      // What the client is to blame for is no error of a server, unless its answer had begun; and its message may quote it.
      if (error.status >= 500 || status < 400) this.#span.setStatus({ code: this.#errorStatus });
      if (error.cause instanceof Error) this.#span.recordException(error.cause);
    }
    this.#span.end();
  }

  /** Times in seconds, of the slowest of several answers. */
  #measured(): Record<string, AttributeValue> {
    const isGenerated = this.#finishReasons.length > 0;
    return {
      ...(this.#inputTokens > 0 ? { "gen_ai.usage.input_tokens": this.#inputTokens } : {}),
      ...(isGenerated
        ? {
            "gen_ai.usage.output_tokens": this.#outputTokens,
            "gen_ai.response.finish_reasons": this.#finishReasons,
          }
        : {}),
      ...(this.#ttftMs > 0 ? { "gen_ai.server.time_to_first_token": this.#ttftMs / 1000 } : {}),
      ...(this.#tpotMs > 0 ? { "gen_ai.server.time_per_output_token": this.#tpotMs / 1000 } : {}),
    };
  }
}
