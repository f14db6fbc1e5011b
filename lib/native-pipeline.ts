import { openBinding, type NativeEvent, type NativeLlmPipeline, type NativeLoadOptions } from "./binding.js";
import type { NativeRequest } from "./binding.js";
import { outOfRange, OpenVinoLlmError, type ErrorCode } from "./errors.js";
import { nativeError } from "./native-errors.js";

export type LoadedEvent = Extract<NativeEvent, { type: "loaded" }>;
export type TakenEvent = Extract<NativeEvent, { type: "taken" }>;
export type TokensEvent = Extract<NativeEvent, { type: "tokens" }>;
export type FinishedEvent = Extract<NativeEvent, { type: "finished" }>;

/** Takes the events of one request. `finished` or `failed` is the last call. */
export interface RequestSink {
  taken(event: TakenEvent): void;
  tokens(event: TokensEvent): void;
  finished(event: FinishedEvent): void;
  failed(error: Error): void;
}

/** Pipelines with work in progress. The others are held by their users alone, so that a dropped one is collected. */
const busy = new Set<NativePipeline>();

/** One native pipeline: its load as a promise, its events routed to the request they belong to. */
export class NativePipeline {
  readonly #native: NativeLlmPipeline;
  readonly #sinks = new Map<number, RequestSink>();
  readonly #loaded: Promise<LoadedEvent>;
  #settleLoad!: { resolve: (event: LoadedEvent) => void; reject: (error: Error) => void };
  #lastId = 0;
  #closing: Promise<void> | undefined;

  /** Begins to load at once, off the JavaScript thread. */
  constructor(options: NativeLoadOptions) {
    this.#loaded = new Promise((resolve, reject) => (this.#settleLoad = { resolve, reject }));
    this.#loaded.catch(() => {});
    this.#native = new (openBinding().core.LlmPipeline)(options, NativePipeline.#weakRoute(this));
    busy.add(this);
  }

  /**
   * The native side holds its callback for as long as it lives, so the callback must not hold the pipeline. It is made
   * here because a closure made in the constructor would share the constructor's `this`.
   */
  static #weakRoute(pipeline: NativePipeline): (events: NativeEvent[]) => void {
    const weak = new WeakRef(pipeline);
    return (events) => {
      const target = weak.deref();
      if (target !== undefined) target.#route(events);
    };
  }

  /** Settles when the model is loaded, or with ERR_MODEL_LOAD or ERR_DEVICE. */
  get loaded(): Promise<LoadedEvent> {
    return this.#loaded;
  }

  /** Tokens that the worker has produced since the load, counted by its own thread. */
  get producedTokens(): number {
    return this.#native.producedTokens();
  }

  /** Queues a request; every event of it goes to `sink`. Returns its id. */
  submit(request: Omit<NativeRequest, "id">, sink: RequestSink): number {
    const id = ++this.#lastId;
    this.#native.submit({ ...request, id });
    this.#sinks.set(id, sink);
    busy.add(this);
    return id;
  }

  cancel(id: number): void {
    this.#native.cancel(id);
  }

  /** Cancels everything, ends the worker's thread and frees the model. Requests in flight fail with ERR_CLOSED. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const sinks = [...this.#sinks.values()];
    this.#sinks.clear();
    const closed = this.#native.close();
    const error = new OpenVinoLlmError(
      "ERR_CLOSED",
      "The pipeline was closed. Load the model again to go on.",
    );
    this.#settleLoad.reject(error);
    for (const sink of sinks) sink.failed(error);
    await closed;
    busy.delete(this);
  }

  #route(events: NativeEvent[]): void {
    for (const event of events) {
      if (event.type === "loaded") this.#settleLoad.resolve(event);
      else if (event.type === "loadFailed") {
        this.#settleLoad.reject(
          nativeError("ERR_MODEL_LOAD", "The model could not be loaded", event.message),
        );
      } else this.#routeToRequest(event);
    }
    if (this.#sinks.size === 0 && this.#closing === undefined) busy.delete(this);
  }

  #routeToRequest(event: Exclude<NativeEvent, { type: "loaded" | "loadFailed" }>): void {
    const sink = this.#sinks.get(event.id);
    if (sink === undefined) return; // closed meanwhile
    if (event.type === "taken") sink.taken(event);
    else if (event.type === "tokens") sink.tokens(event);
    else {
      this.#sinks.delete(event.id);
      if (event.type === "finished") sink.finished(event);
      else sink.failed(requestError(event.code, event.message));
    }
  }
}

function requestError(code: string, message: string): Error {
  if (code === "ERR_NATIVE") return nativeError(code, "The generation failed", message);
  if (code === "ERR_OUT_OF_RANGE") return outOfRange("input", "a prompt of at least one token", 0);
  return new OpenVinoLlmError(code as ErrorCode, message);
}
