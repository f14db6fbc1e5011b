/** What one JSON object of a streamed answer says. Pure. */
import { isJsonObject } from "openvino-llm/internal";
import type { JsonObject } from "openvino-llm/models";

/** What a server counts. Null: it does not report it. */
export interface AnswerUsage {
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
  /** Tokens of the prompt that came out of a prefix cache. */
  readonly cachedTokens: number | null;
}

/** One object of the stream. */
export interface AnswerChunk {
  /** What the server says went wrong; null where nothing did. */
  readonly error: string | null;
  /** It brings one token or several, by what it says. */
  readonly hasTokens: boolean;
  /** It says nothing of an answer that goes on: whether it brings tokens, a usage that grows along knows better. */
  readonly isSilent: boolean;
  readonly text: string;
  /** It gives the reason why the answer ended. */
  readonly isLast: boolean;
  readonly usage: AnswerUsage | null;
}

/**
 * Reads one object. A chunk brings tokens when it has text, reasoning or a tool call; one without text does where it
 * neither opens the message nor ends it, for half a character is a token too.
 */
export function readAnswerChunk(json: JsonObject): AnswerChunk {
  const choices = json["choices"];
  const choice: unknown = Array.isArray(choices) ? choices[0] : undefined;
  const usage = isJsonObject(json["usage"]) ? usageOf(json["usage"]) : null;
  const error = errorText(json);
  if (!isJsonObject(choice)) {
    return { error, hasTokens: false, isSilent: false, text: "", isLast: false, usage };
  }
  const isLast = typeof choice["finish_reason"] === "string";
  return { error, ...contentOf(choice, isLast), isLast, usage };
}

/** The message of an error object: OpenAI's, vLLM's older one, or a bare text; null where there is none. */
export function errorText(json: JsonObject): string | null {
  const error = json["error"] ?? (json["object"] === "error" ? json : undefined) ?? null;
  if (error === null) return null;
  if (typeof error === "string") return error;
  const message = isJsonObject(error) ? error["message"] : undefined;
  return typeof message === "string" ? message : JSON.stringify(error);
}

function contentOf(
  choice: JsonObject,
  isLast: boolean,
): Pick<AnswerChunk, "hasTokens" | "isSilent" | "text"> {
  const { text, delta } = choice;
  if (typeof text === "string") return { text, hasTokens: text !== "" || !isLast, isSilent: text === "" };
  if (!isJsonObject(delta)) return { text: "", hasTokens: false, isSilent: true };
  // What is thought goes by two names, and some servers use both at once.
  const thought = delta["reasoning"] ?? delta["reasoning_content"];
  const texts = [thought, delta["content"], delta["refusal"]].filter((value) => typeof value === "string");
  const said = texts.join("");
  const callsTools = Array.isArray(delta["tool_calls"]) && delta["tool_calls"].length > 0;
  const isEmptyToken = texts.length > 0 && !isLast && delta["role"] === undefined;
  const speaks = said !== "" || callsTools;
  return { text: said, hasTokens: speaks || isEmptyToken, isSilent: !speaks };
}

function usageOf(usage: JsonObject): AnswerUsage {
  const details = usage["prompt_tokens_details"];
  return {
    promptTokens: countOf(usage["prompt_tokens"]),
    completionTokens: countOf(usage["completion_tokens"]),
    cachedTokens: isJsonObject(details) ? countOf(details["cached_tokens"]) : null,
  };
}

function countOf(value: unknown): number | null {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
}
