import {
  openBinding,
  type NativeEvent,
  type NativeLoadOptions,
  type NativePipelineHandle,
} from "./binding.js";
import type { NativeFinished, NativeLoaded, NativeMetrics } from "./binding.js";
import type { NativeRequest } from "./native-request.js";
import { closedError, outOfRange } from "../errors/errors.js";
import { nativeError, nativeFailure } from "./native-errors.js";
import type { NativeTokenizerHandle } from "./native-tokenizer.js";

/** Takes the events of one request. `finished` or `failed` is the last call. Stamps are of the addon's clock. */
export interface RequestSink {
  /** `promptEnd`: of a request with delimiters, the end of its prompt's text. */
  taken(takenMs: number, promptTokens: number, promptEnd?: string): void;
  tokens(producedMs: number, text: string, tokenIds: number[], logprobs?: number[]): void;
  finished(finished: NativeFinished): void;
  failed(error: Error): void;
}

/**
 * What the native callback holds, which lives as long as the native side: the pipeline while it has work, nothing while it
 * is idle, so that one that its user dropped is collected.
 */
interface Held {
  pipeline: NativePipeline | undefined;
}

/** One native pipeline: its load as a promise, its events routed to the request they belong to. */
export class NativePipeline {
  readonly #native: NativePipelineHandle;
  readonly #held: Held = { pipeline: this };
  readonly #sinks = new Map<number, RequestSink>();
  readonly #loaded: Promise<NativeLoaded>;
  #settleLoad!: { resolve: (loaded: NativeLoaded) => void; reject: (error: Error) => void };
  #tokenizer: NativeTokenizerHandle | undefined;
  #lastId = 0;
  #closing: Promise<void> | undefined;
  #onIdle: (() => void) | undefined;
  #gathering = false;

  /** Begins to load at once, off the JavaScript thread. */
  constructor(options: NativeLoadOptions) {
    this.#loaded = new Promise((resolve, reject) => (this.#settleLoad = { resolve, reject }));
    this.#loaded.catch(() => {});
    const { core } = openBinding();
    try {
      this.#native = new core.Pipeline(options, NativePipeline.#callback(this.#held));
    } catch (error) {
      throw nativeFailure("ERR_MODEL_LOAD", "The model could not be loaded", error);
    }
  }

  /** Made here because a closure made in the constructor would share the constructor's `this`. */
  static #callback(held: Held): (...event: NativeEvent) => void {
    return (...event) => {
      const { pipeline } = held;
      if (pipeline !== undefined) pipeline.#route(event);
    };
  }

  /** Settles when the model is loaded, or with ERR_MODEL_LOAD or ERR_DEVICE. */
  get loaded(): Promise<NativeLoaded> {
    return this.#loaded;
  }

  /** Tokens that the worker has produced since the load, counted by its own thread. */
  get producedTokens(): number {
    return this.#native.producedTokens();
  }

  /** Whether nothing more can be asked of it. */
  get isClosed(): boolean {
    return this.#closing !== undefined;
  }

  /** The addon's clock, which stamps the events. Needs no `this`. */
  get nowMs(): () => number {
    return openBinding().core.nowMs;
  }

  /** The tokenizer of the loaded pipeline, shared with it and closed with it. */
  tokenizer(): NativeTokenizerHandle {
    this.#tokenizer ??= new (openBinding().core.Tokenizer)(this.#native);
    return this.#tokenizer;
  }

  metrics(): NativeMetrics {
    return this.#native.metrics();
  }

  /** The scheduler config that GenAI was given; null without one. */
  schedulerConfig(): object | null {
    return this.#native.schedulerConfig();
  }

  /** Queues a request; every event of it goes to `sink`. Returns its id, or null where the queue is full. */
  submit(request: Omit<NativeRequest, "id">, sink: RequestSink): number | null {
    const id = ++this.#lastId;
    try {
      if (!this.#native.submit({ ...request, id })) return null;
    } catch (error) {
      throw nativeFailure("ERR_NATIVE", "The generation failed", error);
    }
    this.#sinks.set(id, sink);
    this.#held.pipeline = this;
    this.#gather();
    return id;
  }

  /** An idle engine begins with all that one turn of the event loop brings, and not with the first of it alone. */
  #gather(): void {
    if (this.#gathering) return;
    this.#gathering = true;
    process.nextTick(() => {
      this.#gathering = false;
      this.#native.gathered();
    });
  }

  cancel(id: number): void {
    this.#native.cancel(id);
  }

  /** What every request has given so far reaches its sink before this returns, its end maybe too. */
  deliver(): void {
    this.#native.deliver((...event) => this.#route(event));
  }

  /** Resolves when no request is left, or after that time; the function it comes with ends the wait. */
  drain(timeMs: number): { done: Promise<void>; stop: () => void } {
    const { promise, resolve } = withResolver();
    const timer = setTimeout(resolve, timeMs);
    this.#onIdle = resolve;
    if (this.#sinks.size === 0) resolve();
    const done = promise.finally(() => {
      clearTimeout(timer);
      this.#onIdle = undefined;
    });
    return { done, stop: resolve };
  }

  /** Cancels everything, ends the worker's thread and frees the model. Requests in flight fail with ERR_CLOSED. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.deliver();
    const sinks = [...this.#sinks.values()];
    this.#sinks.clear();
    const closed = this.#native.close();
    this.#settleLoad.reject(closedError("pipeline"));
    for (const sink of sinks) sink.failed(closedError("pipeline"));
    await Promise.all([closed, this.#tokenizer?.close()]);
    this.#held.pipeline = undefined;
  }

  #route(event: NativeEvent): void {
    const type = event[0];
    const id = event[1];
    const sink = this.#sinks.get(id); // none once it was closed
    // Tokens first and alone: they come many times a second, each time to caches that the inference has emptied.
    if (type === "tokens") return sink?.tokens(event[2], event[3], event.slice(4) as number[]);
    if (type === "tokensWithLogprobs") {
      const count = (event.length - 4) / 2;
      sink?.tokens(
        event[2],
        event[3],
        event.slice(4, 4 + count) as number[],
        event.slice(4 + count) as number[],
      );
    } else if (type === "loaded") this.#settleLoad.resolve(event[2]);
    else if (type === "loadFailed") {
      this.#settleLoad.reject(nativeError("ERR_MODEL_LOAD", "The model could not be loaded", event[2]));
    } else if (type === "taken") sink?.taken(event[2], event[3], event[4]);
    else {
      this.#sinks.delete(id);
      if (type === "finished") sink?.finished(event[2]);
      else sink?.failed(requestError(event[2], event[3]));
    }
    if (this.#sinks.size > 0) return;
    this.#onIdle?.();
    if (this.#closing === undefined) this.#held.pipeline = undefined;
  }
}

function withResolver(): { promise: Promise<void>; resolve: () => void } {
  let resolve!: () => void;
  return { promise: new Promise((settle) => (resolve = settle)), resolve };
}

function requestError(code: string, message: string): Error {
  if (code === "ERR_INVALID_SCHEMA") return nativeError(code, "The grammar compiler refused it", message);
  if (code === "ERR_OUT_OF_RANGE") return outOfRange("input", "a prompt of at least one token", 0);
  return nativeError("ERR_NATIVE", "The generation failed", message, code);
}
