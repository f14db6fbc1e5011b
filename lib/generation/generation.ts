import { onAbort } from "../abort/on-abort.js";
import type { AnswerReader } from "./answer-reader.js";
import { AbortError, OpenVinoLlmError } from "../errors/errors.js";
import type { NativeChoice, NativeFinished } from "../native/binding.js";
import type {
  FinishReason,
  GenerationChoice,
  GenerationResult,
  ReadAnswer,
  TokenChunk,
} from "./generation-result.js";
import type { RequestSink } from "../native/native-pipeline.js";
import { computeTiming, type TimedStep } from "./timing.js";

/** Receives a generation's events as it goes on. `ended` is the last call, with an error where there was one. */
export interface GenerationListener {
  chunk(chunk: TokenChunk): void;
  ended(error: Error | null): void;
}

export interface GenerationSettings {
  /** The addon's clock at the caller's call. */
  readonly submitMs: number;
  /** The addon's clock, in milliseconds: timestamps taken here are compared with the engine's. */
  readonly nowMs: () => number;
  /** The `stopTokenIds` entry that a last token is, or null. */
  readonly stopTokenOf: (lastTokenId: number) => number | null;
  /** What the answer is sampled with; undefined where it is not sampled. */
  readonly rngSeed?: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onAbort: "throw" | "return";
  readonly listener: GenerationListener | undefined;
  /** What makes an object of a whole text, or refuses it. */
  readonly readObject?: ((text: string) => unknown) | null | undefined;
  /** Parses reasoning and tool calls out of the text, one for each text; default none. */
  readonly newReader?: (() => AnswerReader) | undefined;
}

/**
 * One request on the JavaScript side: gathers what the engine says and settles `result` exactly once, by the engine, by
 * the caller or by the signal, whichever comes first. What the engine says afterwards is dropped.
 */
export class Generation implements RequestSink {
  readonly result: Promise<GenerationResult>;
  readonly #settings: GenerationSettings;
  readonly #reader: AnswerReader | undefined;
  #settle!: { resolve: (result: GenerationResult) => void; reject: (error: Error) => void };
  #cancelNative: () => void = () => {};
  #settled = false;

  #text = "";
  readonly #tokenIds: number[] = [];
  #logprobs: number[] | undefined;
  readonly #steps: TimedStep[] = [];
  #lastProducedMs: number | undefined;
  #takenMs: number | null = null;
  #promptTokens = 0;
  #promptEnd: string | undefined;
  #stopListening: () => void = () => {};

  constructor(settings: GenerationSettings) {
    this.#settings = settings;
    this.#reader = settings.newReader?.();
    this.result = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    this.result.catch(() => {}); // who does not look at `result` gets no unhandled rejection
    this.#stopListening = onAbort(settings.signal, this.#onSignal);
  }

  /** Whether the outcome is fixed; then there is nothing to submit or to cancel any more. */
  get settled(): boolean {
    return this.#settled;
  }

  /** @param cancelNative stops the engine; tokens that wait may come first, and the end with them */
  submitted(cancelNative: () => void): void {
    this.#cancelNative = cancelNative;
  }

