/** How many tokens an answer took, and how long. */
import type { GenerationResult, Timing } from "openvino-llm";

/** OpenAI's counts, with vLLM's times of the request beside them. */
export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  /** Of the slowest of several answers. */
  readonly metrics?: { readonly queue_time_ms: number; readonly time_to_first_token_ms: number };
}

/**
 * @param copies - answers to each prompt: a prompt counts once, as OpenAI counts
 */
export function usageOf(results: readonly GenerationResult[], copies: number): Usage {
  let [prompt, completion, queueMs, ttftMs] = [0, 0, 0, -1];
  for (const [index, { usage, timing }] of results.entries()) {
    if (index % copies === 0) prompt += usage.promptTokens;
    completion += usage.completionTokens;
    if (timing.ttftMs === null) continue;
    queueMs = Math.max(queueMs, timing.queueMs);
    ttftMs = Math.max(ttftMs, timing.ttftMs);
  }
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    ...(ttftMs < 0
      ? {}
      : { metrics: { queue_time_ms: rounded(queueMs), time_to_first_token_ms: rounded(ttftMs) } }),
  };
}

/** llama-server's figures of one answer, in its names; null where no token came. */
export function timingsOf({ usage, timing }: GenerationResult): Readonly<Record<string, number>> | null {
  if (timing.ttftMs === null) return null;
  const promptMs = timing.ttftMs - timing.queueMs;
  const decoded = Math.max(0, usage.completionTokens - 1);
  const decodeMs = decodeMsOf(timing, decoded);
  return {
    prompt_n: usage.promptTokens,
    prompt_ms: rounded(promptMs),
    ...(promptMs > 0 ? { prompt_per_second: rounded((usage.promptTokens * 1000) / promptMs) } : {}),
    predicted_n: usage.completionTokens,
    predicted_ms: rounded(decodeMs),
    ...(decodeMs > 0 && decoded > 0
      ? {
          predicted_per_token_ms: rounded(decodeMs / decoded),
          predicted_per_second: rounded((decoded * 1000) / decodeMs),
        }
      : {}),
  };
}

function decodeMsOf({ tpotMs }: Timing, decoded: number): number {
  return (tpotMs ?? 0) * decoded;
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
