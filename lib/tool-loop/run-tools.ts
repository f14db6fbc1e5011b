/** The loop of a model and its tools: generate, execute the calls, append their results, until it answers. */
import type { AnswerPart } from "../generation/answer-reader.js";
import type { CallOptions } from "../generation/call-options.js";
import { invalidArgType } from "../errors/errors.js";
import type { GenerationResult, TokenChunk } from "../generation/generation-result.js";
import type { ChatInputMessage, ChatMessage } from "../prompt/input.js";
import { checkOptionValue } from "../options/option-checks.js";
import type { GenerationModel } from "../generation/generation-model.js";
import { ChunkQueue, type ChunkIterator, type TokenStream } from "../generation/token-stream.js";
import type { AnyTool, InvalidToolCall, ToolCall, ToolCallOf, ToolContext } from "../tools/tool.js";
import { assistantMessage, toolMessage } from "./tool-messages.js";

const MAX_STEPS = { min: 1, max: 1000 };

/** What runs the model: any pipeline. */
type Streams = Pick<GenerationModel, "stream">;

/**
 * Options of {@link runTools}: those of a call, and how long it may go on.
 *
 * @typeParam Tools - the tools
 */
export interface RunToolsOptions<Tools extends readonly AnyTool[]> extends CallOptions<undefined, Tools> {
  /** At least one. A run ends at the call of one without `execute`. */
  readonly tools: Tools;
  /** Answers that are generated at most: 1 to 1,000. Default 8. */
  readonly maxSteps?: number | undefined;
}

/** The result of a tool. */
export interface ToolResultPart {
  /** Marks a tool's result. */
  readonly type: "tool-result";
  /** The call's id. */
  readonly id: string;
  /** The tool's name. */
  readonly name: string;
  /** What `execute` gave or threw; of a call that could not be executed, why. */
  readonly output: unknown;
  /** Whether it failed. The model gets the result either way. */
  readonly isError: boolean;
}

/** An answer is over. */
export interface StepEndPart<Call = ToolCall> {
  /** Marks the end of an answer. */
  readonly type: "step-end";
  /** Which, from 0. */
  readonly step: number;
  /** All of it. */
  readonly result: GenerationResult<undefined, Call>;
}

/** The parts of a run, in their order. */
export type ToolRunPart<Call = ToolCall> = AnswerPart | ToolResultPart | StepEndPart<Call>;

/** The result of a run. */
export interface ToolRunResult<Call = ToolCall> {
  /** The last answer. Its finishReason is 'tool_calls' where a tool has no `execute`, or `maxSteps` were done. */
  readonly result: GenerationResult<undefined, Call>;
  /** All answers, the last included. */
  readonly steps: readonly GenerationResult<undefined, Call>[];
  /** What the run adds to the chat: answers and results of tools. Each call is answered, but for those without `execute`. */
  readonly messages: readonly ChatMessage[];
}

/**
 * A run in progress, for one consumer: iterate over what happens, or wait for `result`; it goes on either way. Leaving a
 * `for await` early cancels it. Each part comes once: a second `for await` throws ERR_STREAM_CONSUMED.
 */
export class ToolRun<Call = ToolCall>
  implements AsyncIterable<ToolRunPart<Call>>, AsyncIterator<ToolRunPart<Call>, undefined>
{
  /** Resolves when the run ends. Rejects with the error of a generation, never with that of a tool. */
  readonly result: Promise<ToolRunResult<Call>>;
  readonly #queue: ChunkQueue<ToolRunPart<Call>>;
  readonly #stop: () => void;

  /** @internal */
  constructor(queue: ChunkQueue<ToolRunPart<Call>>, stop: () => void, work: Promise<ToolRunResult<Call>>) {
    this.#queue = queue;
    this.#stop = stop;
    this.result = work;
    // An error reaches both readers, and is no unhandled rejection for want of one.
    work.then(
      () => queue.ended(null),
      (error: unknown) => queue.ended(error as Error),
    );
  }

  /** What happens next; done at the end. Rejects once with the error that ended the run. */
  next(): Promise<IteratorResult<ToolRunPart<Call>, undefined>> {
    return this.#queue.next();
  }

  /** Cancels the run: `result` resolves with what there is, finishReason 'abort'. */
  return(): Promise<IteratorReturnResult<undefined>> {
    this.#stop();
    this.#queue.discard();
    return Promise.resolve({ done: true, value: undefined });
  }

  /**
   * Begins to iterate.
   *
   * @throws {@link OpenVinoLlmError} ERR_STREAM_CONSUMED the second time
   */
  [Symbol.asyncIterator](): ChunkIterator<ToolRunPart<Call>> {
    return this.#queue.iterate(() => this.return());
  }
}

/**
 * Generates, executes the tools that the model calls, all of one answer at the same time, and goes on with their
 * results until it answers without a call. A call that is malformed or does not fit its schema, an unknown tool, and
 * what `execute` throws are passed to the model as results. A `toolChoice` that enforces a call holds for the first
 * answer.
 *
 * @param generator a pipeline
 * @param messages the chat so far, of which the run takes a copy
 * @throws TypeError, RangeError at once for options; the rest as `generate()`, by `result` and `next()`
 */
export function runTools<const Tools extends readonly AnyTool[]>(
  generator: GenerationModel,
  messages: readonly ChatInputMessage[],
  options: RunToolsOptions<Tools>,
): ToolRun<ToolCallOf<Tools>> {
  return runToolsWithChunks(generator, messages, options, () => {});
}

