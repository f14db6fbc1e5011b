/** Loads that end for their caller as soon as a signal is aborted. */
import { addAbortListener, removeAbortListener } from "./abort-listeners.js";
import { AbortError } from "../errors/errors.js";

/** @throws AbortError */
export function throwIfLoadAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw loadAborted(signal);
}

/** The promise, or AbortError as soon as the signal is aborted. */
export async function untilLoadAborted<Value>(
  promise: Promise<Value>,
  signal: AbortSignal | undefined,
): Promise<Value> {
  if (signal === undefined) return promise;
  throwIfLoadAborted(signal);
  let onAbort!: () => void;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(loadAborted(signal));
    addAbortListener(signal, onAbort);
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    removeAbortListener(signal, onAbort);
  }
}

function loadAborted(signal: AbortSignal): AbortError<undefined> {
  return new AbortError("The load was aborted.", signal.reason, undefined);
}
