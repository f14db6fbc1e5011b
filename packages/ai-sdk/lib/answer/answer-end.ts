/** How an answer ended, how many tokens it took, and how long. */
import type { GenerationResult, Timing, Usage as EngineUsage } from "openvino-llm";

import { codeOf } from "../errors/sdk-error.js";
import { PROVIDER } from "../call/provider-options.js";
import type { AnswerEnd, FinishReason, Usage } from "../spec/language.js";
import type { JsonFields } from "../spec/shared.js";

/**
 * What `providerMetadata.openvino` has of an answer. Times are milliseconds and count from the call; what is not known
 * is null.
 */
export interface OpenVINOMetadata {
  /** The stop string or the stop token's id that ended the answer; null for other endings. */
  readonly stopReason: string | number | null;
  /** The seed of sampling; null where the answer was not sampled. */
  readonly rngSeed: number | null;
  /**
   * Why the answer does not fit the schema that JSON was asked for by; null where it fits, or there is none. The grammar of
   * a schema may allow more than the schema, as with `uniqueItems`; a schema of zod is checked by the AI SDK too.
   */
  readonly schemaMismatch: string | null;
  /** How long it took: `Timing` of openvino-llm without the stamps of single tokens. */
  readonly timing: Omit<Timing, "perToken" | "native" | "speculative">;
}

/** The end of an answer that came whole. */
export function answerEnd(result: GenerationResult, hasCalls: boolean, mismatch: string | null): AnswerEnd {
  return {
    finishReason: finishReasonOf(result, hasCalls),
    usage: usageOf(result.usage),
    providerMetadata: { [PROVIDER]: metadataOf(result, mismatch) as unknown as JsonFields },
  };
}

/** The end of an answer that an error cut off. */
export function failedEnd(partial: GenerationResult | undefined): AnswerEnd {
  return { finishReason: { unified: "error", raw: undefined }, usage: usageOf(partial?.usage) };
}

/** An answer that does not fit its schema is one all the same: null for any other error. */
export function mismatchOf(
  error: unknown,
): { readonly partial: GenerationResult; readonly message: string } | null {
  if (codeOf(error) !== "ERR_SCHEMA_MISMATCH") return null;
  const { partial, message } = error as { partial?: GenerationResult; message: string };
  return partial === undefined ? null : { partial, message };
}

function finishReasonOf({ finishReason: raw }: GenerationResult, hasCalls: boolean): FinishReason {
  if (raw === "length") return { unified: "length", raw };
  if (raw === "abort") return { unified: "other", raw };
  return { unified: hasCalls ? "tool-calls" : "stop", raw };
}

function usageOf(usage: EngineUsage | undefined): Usage {
  return {
    inputTokens: {
      total: usage?.promptTokens,
      noCache: undefined,
      cacheRead: undefined,
      cacheWrite: undefined,
    },
    outputTokens: { total: usage?.completionTokens, text: undefined, reasoning: undefined },
    ...(usage === undefined ? {} : { raw: { ...usage } }),
  };
}

function metadataOf(
  { stopReason, rngSeed, timing }: GenerationResult,
  schemaMismatch: string | null,
): OpenVINOMetadata {
  const { perToken: _, native: _native, speculative: _speculative, ...figures } = timing;
  return { stopReason, rngSeed: rngSeed ?? null, schemaMismatch, timing: figures };
}
