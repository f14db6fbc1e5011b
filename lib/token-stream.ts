import { ReadableStream } from "node:stream/web";
import type { GenerationResult, TokenChunk } from "./generation-result.js";
import type { ToolCall } from "./tool.js";

interface PendingNext<Item> {
  resolve(result: IteratorResult<Item, undefined>): void;
  reject(error: Error): void;
}

const DONE: IteratorReturnResult<undefined> = Object.freeze({ done: true, value: undefined });

/** One is the rule, and for one `pop()` is several times cheaper than `shift()`. */
function takeFirst<Item>(items: Item[]): Item | undefined {
  return items.length > 1 ? items.shift() : items.pop();
}

/** What a stream is the outside of: one generation, or a turn of a chat. */
export interface StreamSource<Result> {
  readonly result: Promise<Result>;
  /** The caller wants no more. What it gives is waited for by `return()`. */
  stop(): void | Promise<void>;
}

/** Where a generation puts its chunks until the consumer takes them. The producer never waits. */
export class ChunkQueue<Item = TokenChunk> {
  readonly #chunks: Item[] = [];
  readonly #pending: PendingNext<Item>[] = [];
  #ended = false;
  #discarded = false;
  #error: Error | null = null;

  chunk(chunk: Item): void {
    if (this.#discarded) return;
    const pending = takeFirst(this.#pending);
    if (pending === undefined) this.#chunks.push(chunk);
    else pending.resolve({ done: false, value: chunk });
  }

  ended(error: Error | null): void {
    this.#ended = true;
    const waiting = this.#pending.splice(0);
    for (const pending of waiting) {
      if (error === null) pending.resolve(DONE);
      else pending.reject(error);
    }
    // The consumer was busy: its next call gets the error.
    if (waiting.length === 0 && !this.#discarded) this.#error = error;
  }

  next(): Promise<IteratorResult<Item, undefined>> {
    const chunk = takeFirst(this.#chunks);
    if (chunk !== undefined) return Promise.resolve({ done: false, value: chunk });
    if (!this.#ended) return new Promise((resolve, reject) => this.#pending.push({ resolve, reject }));
    const error = this.#error;
    this.#error = null;
    return error === null ? Promise.resolve(DONE) : Promise.reject(error);
  }

  /** The consumer is gone: what it did not take is dropped, an error included. */
  discard(): void {
    this.#discarded = true;
    this.#chunks.length = 0;
    this.#error = null;
  }
}

/**
 * A running generation as an async iterable of chunks, for one consumer.
 *
 * Chunks wait here until they are taken; a slow consumer costs memory, never token time. After the last chunk `next()`
 * says done, or throws the error once if there was one. Several `next()` at once are answered in order. Leaving a
 * `for await` early (`break`, `return`, an exception) cancels the generation.
 *
 * @typeParam Value - the result's `object`
 * @typeParam Call - the result's tool calls
 * @typeParam Result - the whole result
 */
export class TokenStream<
  Value = unknown,
  Call = ToolCall,
  Result extends GenerationResult<Value, Call> = GenerationResult<Value, Call>,
>
  implements AsyncIterableIterator<TokenChunk, undefined>, AsyncDisposable
{
  readonly #source: StreamSource<unknown>;
  readonly #queue: ChunkQueue;

  /** @internal */
  constructor(source: StreamSource<GenerationResult>, queue: ChunkQueue) {
    this.#source = source;
    this.#queue = queue;
  }

  /**
   * Resolves when the generation ends; needs no iteration. Rejects with the error that ended it, but never causes an
   * unhandled rejection by itself.
   */
  get result(): Promise<Result> {
    // The schemas that give the types have checked the values.
    return this.#source.result as Promise<Result>;
  }

  /** The next chunk, as soon as there is one; done after the last. Rejects once with the error that ended the generation. */
  next(): Promise<IteratorResult<TokenChunk, undefined>> {
    return this.#queue.next();
  }

  /** Cancels the generation and drops what was not taken. `result` resolves with finishReason 'abort'. */
  async return(): Promise<IteratorResult<TokenChunk, undefined>> {
    const stopped = this.#source.stop();
    this.#queue.discard();
    await stopped;
    return DONE;
  }

  /**
   * Cancels the generation: `result` resolves with what there is, finishReason 'abort'. Chunks that arrived can still
   * be taken. Does nothing after the end.
   *
   * @param _reason accepted as `ReadableStream.cancel` has it; a cancelled result carries none
   */
  cancel(_reason?: unknown): void {
    void this.#source.stop();
  }

  /** The same chunks as a web stream. Cancelling it cancels the generation. Use either this or the iterator. */
  toReadableStream(): ReadableStream<TokenChunk> {
    return new ReadableStream<TokenChunk>(
      {
        pull: async (controller) => {
          const { done, value } = await this.next();
          if (done === true) controller.close();
          else controller.enqueue(value);
        },
        cancel: async () => {
          await this.return();
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** The stream itself. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** `return()`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
