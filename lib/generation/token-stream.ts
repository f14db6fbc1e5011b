import { ReadableStream as WebStream } from "node:stream/web";
import { OpenVinoLlmError } from "../errors/errors.js";
import type { GenerationResult, TokenChunk } from "./generation-result.js";
import type { ToolCall } from "../tools/tool.js";

interface PendingNext<Item> {
  resolve(result: IteratorResult<Item, undefined>): void;
  reject(error: Error): void;
}

const DONE: IteratorReturnResult<undefined> = Object.freeze({ done: true, value: undefined });

/** One is the rule, and for one `pop()` is several times cheaper than `shift()`. */
function takeFirst<Item>(items: Item[]): Item | undefined {
  return items.length > 1 ? items.shift() : items.pop();
}

/** What a stream wraps: one generation, or a turn of a chat. */
export interface StreamSource<Result> {
  readonly result: Promise<Result>;
  /** The caller wants no more. What it gives is waited for by `return()`. */
  stop(): void | Promise<void>;
}

type Consumer = "iterator" | "web stream";

/** What iterating gives. Not `AsyncIterableIterator`, which takes other type arguments in older TypeScript. */
export interface ChunkIterator<Item> extends AsyncIterator<Item, undefined> {
  /** The next item; done after the last. */
  next(): Promise<IteratorResult<Item, undefined>>;
  /** The consumer wants no more. */
  return(): Promise<IteratorReturnResult<undefined>>;
  /** The iterator itself. */
  [Symbol.asyncIterator](): ChunkIterator<Item>;
}

function streamConsumed(consumer: Consumer | null): OpenVinoLlmError {
  const how =
    consumer === "web stream"
      ? "is read by a web stream (toReadableStream())"
      : "was iterated or left before";
  return new OpenVinoLlmError(
    "ERR_STREAM_CONSUMED",
    `This stream ${how}, and its parts come only once. Keep them where you read them, take the whole from result, ` +
      "or use toReadableStream().tee() for two readers.",
  );
}

/** Where a generation puts its chunks until the consumer takes them. The producer never waits. */
export class ChunkQueue<Item = TokenChunk> {
  readonly #chunks: Item[] = [];
  readonly #pending: PendingNext<Item>[] = [];
  #ended = false;
  #discarded = false;
  #error: Error | null = null;
  /** Who takes the chunks. */
  #consumer: Consumer | null = null;
  /** The consumer has received the end, or wants no more. */
  #isOver = false;

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
    this.#isOver = waiting.length > 0;
    // The consumer was busy: its next call gets the error.
    if (waiting.length === 0 && !this.#discarded) this.#error = error;
  }

  next(): Promise<IteratorResult<Item, undefined>> {
    const chunk = takeFirst(this.#chunks);
    if (chunk !== undefined) return Promise.resolve({ done: false, value: chunk });
    if (!this.#ended) return new Promise((resolve, reject) => this.#pending.push({ resolve, reject }));
    this.#isOver = true;
    const error = this.#error;
    this.#error = null;
    return error === null ? Promise.resolve(DONE) : Promise.reject(error);
  }

  /**
   * Makes somebody the one consumer.
   *
   * @throws {OpenVinoLlmError} ERR_STREAM_CONSUMED where there is one, or it has come and gone by `next()` and `return()`
   */
  claim(consumer: Consumer): void {
    if (this.#consumer !== null || this.#isOver) throw streamConsumed(this.#consumer);
    this.#consumer = consumer;
  }

  /**
   * An iterator of its own, with its own `[Symbol.asyncIterator]()` as the protocol wants it, so that the queue knows a
   * second iteration from one that goes on.
   *
   * @throws {OpenVinoLlmError} ERR_STREAM_CONSUMED
   */
  iterate(leave: () => Promise<IteratorReturnResult<undefined>>): ChunkIterator<Item> {
    this.claim("iterator");
    const iterator = {
      next: () => this.next(),
      return: leave,
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }

  /** `next()` for callers from outside: a web stream leaves them nothing. */
  take(): Promise<IteratorResult<Item, undefined>> {
    return this.#consumer === "web stream" ? Promise.reject(streamConsumed("web stream")) : this.next();
  }

  /** The consumer is gone: what it did not take is dropped, an error included. */
  discard(): void {
    this.#discarded = true;
    this.#isOver = true;
    this.#chunks.length = 0;
    this.#error = null;
  }
}

/**
 * A running generation as an async iterable of chunks, for one consumer.
 *
 * Chunks wait here until they are taken, also when `result` was awaited first; a slow consumer costs memory, never token
 * time. After the last chunk `next()` says done, or throws the error once if there was one. Several `next()` at once are
 * answered in order. Leaving a `for await` early (`break`, `return`, an exception) cancels the generation.
 *
 * Each chunk comes once: a second `for await`, or `toReadableStream()` beside a `for await`, throws ERR_STREAM_CONSUMED.
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
  implements AsyncIterable<TokenChunk>, AsyncIterator<TokenChunk, undefined>, AsyncDisposable
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

  /**
   * The next chunk, as soon as there is one; done after the last. Rejects once with the error that ended the generation,
   * and always with ERR_STREAM_CONSUMED where `toReadableStream()` has the chunks.
   */
  next(): Promise<IteratorResult<TokenChunk, undefined>> {
    return this.#queue.take();
  }

  /** Cancels the generation and drops what was not taken. `result` resolves with finishReason 'abort'. */
  async return(): Promise<IteratorReturnResult<undefined>> {
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

  /**
   * The same chunks as a web stream, the runtime's own `ReadableStream`. Cancelling it cancels the generation. Use either
   * this or the iterator; what `next()` took before is not in it.
   *
   * @throws {OpenVinoLlmError} ERR_STREAM_CONSUMED where the stream was iterated or has a web stream
   */
  toReadableStream(): ReadableStream<TokenChunk> {
    this.#queue.claim("web stream");
    return new WebStream<TokenChunk>(
      {
        pull: async (controller) => {
          const { done, value } = await this.#queue.next();
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

  /**
   * Begins to iterate.
   *
   * @throws {OpenVinoLlmError} ERR_STREAM_CONSUMED the second time
   */
  [Symbol.asyncIterator](): ChunkIterator<TokenChunk> {
    return this.#queue.iterate(() => this.return());
  }

  /** `return()`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
