/** Loads that end for their caller as soon as a signal is aborted. */
import { throwIfAborted, untilAborted } from "./on-abort.js";

const MESSAGE = "The load was aborted.";

/** @throws AbortError */
export function throwIfLoadAborted(signal: AbortSignal | undefined): void {
  throwIfAborted(signal, MESSAGE);
}

/** The promise, or AbortError as soon as the signal is aborted. */
export function untilLoadAborted<Value>(
  promise: Promise<Value>,
  signal: AbortSignal | undefined,
): Promise<Value> {
  return untilAborted(promise, signal, MESSAGE);
}
