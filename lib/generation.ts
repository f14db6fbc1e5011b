import { AbortError, OpenVinoLlmError } from "./errors.js";
import type { NativeChoice, NativeFinished } from "./binding.js";
import type { RequestSink } from "./native-pipeline.js";
import { computeTiming, type TimedStep, type Timing } from "./timing.js";

/**
 * Why a generation ended: an end-of-sequence token, a stop token or a stop string ('stop'), `maxNewTokens` or the end of
 * the context ('length'), or its caller ('abort').
 */
export type FinishReason = "stop" | "length" | "abort";

/** What one engine step gave for one request. All `*Ms` count from the call of `stream()`. */
export interface TokenChunk {
  /** Text that these tokens complete; empty while a symbol or a possible stop string is incomplete. */
  readonly text: string;
  /** Usually one; several where an assisted decoding accepts several at once. */
  readonly tokenIds: readonly number[];
  /** Position of the first of these tokens in the answer, from 0. */
  readonly index: number;
  /** When the engine produced them. */
  readonly producedMs: number;
  /** When they arrived on the JavaScript thread. */
  readonly deliveredMs: number;
  /** Since the tokens before them were produced; for the first: since the call. */
  readonly latencyMs: number;
  /** Natural logarithm of each token's probability. Only with `logprobs: 1`. */
  readonly logprobs?: readonly number[];
}

/** One of several texts for one input: beams or `numReturnSequences`. */
export interface GenerationChoice {
  /** Without special tokens, cut at a stop string. */
  readonly text: string;
  /** Every generated token up to the one that ended it. */
  readonly tokenIds: readonly number[];
  /** Why it ended. */
  readonly finishReason: FinishReason;
  /** As in {@link GenerationResult.stopReason}. */
  readonly stopReason: string | number | null;
  /** The cumulative log-probability that the choices are ranked by. */
  readonly score: number;
  /** As in {@link GenerationResult.logprobs}. */
  readonly logprobs?: readonly number[];
}

/**
 * A finished generation, or what there is of one that was aborted.
 *
 * @typeParam Value - what a response format of type "json" describes; undefined for others
 */
export interface GenerationResult<Value = unknown> {
  /** The answer, without special tokens, cut at a stop string. */
  readonly text: string;
  /** Every generated token, the end-of-sequence or stop token included. */
  readonly tokenIds: readonly number[];
  /** Why it ended. */
  readonly finishReason: FinishReason;
  /** The stop string or the `stopTokenIds` entry that ended it; null for an end-of-sequence token and for other endings. */
  readonly stopReason: string | number | null;
  /**
   * What the text says, where JSON was asked for: checked by the schema, and as the schema's library gives it. Absent
   * where the text was cut, so that it is no whole JSON: by `maxNewTokens` or the context (finishReason 'length'), by an
   * abort ('abort'), or by a stop string (`stopReason`).
   */
  readonly object?: Value;
  /** Tokens counted. */
  readonly usage: Usage;
  /** How long it took. */
  readonly timing: Timing;
  /** Natural logarithm of each token's probability, one for each of `tokenIds`. Only with `logprobs: 1`. */
  readonly logprobs?: readonly number[];
  /** Best first. Only with `numBeams` or `numReturnSequences` above 1; then `text` is the first one's. */
  readonly choices?: readonly GenerationChoice[];
}

/** Tokens of one generation. */
export interface Usage {
  /** Tokens of the prompt with its template; 0 when it was aborted before it was tokenised. */
  readonly promptTokens: number;
  /** Tokens generated, of all choices together. */
  readonly completionTokens: number;
}

/** Hears of a generation as it goes on. `ended` is the last call, with an error where there was one. */
export interface GenerationListener {
  chunk(chunk: TokenChunk): void;
  ended(error: Error | null): void;
}

export interface GenerationSettings {
  /** Monotonic clock at the caller's call. */
  readonly submitMs: number;
  /** The `stopTokenIds` entry that a last token is, or null. */
  readonly stopTokenOf: (lastTokenId: number) => number | null;
  readonly signal: AbortSignal | undefined;
  readonly onAbort: "throw" | "return";
  readonly listener: GenerationListener | undefined;
  /** What makes an object of a whole text, or refuses it. */
  readonly readObject?: ((text: string) => unknown) | null | undefined;
}

/** Milliseconds of the monotonic clock, the one that the addon stamps with. */
export function nowMs(): number {
  const now = process.hrtime();
  return now[0] * 1e3 + now[1] / 1e6;
}

