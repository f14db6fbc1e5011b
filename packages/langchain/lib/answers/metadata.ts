/** LangChain's metadata of an answer. */
import type { InvalidToolCall, ToolCall } from "@langchain/core/messages/tool";
import type { MessageOutputVersion, ResponseMetadata, UsageMetadata } from "@langchain/core/messages";
import type { GenerationResult } from "openvino-llm";

import { PROVIDER } from "../messages/content-blocks.js";
import type { Answer } from "./answer.js";

/** What the messages of one call have in common. */
export interface AnswerSettings {
  /** The model's name. */
  readonly model: string;
  readonly outputVersion: MessageOutputVersion;
}

/** In every message of ours, chunks too. */
export function originOf({ outputVersion }: AnswerSettings): ResponseMetadata {
  return { model_provider: PROVIDER, ...(outputVersion === "v1" ? { output_version: "v1" } : {}) };
}

/** Of a whole answer: in its message, or in the last chunk. */
export function responseMetadata(
  { result, mismatch }: Answer,
  { model }: AnswerSettings,
): Record<string, unknown> {
  const { finishReason, stopReason, rngSeed, logprobs, timing } = result;
  const { queueMs, ttftMs, tpotMs, e2eMs, tokensPerSecond } = timing;
  return {
    model,
    model_name: model,
    finish_reason: finishReason,
    ...(stopReason === null ? {} : { stop_reason: stopReason }),
    ...(rngSeed === undefined ? {} : { seed: rngSeed }),
    ...(logprobs === undefined ? {} : { logprobs: { tokenIds: result.tokenIds, logprobs } }),
    ...(mismatch === undefined ? {} : { schema_mismatch: mismatch }),
    timing: { queueMs, ttftMs, tpotMs, e2eMs, tokensPerSecond },
  };
}

/** Tokens counted. */
export function usageOf({ usage: { promptTokens, completionTokens } }: GenerationResult): UsageMetadata {
  return {
    input_tokens: promptTokens,
    output_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
}

/** The same by the names of `llmOutput`. */
export function tokenUsage(usages: readonly UsageMetadata[]): {
  promptTokens: number;
  completionTokens: number;
  totalTokens: number;
} {
  const sum = (name: "input_tokens" | "output_tokens"): number =>
    usages.reduce((total, usage) => total + usage[name], 0);
  const [promptTokens, completionTokens] = [sum("input_tokens"), sum("output_tokens")];
  return { promptTokens, completionTokens, totalTokens: promptTokens + completionTokens };
}

/** The calls of an answer, in order. */
export interface AnswerCalls {
  readonly toolCalls: ToolCall[];
  readonly invalidToolCalls: InvalidToolCall[];
}

/**
 * As LangChain distinguishes them: a call that is JSON is one, also where it fits no tool, so that the tool's answer
 * shows the model what is wrong; what is cut off or no JSON is none.
 */
export function callsOf({ toolCalls = [], invalidToolCalls = [] }: GenerationResult): AnswerCalls {
  const calls = [...toolCalls, ...invalidToolCalls].toSorted((a, b) => a.index - b.index);
  const found: AnswerCalls = { toolCalls: [], invalidToolCalls: [] };
  for (const call of calls) {
    const { id, name, argumentsText } = call;
    if (argumentsText !== null) {
      const args =
        "arguments" in call ? call.arguments : (JSON.parse(argumentsText) as Record<string, unknown>);
      found.toolCalls.push({ type: "tool_call", id, name, args });
    } else if ("error" in call) {
      found.invalidToolCalls.push({ type: "invalid_tool_call", id, name, error: call.error });
    }
  }
  return found;
}
