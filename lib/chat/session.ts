import type { CallOptions } from "../generation/call-options.js";
import { invalidArgType, OpenVinoLlmError } from "../errors/errors.js";
import type { ChatMessage } from "../prompt/input.js";
import type { ObjectOf, ResponseFormat } from "../structured/response-format.js";
import { ChunkQueue, TokenStream } from "../generation/token-stream.js";
import type { AnyTool, ToolCall, ToolCallOf } from "../tools/tool.js";
import type { GenerationModel } from "../generation/generation-model.js";
import {
  checkChatOptions,
  checkTemplate,
  checkTurn,
  inputMessages,
  turnOptions,
  type ChatInput,
  type ChatOptions,
  type ChatResult,
  type ChatState,
  type ChatTurnOptions,
} from "./chat-options.js";
import { headLength, keepNewestTurns, keptMessages, type TrimContext, type TrimFunction } from "./trim.js";
import { ChatTurn, type Outcome, type Prompt } from "./turn.js";

/** The chunks of a turn as they come, and its result. */
export type ChatStream<Value = unknown, Call = ToolCall> = TokenStream<Value, Call, ChatResult<Value, Call>>;

/**
 * A conversation: keeps the messages, prompts the model with what fits into its context, and adds the answers.
 *
 * Turns run one after the other, in the order in which they were asked for. What a turn does to the history:
 *
 * - it ends with 'stop', 'length' or 'tool_calls': its input and the answer are added;
 * - it ends with 'abort' (the loop was left, `cancel()`, a signal with `onAbort: "return"`) and there is text: the same,
 *   with the text that there is, and with what tools did before;
 * - it ends with 'abort' before any of that, or it rejects: the history is left as it was.
 *
 * Every turn sends the history again. The key-value cache of the turns before is found again by its prefix: in an
 * `LLMPipeline` without LoRA adapters and speculative decoding, and with `scheduler.enablePrefixCaching` in a
 * `ContinuousBatchingPipeline`.
 *
 * @typeParam Format - the response format of turns that name none
 * @typeParam Tools - the tools of turns that name none
 */
export class ChatSession<
  Format extends ResponseFormat | undefined = undefined,
  Tools extends readonly AnyTool[] | undefined = undefined,