/**
 * One request on the JavaScript side: gathers what the engine says and settles `result` exactly once, by the engine, by
 * the caller or by the signal, whichever comes first. What the engine says afterwards is dropped.
 */
export class Generation implements RequestSink {
  readonly result: Promise<GenerationResult>;
  readonly #settings: GenerationSettings;
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

  constructor(settings: GenerationSettings) {
    this.#settings = settings;
    this.result = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    this.result.catch(() => {}); // who does not look at `result` gets no unhandled rejection
    settings.signal?.addEventListener("abort", this.#onSignal);
    if (settings.signal?.aborted) this.#onSignal();
  }

  /** Whether the outcome is fixed; then there is nothing to submit or to cancel any more. */
  get settled(): boolean {
    return this.#settled;
  }

  /** Says how the engine is told to stop. */
  submitted(cancelNative: () => void): void {
    this.#cancelNative = cancelNative;
  }

  /** The caller wants no more: `result` resolves with what there is. */
  stop(): void {
    if (this.#settled) return;
    this.#cancelNative();
    this.#end(this.#partial());
  }

  taken(takenMs: number, promptTokens: number): void {
    this.#takenMs = takenMs;
    this.#promptTokens = promptTokens;
  }

  tokens(producedMs: number, text: string, tokenIds: number[], logprobs?: number[]): void {
    if (this.#settled) return;
    const { submitMs, listener } = this.#settings;
    const deliveredMs = nowMs();
    const latencyMs = producedMs - (this.#lastProducedMs ?? submitMs);
    const index = this.#tokenIds.length;
    this.#lastProducedMs = producedMs;
    this.#text += text;
    for (let i = 0; i < tokenIds.length; i++) this.#tokenIds.push(tokenIds[i] as number);
    if (logprobs !== undefined) (this.#logprobs ??= []).push(...logprobs);
    this.#steps.push({ producedMs, deliveredMs, tokens: tokenIds.length });
    listener?.chunk({
      text,
      tokenIds,
      index,
      producedMs: producedMs - submitMs,
      deliveredMs: deliveredMs - submitMs,
      latencyMs,
      ...(logprobs === undefined ? undefined : { logprobs }),
    });
  }

  finished(event: NativeFinished): void {
    if (this.#settled) return;
    if (event.choices.length > 0) return this.#finishChoices(event);
    const stopReason = this.#stopReason(event.finishReason, event.stopString, this.#tokenIds);
    const result = this.#build(event.finishReason, stopReason, event);
    const { readObject } = this.#settings;
    const isWhole = event.finishReason === "stop" && typeof stopReason !== "string";
    if (isWhole && readObject) void this.#endWithObject(result, readObject);
    else this.#end(result);
  }

  async #endWithObject(result: GenerationResult, readObject: (text: string) => unknown): Promise<void> {
    try {
      const object = await readObject(result.text);
      if (!this.#settled) this.#end({ ...result, object });
    } catch (error) {
      if (this.#settled) return;
      if (error instanceof OpenVinoLlmError) error.partial = result;
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

  #finishChoices(event: NativeFinished): void {
    const choices = event.choices.map((choice) => this.#choice(choice));
    const [best] = choices;
    if (best === undefined) return;
    this.#text = best.text;
    this.#tokenIds.push(...best.tokenIds);
    if (best.logprobs !== undefined) this.#logprobs = [...best.logprobs];
    const tokens = choices.reduce((sum, choice) => sum + choice.tokenIds.length, 0);
    this.#steps.push({ producedMs: event.finishedMs, deliveredMs: nowMs(), tokens });
    this.#end({ ...this.#build(best.finishReason, best.stopReason, event, tokens), choices });
  }

  #choice({ text, tokenIds, finishReason, stopString, score, logprobs }: NativeChoice): GenerationChoice {
    return {
      text,
      tokenIds,
      finishReason,
      stopReason: this.#stopReason(finishReason, stopString, tokenIds),
      score,
      ...(logprobs.length === 0 ? undefined : { logprobs }),
    };
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
    return this.#build("abort", null, null);
  }

  #build(
    finishReason: FinishReason,
    stopReason: string | number | null,
    event: NativeFinished | null,
    completionTokens = this.#tokenIds.length,
  ): GenerationResult {
    return {
      text: this.#text,
      tokenIds: this.#tokenIds,
      ...(this.#logprobs === undefined ? undefined : { logprobs: this.#logprobs }),
      finishReason,
      stopReason,
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
    this.#settings.signal?.removeEventListener("abort", this.#onSignal);
  }
}
