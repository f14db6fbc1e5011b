/** How an answer ended, how many tokens it took, and how long. */
import type { GenerationResult, Timing, Usage as EngineUsage } from "openvino-llm";

import { PROVIDER } from "../call/provider-options.js";
import type { AnswerEnd, FinishReason, Usage } from "../spec/language.js";
import type { JsonFields } from "../spec/shared.js";

/**
 * What `providerMetadata.openvino` tells of an answer. Times are milliseconds and count from the call; what is not known is
 * null.
 */
export interface OpenVINOMetadata {
  /** The stop string or the stop token's id that ended the answer; null for other endings. */
  readonly stopReason: string | number | null;
  /** The seed of sampling; null where the answer was not sampled. */
  readonly rngSeed: number | null;
  /** How long it took: `Timing` of openvino-llm without the stamps of single tokens. */
  readonly timing: Omit<Timing, "perToken" | "native" | "speculative">;
}

/** The end of an answer that came whole. */
export function answerEnd(result: GenerationResult, hasCalls: boolean): AnswerEnd {
  return {
    finishReason: finishReasonOf(result, hasCalls),
    usage: usageOf(result.usage),
    providerMetadata: { [PROVIDER]: metadataOf(result) as unknown as JsonFields },
  };
}

/** The end of an answer that an error cut off. */
export function failedEnd(partial: GenerationResult | undefined): AnswerEnd {
  return { finishReason: { unified: "error", raw: undefined }, usage: usageOf(partial?.usage) };
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

function metadataOf({ stopReason, rngSeed, timing }: GenerationResult): OpenVINOMetadata {
  const { perToken: _, native: _native, speculative: _speculative, ...figures } = timing;
  return { stopReason, rngSeed: rngSeed ?? null, timing: figures };
}
