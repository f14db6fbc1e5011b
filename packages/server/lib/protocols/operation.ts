/**
 * What a protocol is to the rest: operations that take a checked body and give an answer as data. Nothing here knows of HTTP.
 */
import type { ApiError } from "../errors/api-error.js";
import type { ModelRegistry } from "../models/model-registry.js";
import type { JsonSchema } from "../schema/fields.js";
import type { RequestTrace } from "../telemetry/request-trace.js";

/** One event of a streamed answer. */
export interface StreamEvent {
  /** The event's type, for protocols whose events have one. */
  readonly name?: string;
  /** Its data as JSON text. */
  readonly json: string;
}

/** A whole answer. */
export interface WholeAnswer {
  readonly kind: "whole";
  /** What JSON can hold. */
  readonly body: unknown;
}

/** An answer that comes piece by piece. Whoever leaves the iterator early ends the generation. */
export interface StreamAnswer {
  readonly kind: "stream";
  readonly events: AsyncIterator<StreamEvent, undefined>;
  /** An error behind the first event as the protocol's own events. */
  readonly failed: (error: ApiError) => readonly StreamEvent[];
  /** What the protocol ends every stream with, errors included; null for nothing. */
  readonly end: string | null;
}

/** An answer that is no JSON. */
export interface TextAnswer {
  readonly kind: "text";
  readonly contentType: string;
  readonly text: string;
}

/** An answer. */
export type Answer = WholeAnswer | StreamAnswer | TextAnswer;

/** What a call comes with beside its body. */
export interface CallContext {
  readonly models: ModelRegistry;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
  /** Size of the body, in bytes: no prompt has more tokens. */
  readonly bodyBytes: number;
  /** Receives how the request is answered. */
  readonly trace: RequestTrace;
  /** The server's. */
  readonly version: string;
}

/** One call of a protocol. */
export interface Operation<Body = never> {
  /** The name in the OpenAPI document. */
  readonly id: string;
  readonly summary: string;
  /** What OpenTelemetry's conventions call it; none for calls that are not traced. */
  readonly tracedAs?: "chat" | "text_completion" | "embeddings" | "rerank";
  /** Of the body; null for calls without one. */
  readonly schema: JsonSchema | null;
  /** Of a whole answer; null for one that is text and no JSON. */
  readonly answer: JsonSchema | null;
  /** Whether `stream: true` gives events. */
  readonly streams?: true;
  /** @throws ApiError, and what the library throws */
  readonly run: (body: Body, context: CallContext) => Promise<Answer> | Answer;
  /** What the library's names are called in the body, for messages. */
  readonly fieldNames?: Readonly<Record<string, string>>;
  /** An error in the protocol's shape. */
  readonly errorBody: (error: ApiError) => unknown;
}