  /** The caller wants no more: `result` resolves with what there is. */
  stop(): void {
    if (this.#settled) return;
    this.#cancelNative();
    if (!this.#settled) this.#end(this.#partial());
  }

  taken(takenMs: number, promptTokens: number, promptEnd?: string): void {
    this.#takenMs = takenMs;
    this.#promptTokens = promptTokens;
    this.#promptEnd = promptEnd;
    this.#reader?.begin(promptEnd);
  }

  tokens(producedMs: number, text: string, tokenIds: number[], logprobs?: number[]): void {
    if (this.#settled) return;
    const { submitMs, listener } = this.#settings;
    const deliveredMs = this.#settings.nowMs();
    const latencyMs = producedMs - (this.#lastProducedMs ?? submitMs);
    const index = this.#tokenIds.length;
    const piece = this.#reader?.push(text);
    const ownText = piece === undefined ? text : piece.text;
    this.#lastProducedMs = producedMs;
    this.#text += ownText;
    for (let i = 0; i < tokenIds.length; i++) this.#tokenIds.push(tokenIds[i] as number);
    if (logprobs !== undefined) (this.#logprobs ??= []).push(...logprobs);
    this.#steps.push({ producedMs, deliveredMs, tokens: tokenIds.length });
    listener?.chunk({
      text: ownText,
      tokenIds,
      index,
      producedMs: producedMs - submitMs,
      deliveredMs: deliveredMs - submitMs,
      latencyMs,
      ...(logprobs === undefined ? undefined : { logprobs }),
      ...(piece === undefined ? undefined : { parts: piece.parts }),
    });
  }

  finished(event: NativeFinished): void {
    if (this.#settled) return;
    if (event.choices.length > 0) return void this.#endLater(this.#finishChoices(event));
    this.#finishReading();
    const stopReason = this.#stopReason(event.finishReason, event.stopString, this.#tokenIds);
    const result = this.#build(event.finishReason, stopReason, event);
    const { readObject } = this.#settings;
    const isWhole = event.finishReason === "stop" && typeof stopReason !== "string";
    if (isWhole && readObject) void this.#endLater(withObject(result, readObject), result);
    else if (this.#reader === undefined) this.#end(result);
    else void this.#endLater(withCalls(result, this.#reader), result);
  }

  /** What the parser held back comes as a chunk of its own: the tokens came before. */
  #finishReading(): void {
    const rest = this.#reader?.finish();
    if (rest === undefined || rest.parts.length === 0) return;
    this.#text += rest.text;
    const { submitMs, nowMs, listener } = this.#settings;
    listener?.chunk({
      ...rest,
      tokenIds: [],
      index: this.#tokenIds.length,
      producedMs: (this.#lastProducedMs ?? submitMs) - submitMs,
      deliveredMs: nowMs() - submitMs,
      latencyMs: 0,
    });
  }

  async #endLater(outcome: Promise<GenerationResult>, partial?: GenerationResult): Promise<void> {
    try {
      const result = await outcome;
      if (!this.#settled) this.#end(result);
    } catch (error) {
      if (this.#settled) return;
      if (error instanceof OpenVinoLlmError) error.partial = partial;
      this.#fail(error as Error);
    }
  }

  failed(error: Error): void {
    if (this.#settled) return;
    if (error instanceof OpenVinoLlmError) error.partial = this.#partial();
    this.#fail(error);
  }

  readonly #onSignal = (): void => {
    if (this.#settled) return;
    this.#cancelNative();
    if (this.#settled) return;
    const partial = this.#partial();
    if (this.#settings.onAbort === "return") return this.#end(partial);
    this.#fail(
      new AbortError(
        `The generation was aborted after ${partial.usage.completionTokens} tokens.`,
        this.#settings.signal?.reason,
        partial,
      ),
    );
  };

  async #finishChoices(event: NativeFinished): Promise<GenerationResult> {
    const tokens = event.choices.reduce((sum, choice) => sum + choice.tokenIds.length, 0);
    this.#steps.push({ producedMs: event.finishedMs, deliveredMs: this.#settings.nowMs(), tokens });
    const choices = await Promise.all(event.choices.map((choice) => this.#choice(choice)));
    const [best] = choices as [GenerationChoice, ...GenerationChoice[]];
    const { score: _, ...answer } = best;
    const built = this.#build(best.finishReason, best.stopReason, event, tokens);
    return { ...built, ...answer, choices };
  }

  async #choice(native: NativeChoice): Promise<GenerationChoice> {
    const { tokenIds, finishReason, stopString, score, logprobs } = native;
    const reader = this.#settings.newReader?.();
    reader?.begin(this.#promptEnd);
    const text = reader === undefined ? native.text : reader.push(native.text).text + reader.finish().text;
    const choice = {
      text,
      ...(reader?.reasoning === undefined ? undefined : { reasoning: reader.reasoning }),
      tokenIds,
      finishReason,
      stopReason: this.#stopReason(finishReason, stopString, tokenIds),
      score,
      ...(logprobs.length === 0 ? undefined : { logprobs }),
    };
    return reader === undefined ? choice : withCalls(choice, reader);
  }

  #stopReason(
    reason: FinishReason,
    stopString: string | null,
    ids: readonly number[],
  ): string | number | null {
    if (stopString !== null) return stopString;
    const last = ids.at(-1);
    return reason === "stop" && last !== undefined ? this.#settings.stopTokenOf(last) : null;
  }

  #partial(): GenerationResult {
    this.#text += this.#reader?.finish().text ?? "";
    return this.#build("abort", null, null);
  }

  #build(
    finishReason: FinishReason,
    stopReason: string | number | null,
    event: NativeFinished | null,
    completionTokens = this.#tokenIds.length,
  ): GenerationResult {
    const reasoning = this.#reader?.reasoning;
    const { rngSeed } = this.#settings;
    return {
      text: this.#text,
      ...(reasoning === undefined ? undefined : { reasoning }),
      tokenIds: this.#tokenIds,
      ...(this.#logprobs === undefined ? undefined : { logprobs: this.#logprobs }),
      finishReason,
      stopReason,
      ...(rngSeed === undefined ? undefined : { rngSeed }),
      usage: { promptTokens: this.#promptTokens, completionTokens },
      timing: computeTiming({
        submitMs: this.#settings.submitMs,
        takenMs: this.#takenMs,
        steps: this.#steps,
        native: event?.perf ?? null,
        speculative: event?.speculative ?? null,
        grammarMs: event?.grammarMs ?? null,
      }),
    };
  }

  #end(result: GenerationResult): void {
    this.#close();
    this.#settle.resolve(result);
    this.#settings.listener?.ended(null);
  }

  #fail(error: Error): void {
    this.#close();
    this.#settle.reject(error);
    this.#settings.listener?.ended(error);
  }

  #close(): void {
    this.#settled = true;
    this.#stopListening();
  }
}

async function withObject(
  result: GenerationResult,
  readObject: (text: string) => unknown,
): Promise<GenerationResult> {
  return { ...result, object: await readObject(result.text) };
}

/** The same with its tool calls. */
async function withCalls<Answer extends ReadAnswer & { readonly finishReason: FinishReason }>(
  answer: Answer,
  reader: AnswerReader,
): Promise<Answer> {
  if (!reader.looksForCalls) return answer;
  const { toolCalls, invalidToolCalls } = await reader.judge();
  const hasCalled = toolCalls.length + invalidToolCalls.length > 0;
  const finishReason = hasCalled && answer.finishReason === "stop" ? "tool_calls" : answer.finishReason;
  const invalid = invalidToolCalls.length === 0 ? undefined : { invalidToolCalls };
  return { ...answer, finishReason, toolCalls, ...invalid };
}
