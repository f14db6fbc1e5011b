/** From a request's calls to the engine and back: room, length, start, end. */
import type { CallOptions, GenerationInput, GenerationResult, TokenChunk, TokenStream } from "openvino-llm";
import { codeOf } from "openvino-llm/internal";

import { badRequest } from "../errors/api-error.js";
import type { ServedModel } from "../models/served-model.js";
import type { RequestTrace } from "../telemetry/request-trace.js";
import { EventQueue } from "./event-queue.js";

/** One generation that a request asks for. */
export interface EngineCall {
  readonly input: GenerationInput;
  readonly options: CallOptions;
  /** Which of several answers to the same prompt. Default 0. */
  readonly copy?: number;
}

/** How a request's calls are run. */
export interface RunContext {
  readonly signal: AbortSignal;
  /** No prompt has more tokens than the body has bytes, its template aside. */
  readonly bodyBytes: number;
  /** Receives how the calls end. */
  readonly trace: RequestTrace;
}

/** Makes events of one generation. */
export interface AnswerWriter<Event> {
  chunk(chunk: TokenChunk, push: (event: Event) => void): void;
  /** Its last events. */
  end(result: GenerationResult, push: (event: Event) => void): void;
}

/** What a template may write around each message, in bytes: more than those of public models do. */
const TEMPLATE_BYTES = 8192;
/** Tokens that a tokenizer adds to a text without a template, at most. */
const SPECIAL_TOKENS = 16;

/**
 * Answers calls whole.
 *
 * @throws ApiError 429, 400; what the library throws
 */
export async function runWhole(
  model: ServedModel,
  calls: readonly EngineCall[],
  context: RunContext,
): Promise<GenerationResult[]> {
  traceRequested(model, calls, context, false);
  model.admit(calls.length);
  const failed = new AbortController();
  const signal = calls.length === 1 ? context.signal : AbortSignal.any([context.signal, failed.signal]);
  try {
    await refuseTooLong(model, calls, context);
    await model.gather();
    const running = calls.map((call) => {
      const ending = model.llm.generate(call.input, { ...call.options, signal }).catch(mismatchAsText);
      return recorded(model, call, context, ending);
    });
    try {
      return await Promise.all(running);
    } catch (error) {
      failed.abort();
      await Promise.allSettled(running);
      throw error;
    }
  } finally {
    model.release(calls.length);
  }
}

/**
 * Begins calls whose answers are streamed, all into one queue.
 *
 * @param writers - one for each call
 * @param last - makes a last event of all results, or none
 * @throws ApiError 429, 400; what the library throws at once
 */
export async function runStreamed<Event>(
  model: ServedModel,
  calls: readonly EngineCall[],
  writers: readonly AnswerWriter<Event>[],
  context: RunContext,
  last: (results: readonly GenerationResult[]) => Event | null = () => null,
): Promise<EventQueue<Event>> {
  traceRequested(model, calls, context, true);
  model.admit(calls.length);
  const streams: TokenStream[] = [];
  try {
    await refuseTooLong(model, calls, context);
    await model.gather();
    for (const { input, options } of calls) {
      streams.push(model.llm.stream(input, { ...options, signal: context.signal }));
    }
  } catch (error) {
    for (const stream of streams) stream.cancel();
    model.release(calls.length);
    throw error;
  }
  const stop = (): void => {
    for (const stream of streams) stream.cancel();
  };
  const queue = new EventQueue<Event>(stop);
  const push = (event: Event): void => queue.push(event);
  const pumped = streams.map(async (stream, index) => {
    const writer = writers[index] as AnswerWriter<Event>;
    const ending = drain(stream, (chunk) => writer.chunk(chunk, push));
    const result = await recorded(model, calls[index] as EngineCall, context, ending);
    writer.end(result, push);
    return result;
  });
  void finish(pumped, last, queue, stop).finally(() => model.release(calls.length));
  return queue;
}

/** Ends the queue when all are done, or with the first error, which ends the others too. */
async function finish<Event>(
  pumped: readonly Promise<GenerationResult>[],
  last: (results: readonly GenerationResult[]) => Event | null,
  queue: EventQueue<Event>,
  stop: () => void,
): Promise<void> {
  try {
    const event = last(await Promise.all(pumped));
    if (event !== null) queue.push(event);
    queue.end();
  } catch (error) {
    queue.end(error);
    stop();
    await Promise.allSettled(pumped);
  }
}

async function drain(stream: TokenStream, take: (chunk: TokenChunk) => void): Promise<GenerationResult> {
  try {
    for await (const chunk of stream) take(chunk);
    return await stream.result;
  } catch (error) {
    return mismatchAsText(error);
  }
}

function traceRequested(
  { name }: ServedModel,
  calls: readonly EngineCall[],
  { trace }: RunContext,
  isStreamed: boolean,
): void {
  const answers = calls.map(({ options }) => options);
  trace.asked(name, answers, isStreamed);
}

/** Counts and measures how a request ends. */
async function recorded(
  { stats }: ServedModel,
  { copy = 0 }: EngineCall,
  { trace }: RunContext,
  ending: Promise<GenerationResult>,
): Promise<GenerationResult> {
  try {
    const result = await ending;
    stats.record(result);
    trace.answered(result, copy === 0);
    return result;
  } catch (error) {
    const { partial } = error as { partial?: GenerationResult };
    if (partial !== undefined) trace.answered(partial, copy === 0);
    if (codeOf(error) === "ERR_ABORTED" && partial !== undefined) stats.record(partial);
    else stats.recordEnd("error");
    throw error;
  }
}

/** An answer that does not fit its schema is one all the same: its client sees the text and judges. */
function mismatchAsText(error: unknown): GenerationResult {
  if (codeOf(error) === "ERR_SCHEMA_MISMATCH") {
    const { partial } = error as { partial?: GenerationResult };
    if (partial !== undefined) return partial;
  }
  throw error;
}

/**
 * A prompt that leaves no room for the tokens that are asked for is refused, where the engine alone would give fewer. It is
 * only counted where it may be so: tokens are never more than bytes.
 */
async function refuseTooLong(
  { llm }: ServedModel,
  calls: readonly EngineCall[],
  { bodyBytes }: RunContext,
): Promise<void> {
  const { contextLength } = llm.model;
  if (contextLength === null) return;
  const counted = new Map<GenerationInput, number>();
  for (const { input, options } of calls) {
    const wanted = options.maxNewTokens ?? 0;
    const around = options.applyChatTemplate === false ? SPECIAL_TOKENS : TEMPLATE_BYTES;
    if (wanted === 0 || bodyBytes + around + wanted <= contextLength) continue;
    const tokens = counted.get(input) ?? (await promptTokensOf(llm, input, options));
    counted.set(input, tokens);
    if (tokens + wanted <= contextLength) continue;
    throw badRequest(
      `The prompt has ${tokens} tokens and ${wanted} are asked for, but the context of this model holds ${contextLength}. ` +
        "Shorten the prompt or ask for fewer tokens.",
      "max_tokens",
      "context_length_exceeded",
    );
  }
}

function promptTokensOf(
  llm: ServedModel["llm"],
  input: GenerationInput,
  options: CallOptions,
): number | Promise<number> {
  const isGiven = typeof input === "object" && "tokenIds" in input;
  return isGiven ? input.tokenIds.length : llm.countPromptTokens(input, options);
}
