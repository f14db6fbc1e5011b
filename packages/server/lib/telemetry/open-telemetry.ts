/**
 * OpenTelemetry's API where the user has installed it. What is used of it is stated here, because its own types are not in
 * every installation.
 */
import { createRequire } from "node:module";

import { codeOf } from "openvino-llm/internal";

/** A value of a span's attribute. */
export type AttributeValue = string | number | boolean | readonly string[];

export interface Span {
  isRecording(): boolean;
  updateName(name: string): unknown;
  setAttributes(attributes: Readonly<Record<string, AttributeValue>>): unknown;
  setStatus(status: { readonly code: number }): unknown;
  recordException(error: Error): void;
  end(): void;
}

interface Context {
  readonly getValue: (key: symbol) => unknown;
}

interface Tracer {
  startSpan(
    name: string,
    options: { readonly kind: number; readonly attributes: Readonly<Record<string, AttributeValue>> },
    context: Context,
  ): Span;
}

/** Reads headers. */
interface Getter {
  readonly get: (carrier: (name: string) => string | undefined, name: string) => string | undefined;
  readonly keys: () => string[];
}

export interface OpenTelemetry {
  readonly trace: {
    getTracer(name: string, version: string): Tracer;
    getSpan(context: Context): Span | undefined;
  };
  readonly context: { active(): Context };
  readonly propagation: {
    extract(context: Context, header: (name: string) => string | undefined, getter: Getter): Context;
  };
  readonly SpanKind: { readonly INTERNAL: number; readonly SERVER: number };
  readonly SpanStatusCode: { readonly ERROR: number };
}

/**
 * Null where it is not installed.
 *
 * @param from - the file that would import it, as a URL
 */
export function loadOpenTelemetry(from: string = import.meta.url): OpenTelemetry | null {
  try {
    return createRequire(from)("@opentelemetry/api") as OpenTelemetry;
  } catch (error) {
    if (codeOf(error) === "MODULE_NOT_FOUND") return null;
    throw error;
  }
}
