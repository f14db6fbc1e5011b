import { onAbort } from "../abort/on-abort.js";
import type { CallOptions } from "../generation/call-options.js";
import type { GenerationResult } from "../generation/generation-result.js";
import type { ChatMessage } from "../prompt/input.js";
import { runToolsWithChunks, type RunToolsOptions } from "../tool-loop/run-tools.js";
import type { ChunkQueue, StreamSource } from "../generation/token-stream.js";
import type { AnyTool } from "../tools/tool.js";
import { assistantMessage } from "../tool-loop/tool-messages.js";
import type { GenerationModel } from "../generation/generation-model.js";
import type { ChatResult } from "./chat-options.js";

/** The prompt of a turn. */
export interface Prompt {
  readonly messages: readonly ChatMessage[];
  /** As in {@link ChatState}. */
  readonly keptFrom: number;
  readonly leftOutMessages: number;
}

/** The model's answer, with the tool calls and results before it. */
export interface Answer {
  /** The last one. */
  readonly result: GenerationResult;
  readonly steps: readonly GenerationResult[];
  /** What is to be added to the history behind the input. */
  readonly messages: readonly ChatMessage[];
}

/** A turn, before the session has made anything of it. */
export interface Outcome extends Answer {
  readonly prompt: Prompt;
  readonly prepareMs: number;
}

/** The options of a turn. */
export interface TurnJob {
  readonly calledMs: number;
  readonly model: GenerationModel;
  readonly options: CallOptions;
  readonly maxSteps: number | undefined;
  readonly signal: AbortSignal | undefined;
  /** Where the chunks go; without it nothing is streamed. */
  readonly queue: ChunkQueue | undefined;
  /** What was asked, for the case that the turn is ended before it begins. */
  readonly added: readonly ChatMessage[];
  /** Waits for the turns before this one, then gives the prompt. */
  readonly prepare: () => Promise<Prompt>;
  /** Puts the answer into the history. */
  readonly finish: (outcome: Outcome) => ChatResult;
}

/** An aborted signal: who generates with it gets the result of a generation that was ended before it began. */
const ENDED: CallOptions = { signal: AbortSignal.abort(), onAbort: "return" };

/** One turn of a chat: waits for the turns before it, runs, and can be stopped at any time. */
export class ChatTurn implements StreamSource<ChatResult> {
  readonly result: Promise<ChatResult>;
  readonly #job: TurnJob;
  #stopAnswer: () => void = () => {};
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
    this.#stopAnswer();
    this.#wake();
    await this.result.catch(() => {});
  }

  async #run(): Promise<ChatResult> {
    const { calledMs, finish, added } = this.#job;
    const prompt = (await this.#prepared()) ?? { messages: added, keptFrom: 0, leftOutMessages: 0 };
    const prepareMs = performance.now() - calledMs;
    return finish({ prompt, prepareMs, ...(await this.#answer(prompt.messages)) });
  }

  /** Undefined where the turn is ended first. */
  async #prepared(): Promise<Prompt | undefined> {
    const { signal, prepare } = this.#job;
    const ended = new Promise<undefined>((resolve) => (this.#wake = () => resolve(undefined)));
    const stopListening = onAbort(signal, () => this.#wake());
    try {
      return signal?.aborted === true ? undefined : await Promise.race([prepare(), ended]);
    } finally {
      stopListening();
    }
  }

  async #answer(messages: readonly ChatMessage[]): Promise<Answer> {
    const { tools = [], toolChoice } = this.#job.options;
    const options = this.#isStopped ? { ...this.#job.options, ...ENDED } : this.#job.options;
    const executes = tools.some(({ execute }) => execute !== undefined) && toolChoice !== "none";
    if (executes) return this.#runTools(messages, { ...options, tools });
    const result = await this.#generate(messages, options);
    return { result, steps: [result], messages: [assistantMessage(result)] };
  }

  async #generate(messages: readonly ChatMessage[], options: CallOptions): Promise<GenerationResult> {
    const { model, queue } = this.#job;
    if (queue === undefined) return model.generate(messages, options);
    const stream = model.stream(messages, options);
    this.#stopAnswer = () => stream.cancel();
    for await (const chunk of stream) queue.chunk(chunk);
    return stream.result;
  }

  #runTools(
    messages: readonly ChatMessage[],
    options: CallOptions & { readonly tools: readonly AnyTool[] },
  ): Promise<Answer> {
    const { model, queue, maxSteps } = this.#job;
    // A response format beside tools is refused by the first step.
    const checked = { ...options, maxSteps } as RunToolsOptions<readonly AnyTool[]>;
    const run = runToolsWithChunks(model, messages, checked, (chunk) => queue?.chunk(chunk));
    this.#stopAnswer = () => void run.return();
    return run.result;
  }
}
