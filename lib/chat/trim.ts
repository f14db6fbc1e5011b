/** Truncates a long history, so that the context has room for the answer. */
import type { ChatMessage } from "../prompt/input.js";

/** The arguments of a {@link TrimFunction}. */
export interface TrimContext {
  /** The whole history with the new messages at its end. */
  readonly messages: readonly ChatMessage[];
  /** Where the new messages begin in it. */
  readonly firstNew: number;
  /**
   * Tokens that the prompt may have, so that the answer has its room: what the context (or `maxLength`) leaves beside
   * `maxNewTokens`, which counts up to half of it, or beside a quarter where there is none.
   */
  readonly promptTokens: number;
  /** Tokens of a prompt with these messages. Infinity where the tokenizer itself refuses it as too long. */
  readonly countTokens: (messages: readonly ChatMessage[]) => Promise<number>;
}

/** Chooses the messages of the prompt. The history keeps all of them whatever it chooses. */
export type TrimFunction = (context: TrimContext) => readonly ChatMessage[] | Promise<readonly ChatMessage[]>;

/** The answer's share of the context where nobody says how long it may be. */
const DEFAULT_ANSWER_SHARE = 4;

/** Tokens that a prompt may have beside its answer, where both together may have `totalTokens`. */
export function promptRoom(totalTokens: number, maxNewTokens: number | null): number {
  const wanted = maxNewTokens ?? Math.ceil(totalTokens / DEFAULT_ANSWER_SHARE);
  return totalTokens - Math.min(wanted, Math.floor(totalTokens / 2));
}

/** How many messages at the beginning are the system's and are never left out. */
export function headLength(messages: readonly ChatMessage[]): number {
  const first = messages.findIndex(({ role }) => role !== "system" && role !== "developer");
  return first === -1 ? messages.length : first;
}

/** The beginning that is never left out, and everything from `from` on. */
export function keptMessages(messages: readonly ChatMessage[], from: number): readonly ChatMessage[] {
  const head = headLength(messages);
  return from <= head ? messages : [...messages.slice(0, head), ...messages.slice(from)];
}

/**
 * The first message of the history that goes into the prompt, beside its beginning. Whole turns go, the oldest first: a
 * user's message with everything up to the next one. They go in bulk, until half of the prompt's room is free, so that
 * the next turns begin with the same tokens and find them in the prefix cache. The new messages stay however long they
 * are.
 *
 * @param keptFrom the answer of the turn before
 */
export async function keepNewestTurns(context: TrimContext, keptFrom: number): Promise<number> {
  const { messages, firstNew, promptTokens } = context;
  const fits = async (from: number, tokens: number): Promise<boolean> =>
    (await context.countTokens(keptMessages(messages, from))) <= tokens;

  const starts = turnStarts(messages, firstNew);
  const now = starts.findIndex((start) => start >= keptFrom);
  let first = now === -1 ? starts.length - 1 : now;
  if (first === starts.length - 1 || (await fits(starts[first] ?? 0, promptTokens)))
    return starts[first] ?? 0;

  first++;
  for (let last = starts.length - 1; first < last;) {
    const middle = Math.floor((first + last) / 2);
    if (await fits(starts[middle] ?? 0, promptTokens / 2)) last = middle;
    else first = middle + 1;
  }
  return starts[first] ?? 0;
}

/** Where the history may begin: after its head, and at each user's message up to the new ones. */
function turnStarts(messages: readonly ChatMessage[], firstNew: number): number[] {
  const head = headLength(messages);
  const turns = messages.flatMap(({ role }, index) =>
    role === "user" && index > head && index <= firstNew ? [index] : [],
  );
  return [head, ...turns];
}
