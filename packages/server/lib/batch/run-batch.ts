/** Runs a batch: lines in, as many at once as keep the engine busy, lines out as they are done. */
import { setMaxListeners } from "node:events";
import type { Readable } from "node:stream";

import { AbortError } from "openvino-llm";
import { isJsonObject } from "openvino-llm/internal";

import { AnswerFile } from "./answer-file.js";
import { answerLine, batchRequestOf, errorLine, isSuccess, type BadLine } from "./batch-request.js";
import type { BatchTarget } from "./batch-target.js";
import { IdSet } from "./id-set.js";
import { readLines, type TextLine } from "./read-lines.js";
import { RetryingTarget } from "./retry.js";

/** What is run. */
export interface BatchJob {
  /** Read no further than is needed, and destroyed at the end. */
  readonly input: Readable;
  readonly outputFile: string;
  readonly target: BatchTarget;
  /** Requests at once; null: what keeps the target busy. */
  readonly concurrency: number | null;
  readonly maxRetries: number;
  readonly maxLineBytes: number;
  readonly signal: AbortSignal;
  /** Called with each line that cannot be answered under a custom_id of its own. */
  readonly onUnanswerable: (lineNumber: number, message: string) => void;
  /** Counts while it runs. */
  readonly counts: BatchCounts;
}

/** How far a batch is. */
export interface BatchCounts {
  /** Lines that this run answered. */
  answered: number;
  /** Lines that ended with an error in this run, those without an answer included. */
  failed: number;
  /** Lines that runs before had answered. */
  skipped: number;
  /** Bytes of the lines that were answered or failed. */
  doneBytes: number;
  /** Bytes of the lines that were skipped. */
  skippedBytes: number;
  promptTokens: number;
  completionTokens: number;
  /** Tries that were not the first. */
  retries: number;
}

/** Nothing done yet. */
export function newCounts(): BatchCounts {
  return {
    answered: 0,
    failed: 0,
    skipped: 0,
    doneBytes: 0,
    skippedBytes: 0,
    promptTokens: 0,
    completionTokens: 0,
    retries: 0,
  };
}

/**
 * Resolves when all lines are done; failed ones are counted.
 *
 * @throws (by rejection) AbortError; OpenVinoLlmError ERR_SERVER where nothing is answered any more; RangeError for an output
 * file that is none; a system error
 */
export async function runBatch(job: BatchJob): Promise<void> {
  const answers = await AnswerFile.open(job.outputFile);
  try {
    await new BatchRun(job, answers).run();
  } finally {
    job.input.destroy();
    await answers.close();
  }
}

class BatchRun {
  readonly #job: BatchJob;
  readonly #answers: AnswerFile;
  readonly #target: RetryingTarget;
  readonly #seen = new IdSet();
  readonly #failed = new AbortController();
  readonly #signal: AbortSignal;

  constructor(job: BatchJob, answers: AnswerFile) {
    this.#job = job;
    this.#answers = answers;
    this.#target = new RetryingTarget(job.target, job.maxRetries);
    this.#signal = AbortSignal.any([job.signal, this.#failed.signal]);
    // Each request listens.
    setMaxListeners(0, this.#signal);
  }

  async run(): Promise<void> {
    const { input, maxLineBytes, concurrency, target } = this.#job;
    const lines = readLines(input, maxLineBytes);
    // A line that never comes, as of a terminal, is not waited for.
    this.#signal.addEventListener("abort", () => input.destroy());
    const workers = Array.from({ length: concurrency ?? target.concurrency }, () => this.#work(lines));
    await Promise.allSettled(workers);
    const { signal } = this.#job;
    if (signal.aborted) throw new AbortError("The batch was ended.", signal.reason, undefined);
    this.#failed.signal.throwIfAborted();
  }

  /** Does one line after the other. The first failure of one ends them all. */
  async #work(lines: AsyncGenerator<TextLine, void>): Promise<void> {
    try {
      for await (const line of sharing(lines)) {
        this.#signal.throwIfAborted();
        await this.#do(line);
      }
    } catch (error) {
      this.#failed.abort(error);
      throw error;
    }
  }

  async #do({ text, number, bytes }: TextLine): Promise<void> {
    if (text.trim() === "") return;
    const { counts } = this.#job;
    const request = batchRequestOf(text);
    const { customId } = request;
    if (customId === null) return this.#unanswerable(number, bytes, (request as BadLine).message);
    if (!this.#seen.add(customId)) {
      return this.#unanswerable(
        number,
        bytes,
        `A line before has the custom_id ${JSON.stringify(customId)}.`,
      );
    }
    if (this.#answers.done.has(customId)) {
      counts.skipped++;
      counts.skippedBytes += bytes;
      return;
    }
    if ("message" in request) {
      await this.#answers.append(errorLine(customId, request.code, request.message));
      return this.#count(bytes, false);
    }
    const answer = await this.#target.ask(request, this.#signal);
    counts.retries = this.#target.retries;
    await this.#answers.append(answerLine(customId, answer));
    this.#countTokens(answer.body);
    this.#count(bytes, isSuccess(answer.status));
  }

  #unanswerable(number: number, bytes: number, message: string): void {
    this.#count(bytes, false);
    this.#job.onUnanswerable(number, message);
  }

  #count(bytes: number, isAnswered: boolean): void {
    const { counts } = this.#job;
    if (isAnswered) counts.answered++;
    else counts.failed++;
    counts.doneBytes += bytes;
  }

  /** By the names of chats and completions, or by those of responses. */
  #countTokens(body: unknown): void {
    const usage = isJsonObject(body) && isJsonObject(body["usage"]) ? body["usage"] : {};
    const count = (value: unknown): number => (typeof value === "number" ? value : 0);
    const { counts } = this.#job;
    counts.promptTokens += count(usage["prompt_tokens"] ?? usage["input_tokens"]);
    counts.completionTokens += count(usage["completion_tokens"] ?? usage["output_tokens"]);
  }
}

/** Lines that several take from: who leaves does not end them for the others. */
function sharing(lines: AsyncGenerator<TextLine, void>): AsyncIterable<TextLine> {
  return { [Symbol.asyncIterator]: () => ({ next: () => lines.next() }) };
}
