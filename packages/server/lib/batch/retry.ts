/** Another try of what was refused for now. */
import { setTimeout as pause } from "node:timers/promises";

import { AbortError, OpenVinoLlmError } from "openvino-llm";
import { codeOf } from "openvino-llm/internal";
import type { BatchRequest } from "./batch-request.js";
import type { BatchTarget, TargetAnswer } from "./batch-target.js";

/** Refusals that say nothing of the request. */
const FOR_NOW: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 30_000;
/** Of Retry-After. */
const MAX_ASKED_PAUSE_MS = 600_000;

/** Asks again, up to a number of times, what was refused for now or not answered. */
export class RetryingTarget {
  readonly #target: BatchTarget;
  readonly #maxRetries: number;
  #answers = 0;
  /** Tries that were not the first. */
  retries = 0;

  constructor(target: BatchTarget, maxRetries: number) {
    this.#target = target;
    this.#maxRetries = maxRetries;
  }

  /**
   * @returns the answer; a refusal that stays where others are answered meanwhile
   * @throws (by rejection) AbortError; OpenVinoLlmError ERR_SERVER where nothing is answered any more
   */
  async ask(request: BatchRequest, signal: AbortSignal): Promise<TargetAnswer> {
    const answersBefore = this.#answers;
    for (let attempt = 0; ; attempt++) {
      const answer = await this.#once(request, signal);
      if (signal.aborted) throw new AbortError("The batch was ended.", signal.reason, undefined);
      if (!FOR_NOW.has(answer.status)) {
        this.#answers++;
        return answer;
      }
      if (attempt === this.#maxRetries) {
        // Every line would become an error, though none is at fault.
        if (this.#answers === answersBefore) throw nothingAnswered(answer, attempt);
        return answer;
      }
      this.retries++;
      await this.#pause(answer.retryAfterMs, attempt, signal);
    }
  }

  async #once(request: BatchRequest, signal: AbortSignal): Promise<TargetAnswer> {
    try {
      return await this.#target.ask(request, signal);
    } catch (error) {
      if (codeOf(error) !== "ERR_SERVER") throw error;
      const message = error instanceof Error ? error.message : String(error);
      const body = { error: { code: "not_answered", message } };
      return { status: 503, requestId: "", body, retryAfterMs: null };
    }
  }

  async #pause(askedMs: number | null, attempt: number, signal: AbortSignal): Promise<void> {
    const usualMs = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt);
    const ms = askedMs === null ? usualMs : Math.min(MAX_ASKED_PAUSE_MS, askedMs);
    // Not all of them at the same moment again.
    const spreadMs = Math.random() * Math.min(ms, FIRST_PAUSE_MS);
    try {
      await pause(ms + spreadMs, undefined, { signal });
    } catch {
      throw new AbortError("The batch was ended.", signal.reason, undefined);
    }
  }
}

function nothingAnswered({ status, body }: TargetAnswer, retries: number): OpenVinoLlmError {
  return new OpenVinoLlmError(
    "ERR_SERVER",
    `Nothing is answered any more: the last of ${retries + 1} tries ended with ${status} ${JSON.stringify(body).slice(0, 300)}. ` +
      "What was answered is kept; the same command goes on from there.",
  );
}