> {
  readonly #model: GenerationModel;
  readonly #trim: "oldest" | "none" | TrimFunction;
  readonly #turns: ChatTurnOptions;
  #state: ChatState;
  /** Settles when every turn that was asked for has ended. Never rejects. */
  #line: Promise<unknown> = Promise.resolve();

  /** @internal */
  constructor(model: GenerationModel, options: ChatOptions) {
    const { state, trim, turns } = checkChatOptions(model, options);
    this.#model = model;
    this.#state = state;
    this.#trim = trim;
    this.#turns = turns;
  }

  /** A copy of the whole history: the system message, and all turns that have ended, those left out of prompts as well. */
  get messages(): ChatMessage[] {
    return structuredClone([...this.#state.messages]);
  }

  /**
   * Sends an input, and gives the answer's tokens as they come. When the loop over them has ended, or was left, the
   * history has the answer.
   *
   * @throws TypeError, RangeError for input and options; OpenVinoLlmError ERR_NO_CHAT_TEMPLATE. Everything else comes by
   *   `next()` and `result`, also where an option does not go with the model.
   */
  stream<
    const TurnFormat extends ResponseFormat | undefined = Format,
    const TurnTools extends readonly AnyTool[] | undefined = Tools,
  >(
    input: ChatInput,
    options: ChatTurnOptions<TurnFormat, TurnTools> = {},
  ): ChatStream<ObjectOf<TurnFormat>, ToolCallOf<TurnTools>> {
    const queue = new ChunkQueue();
    return new TokenStream(this.#ask(input, options, queue), queue);
  }

  /**
   * Sends an input, and resolves with the whole answer.
   *
   * @throws (by rejection) what `generate()` of the pipeline rejects with; the history is then as it was
   */
  async generate<
    const TurnFormat extends ResponseFormat | undefined = Format,
    const TurnTools extends readonly AnyTool[] | undefined = Tools,
  >(
    input: ChatInput,
    options: ChatTurnOptions<TurnFormat, TurnTools> = {},
  ): Promise<ChatResult<ObjectOf<TurnFormat>, ToolCallOf<TurnTools>>> {
    // The schemas that give the types have checked the values.
    return this.#ask(input, options, undefined).result as Promise<
      ChatResult<ObjectOf<TurnFormat>, ToolCallOf<TurnTools>>
    >;
  }

  /** Forgets everything but the system message, after the turns that were asked for before. */
  reset(): Promise<void> {
    const done = this.#forgetAfter(this.#line);
    this.#line = done;
    return done;
  }

  /** A copy of the chat: the same options, and the history of all turns that have ended. */
  copy(): ChatSession<Format, Tools> {
    return new ChatSession(this.#model, { ...this.#turns, ...this.#state, trim: this.#trim });
  }

  /** The chat as plain data, for `JSON.stringify(chat)`; `chat()` goes on with it. */
  toJSON(): ChatState {
    return { messages: this.messages, keptFrom: this.#state.keptFrom };
  }

  async #forgetAfter(turns: Promise<unknown>): Promise<void> {
    await turns;
    const { messages } = this.#state;
    this.#state = { messages: messages.slice(0, headLength(messages)), keptFrom: 0 };
  }

  #ask(input: ChatInput, turn: ChatTurnOptions, queue: ChunkQueue | undefined): ChatTurn {
    const calledMs = performance.now();
    const options = turnOptions(this.#turns, turn);
    const { promptTokens, ...checked } = checkTurn(this.#model, options);
    const added = inputMessages(input, options.extraRoles);
    checkTemplate(this.#model);
    const before = this.#line;
    const asked = new ChatTurn({
      calledMs,
      model: this.#model,
      ...checked,
      queue,
      added,
      prepare: async () => {
        await before;
        return this.#prompt(added, checked.options, promptTokens);
      },
      finish: (outcome) => this.#finish(added, outcome),
    });
    this.#line = Promise.allSettled([before, asked.result]);
    return asked;
  }

  async #prompt(
    added: readonly ChatMessage[],
    options: CallOptions,
    promptTokens: number | null,
  ): Promise<Prompt> {
    const firstNew = this.#state.messages.length;
    const messages = [...this.#state.messages, ...added];
    const whole = { messages, keptFrom: 0, leftOutMessages: 0 };
    if (this.#trim === "none" || promptTokens === null) return whole;
    const countTokens = (some: readonly ChatMessage[]): Promise<number> => this.#count(some, options);
    const context: TrimContext = { messages, firstNew, promptTokens, countTokens };
    if (this.#trim === "oldest") {
      const from = await keepNewestTurns(context, this.#state.keptFrom);
      const kept = keptMessages(messages, from);
      const leftOutMessages = messages.length - kept.length;
      return { messages: kept, keptFrom: leftOutMessages === 0 ? 0 : from, leftOutMessages };
    }
    const chosen: unknown = await this.#trim({ ...context, messages: structuredClone(messages) });
    if (!Array.isArray(chosen))
      throw invalidArgType("the result of options.trim", "an array of chat messages", chosen);
    const leftOutMessages = Math.max(0, messages.length - chosen.length);
    return { messages: chosen, keptFrom: 0, leftOutMessages };
  }

  async #count(messages: readonly ChatMessage[], options: CallOptions): Promise<number> {
    try {
      return await this.#model.countPromptTokens(messages, options);
    } catch (error) {
      if (error instanceof OpenVinoLlmError && error.code === "ERR_PROMPT_TOO_LONG") return Infinity;
      throw error;
    }
  }

  #finish(
    added: readonly ChatMessage[],
    { prompt, result, steps, prepareMs, ...answer }: Outcome,
  ): ChatResult {
    const { leftOutMessages, keptFrom } = prompt;
    const isEmpty = result.finishReason === "abort" && result.text === "";
    const said = isEmpty ? answer.messages.slice(0, -1) : answer.messages;
    const messages = said.length === 0 ? [] : [...added, ...said];
    if (messages.length > 0) this.#state = { messages: [...this.#state.messages, ...messages], keptFrom };
    return { ...result, messages: structuredClone(messages), steps, leftOutMessages, prepareMs };
  }
}
