/** What follows when a signal is aborted. */
import { AbortError } from "../errors/errors.js";

/**
 * Each signal has one listener, however many calls it was given to: Node warns of a leak where a signal has more than
 * ten.
 */
const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `listener` when the signal is aborted, at once where it is already; several in the order in which they were given.
 *
 * @returns what takes the listener away again; the signal's own goes with the last one
 */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (signal === undefined || signal.aborted) {
    if (signal !== undefined) listener();
    return () => {};
  }
  const listeners = waiting.get(signal) ?? new Set();
  if (listeners.size === 0) {
    waiting.set(signal, listeners);
    signal.addEventListener("abort", callAll, { once: true });
  }
  listeners.add(listener);
  return () => {
    if (!listeners.delete(listener) || listeners.size > 0) return;
    waiting.delete(signal);
    signal.removeEventListener("abort", callAll);
  };
}

function callAll(this: AbortSignal): void {
  // One that another takes away meanwhile is not called.
  for (const listener of waiting.get(this) ?? []) listener();
  waiting.delete(this);
}

/** @throws AbortError with this message */
export function throwIfAborted(signal: AbortSignal | undefined, message: string): void {
  if (signal?.aborted) throw new AbortError(message, signal.reason, undefined);
}

/** The promise, or AbortError with this message as soon as the signal is aborted. */
export async function untilAborted<Value>(
  promise: Promise<Value>,
  signal: AbortSignal | undefined,
  message: string,
): Promise<Value> {
  let stopListening = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    stopListening = onAbort(signal, () => reject(new AbortError(message, signal?.reason, undefined)));
  });
  try {
    return await Promise.race([aborted, promise]);
  } finally {
    stopListening();
  }
}
