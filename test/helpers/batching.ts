import { expect } from "vitest";
import type { CallOptions, ContinuousBatchingPipeline, GenerationResult } from "../../lib/index.js";
import { ALPHABET } from "./chain.js";

/** Of a call whose prompt is raw text: the model goes on after its last letter. */
export const RAW = { applyChatTemplate: false };

/** The letter that the prompt of this number ends in. */
export function letterOf(number: number): string {
  return ALPHABET.charAt(number % ALPHABET.length);
}

/** What a model that repeats the alphabet says after that letter. */
export function answerAfter(letter: string, length: number): string {
  const start = ALPHABET.indexOf(letter) + 1;
  return ALPHABET.repeat(Math.ceil((start + length) / ALPHABET.length)).slice(start, start + length);
}

/** Generates after the letter; the prompt is that many copies of it. */
export function ask(
  llm: ContinuousBatchingPipeline,
  letter: string,
  options: CallOptions,
  copies = 1,
): Promise<GenerationResult> {
  return llm.generate(letter.repeat(copies), { ...RAW, ...options });
}

export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Nothing runs or waits, the cache is empty, every request was counted once, and the next one is answered. */
export async function expectIdleAfter(llm: ContinuousBatchingPipeline, requests: number): Promise<void> {
  expect((await ask(llm, "a", { maxNewTokens: 5 })).text).toBe("bcdef");
  const metrics = llm.metrics();
  expect(metrics).toMatchObject({ running: 0, waiting: 0, cacheUsagePercent: 0 });
  const { finished, aborted, failed, completionTokens } = metrics.totals;
  expect(finished + aborted + failed).toBe(requests + 1);
  expect(completionTokens).toBe(llm.producedTokens);
}