/** The same, and calls `onChunk` with every chunk of every answer. @internal */
export function runToolsWithChunks<const Tools extends readonly AnyTool[]>(
  generator: Streams,
  messages: readonly ChatInputMessage[],
  options: RunToolsOptions<Tools>,
  onChunk: (chunk: TokenChunk) => void,
): ToolRun<ToolCallOf<Tools>> {
  const { maxSteps = 8, ...callOptions } = options;
  checkMaxSteps(maxSteps);
  if (callOptions.tools === undefined) throw invalidArgType("options.tools", "an array of tools", undefined);
  const queue = new ChunkQueue<ToolRunPart>();
  const loop = new Loop(generator, [...messages], callOptions, queue, onChunk);
  const run = new ToolRun(queue, () => loop.stop(), loop.run(maxSteps));
  return run as unknown as ToolRun<ToolCallOf<Tools>>;
}

/** @throws TypeError, RangeError */
export function checkMaxSteps(maxSteps: unknown): void {
  checkOptionValue("options.maxSteps", { kind: "size", range: MAX_STEPS }, maxSteps, null);
}

class Loop {
  readonly #generator: Streams;
  readonly #given: readonly ChatInputMessage[];
  readonly #options: CallOptions<undefined>;
  readonly #queue: ChunkQueue<ToolRunPart>;
  readonly #onChunk: (chunk: TokenChunk) => void;
  readonly #added: ChatMessage[] = [];
  readonly #steps: GenerationResult<undefined>[] = [];
  readonly #stopped = new AbortController();
  #stopStream: () => void = () => {};

  constructor(
    generator: Streams,
    given: readonly ChatInputMessage[],
    options: CallOptions<undefined>,
    queue: ChunkQueue<ToolRunPart>,
    onChunk: (chunk: TokenChunk) => void,
  ) {
    this.#generator = generator;
    this.#given = given;
    this.#options = options;
    this.#queue = queue;
    this.#onChunk = onChunk;
  }

  stop(): void {
    this.#stopped.abort();
    this.#stopStream();
  }

  /** The first answer is begun at once, so that what is wrong with the options is thrown. */
  run(maxSteps: number): Promise<ToolRunResult> {
    const work = this.#goOn(this.#begin(this.#options), maxSteps);
    work.catch(() => {});
    return work;
  }

  async #goOn(first: TokenStream, maxSteps: number): Promise<ToolRunResult> {
    let stream = first;
    for (let step = 0; ; step++) {
      const result = await this.#answer(stream, step);
      const isOver = result.finishReason !== "tool_calls" || this.#stopped.signal.aborted;
      const mayGoOn = !isOver && (await this.#execute(result));
      if (!mayGoOn || step + 1 === maxSteps || this.#stopped.signal.aborted) {
        return { result, steps: this.#steps, messages: this.#added };
      }
      const { toolChoice, ...options } = this.#options;
      stream = this.#begin(toolChoice === "none" ? { ...options, toolChoice } : options);
    }
  }

  #begin(options: CallOptions<undefined>): TokenStream {
    const stream = this.#generator.stream([...this.#given, ...this.#added], options);
    this.#stopStream = () => stream.cancel();
    return stream;
  }

  async #answer(stream: TokenStream, step: number): Promise<GenerationResult<undefined>> {
    for await (const chunk of stream) {
      this.#onChunk(chunk);
      const { text, parts } = chunk;
      if (parts === undefined && text !== "") this.#queue.chunk({ type: "text", text });
      for (const part of parts ?? []) this.#queue.chunk(part);
    }
    const result = (await stream.result) as GenerationResult<undefined>;
    this.#steps.push(result);
    this.#added.push(assistantMessage(result));
    this.#queue.chunk({ type: "step-end", step, result });
    return result;
  }

  /** Answers every call that can be answered; false where one cannot. */
  async #execute({ toolCalls = [], invalidToolCalls = [] }: GenerationResult<undefined>): Promise<boolean> {
    const { tools = [] } = this.#options;
    const calls = [...toolCalls, ...invalidToolCalls].toSorted((a, b) => a.index - b.index);
    const results = await Promise.all(
      calls.map(async (call) => ({ call, result: await this.#call(call, tools) })),
    );
    for (const { call, result } of results) {
      if (result === null) continue;
      this.#queue.chunk({ type: "tool-result", id: call.id, name: call.name, ...result });
      this.#added.push(toolMessage(call, result.isError ? { error: String(result.output) } : result.output));
    }
    return results.every(({ result }) => result !== null);
  }

  /** Null where nobody here can do it. */
  async #call(
    call: ToolCall | InvalidToolCall,
    tools: readonly AnyTool[],
  ): Promise<Pick<ToolResultPart, "output" | "isError"> | null> {
    if ("error" in call) return { output: call.error, isError: true };
    const tool = tools.find(({ name }) => name === call.name);
    const execute = tool?.execute as ((args: unknown, context: ToolContext) => unknown) | undefined;
    if (execute === undefined) return null;
    const { signal } = this.#options;
    const both =
      signal === undefined ? this.#stopped.signal : AbortSignal.any([signal, this.#stopped.signal]);
    try {
      return {
        output: await execute.call(tool, call.arguments, { id: call.id, signal: both }),
        isError: false,
      };
    } catch (error) {
      return { output: error, isError: true };
    }
  }
}
