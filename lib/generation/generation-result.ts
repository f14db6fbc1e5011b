/** Chunks and results of a generation. */
import type { AnswerPart } from "./answer-reader.js";
import type { Timing } from "./timing.js";
import type { InvalidToolCall, ToolCall } from "../tools/tool.js";

/**
 * Why a generation ended: an end-of-sequence token, a stop token or a stop string ('stop'), the same behind tool calls
 * ('tool_calls'), `maxNewTokens` or the end of the context ('length'), or its caller ('abort').
 */
export type FinishReason = "stop" | "length" | "tool_calls" | "abort";

/** What one engine step gave for one request. All `*Ms` count from the call of `stream()`. */
export interface TokenChunk {
  /**
   * Text of the answer that these tokens complete, without reasoning and tool calls where they are looked for; empty while
   * a symbol, a possible stop string or a possible delimiter is incomplete.
   */
  readonly text: string;
  /** Usually one; several where an assisted decoding accepts several at once; none in a last chunk that brings what a parser held back. */
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
  /** What these tokens complete of text, reasoning and tool calls, in order. Only where the answer is read for reasoning or tool calls. */
  readonly parts?: readonly AnswerPart[];
}

/**
 * What one text says.
 *
 * @typeParam Call - the tool calls that may come
 */
export interface ReadAnswer<Call = ToolCall> {
  /** The answer, without special tokens, reasoning and tool calls, cut at a stop string. */
  readonly text: string;
  /** What the model thought before it answered. Only where a parser looks for it: see `reasoningParser`. */
  readonly reasoning?: string;
  /** Tool calls that can be executed, in order; maybe none. Only with tools, and not of an aborted generation. */
  readonly toolCalls?: readonly Call[];
  /** Tool calls that cannot, in order. Only where there are some. */
  readonly invalidToolCalls?: readonly InvalidToolCall[];
}

/**
 * One of several texts for one input: beams or `numReturnSequences`.
 *
 * @typeParam Call - the tool calls that may come
 */
export interface GenerationChoice<Call = ToolCall> extends ReadAnswer<Call> {
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
 * @typeParam Call - the tool calls that may come
 */
export interface GenerationResult<Value = unknown, Call = ToolCall> extends ReadAnswer<Call> {
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
  /** The seed that it was sampled with: given as `rngSeed`, it repeats the text in the same batch. Only where it was sampled. */
  readonly rngSeed?: number;
  /** Tokens counted. */
  readonly usage: Usage;
  /** How long it took. */
  readonly timing: Timing;
  /** Natural logarithm of each token's probability, one for each of `tokenIds`. Only with `logprobs: 1`. */
  readonly logprobs?: readonly number[];
  /** Best first. Only with `numBeams` or `numReturnSequences` above 1; then `text` is the first one's. */
  readonly choices?: readonly GenerationChoice<Call>[];
}

/** Tokens of one generation. */
export interface Usage {
  /** Tokens of the prompt with its template; 0 when it was aborted before it was tokenised. */
  readonly promptTokens: number;
  /** Tokens generated, of all choices together. */
  readonly completionTokens: number;
}
