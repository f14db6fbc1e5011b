/** Converts a request for completions to calls of the engine. */
import type { GenerationInput } from "openvino-llm";

import { badRequest } from "../../errors/api-error.js";
import type { EngineCall } from "../../generation/run-calls.js";
import { generationOptionsOf, SAMPLING_NAMES } from "../openai/sampling.js";
import type { CompletionBody, CompletionPrompt } from "./schema.js";

/** What the library's names are called in the request. */
export const COMPLETION_NAMES: Readonly<Record<string, string>> = { ...SAMPLING_NAMES, input: "prompt" };

/**
 * One call for each answer: `n` for the first prompt, then `n` for the second.
 *
 * @throws ApiError 400
 */
export function completionCalls(body: CompletionBody): EngineCall[] {
  const copies = body.n ?? 1;
  if ((body.logprobs ?? 0) > 1) {
    throw badRequest(
      "Only the log-probability of the chosen token is known: logprobs must be 0 or 1.",
      "logprobs",
    );
  }
  if (typeof body.logprobs === "number" && body.echo === true) {
    throw badRequest(
      "The log-probabilities of a prompt are not known: leave out echo or logprobs.",
      "logprobs",
    );
  }
  if ((body.best_of ?? copies) !== copies) {
    throw badRequest("Expected best_of to be left out or equal to n but received another number.", "best_of");
  }
  if ((body.suffix ?? "") !== "")
    throw badRequest("The field suffix is not supported: leave it out.", "suffix");
  const logprobs = typeof body.logprobs === "number" ? { logprobs: 1 } : {};
  return inputsOf(body.prompt).flatMap((input) => {
    const raw = typeof input === "string" ? { applyChatTemplate: false } : {};
    return Array.from({ length: copies }, (_, copy) => ({
      input,
      copy,
      options: { ...generationOptionsOf(body, copy), ...logprobs, ...raw },
    }));
  });
}

/** The prompts, in their order. */
export function inputsOf(prompt: CompletionPrompt): GenerationInput[] {
  if (typeof prompt === "string") return [prompt];
  if (prompt.length > 0 && prompt.every((item) => typeof item === "number")) return [{ tokenIds: prompt }];
  return (prompt as readonly (string | readonly number[])[]).map((item) =>
    typeof item === "string" ? item : { tokenIds: item },
  );
}
