import type { CallOptions } from "../call-options.js";
import { nowMs } from "../generation.js";
import type { GenerationResult } from "../generation-result.js";
import type { ChatMessage } from "../input.js";
import type { ChunkQueue, StreamSource, TokenStream } from "../token-stream.js";
import type { ChatModel } from "./chat-model.js";
import type { ChatResult } from "./options.js";

/** What the model is sent in a turn. */
export interface Prompt {
  readonly messages: readonly ChatMessage[];
  /** As in {@link ChatState}. */
  readonly keptFrom: number;
  readonly leftOutMessages: number;
}

/** A turn's answer, before the session has made anything of it. */
export interface Answer {
  readonly prompt: Prompt;
  readonly result: GenerationResult;
  readonly prepareMs: number;
}

/** What a turn is told. */
export interface TurnJob {
  readonly calledMs: number;
  readonly model: ChatModel;
  readonly options: CallOptions;
  readonly signal: AbortSignal | undefined;
  /** Where the chunks go; without it nothing is streamed. */
  readonly queue: ChunkQueue | undefined;
  /** What was asked, for the case that the turn is ended before it begins. */
  readonly added: readonly ChatMessage[];
  /** Waits for the turns before this one, then says what the model is sent. */
  readonly prepare: () => Promise<Prompt>;
  /** Puts the answer into the history. */
  readonly finish: (answer: Answer) => ChatResult;
}

/** An aborted signal: who generates with it gets the result of a generation that was ended before it began. */
const ENDED: CallOptions = { signal: AbortSignal.abort(), onAbort: "return" };

/** One turn of a chat: waits for its place, runs, and can be stopped all the while. */
export class ChatTurn implements StreamSource<ChatResult> {
  readonly result: Promise<ChatResult>;
  readonly #job: TurnJob;
  #running: TokenStream | undefined;
  #isStopped = false;
  #wake: () => void = () => {};

  constructor(job: TurnJob) {
    this.#job = job;
    this.result = this.#run();
    this.result.then(
      () => job.queue?.ended(null),
      (error: Error) => job.queue?.ended(error), // who does not look at `result` gets no unhandled rejection
    );
  }

  /** The caller wants no more. Resolves when the history has what there is. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#running?.cancel();
    this.#wake();
    await this.result.catch(() => {});
  }

  async #run(): Promise<ChatResult> {
    const { calledMs, finish, added } = this.#job;
    const prompt = (await this.#prepared()) ?? { messages: added, keptFrom: 0, leftOutMessages: 0 };
    const prepareMs = nowMs() - calledMs;
    return finish({ prompt, result: await this.#answer(prompt.messages), prepareMs });
  }

  /** Undefined where the turn is ended first. */
  async #prepared(): Promise<Prompt | undefined> {
    const { signal, prepare } = this.#job;
    const ended = new Promise<undefined>((resolve) => (this.#wake = () => resolve(undefined)));
    const onAbort = (): void => this.#wake();
    signal?.addEventListener("abort", onAbort);
    try {
      return signal?.aborted === true ? undefined : await Promise.race([prepare(), ended]);
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  async #answer(messages: readonly ChatMessage[]): Promise<GenerationResult> {
    const { model, options, queue } = this.#job;
    const used = this.#isStopped ? { ...options, ...ENDED } : options;
    if (queue === undefined) return model.generate(messages, used);
    const stream = model.stream(messages, used);
    this.#running = stream;
    for await (const chunk of stream) queue.chunk(chunk);
    return stream.result;
  }
}
