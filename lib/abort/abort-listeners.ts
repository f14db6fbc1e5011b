/**
 * Listeners for the abort of a signal, of which each signal has one, however many calls it was given to: Node warns of a
 * leak where a signal has more than ten.
 */
const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/** Calls `listener` when the signal is aborted, in the order in which they were added. One that is aborted already calls none. */
export function addAbortListener(signal: AbortSignal | undefined, listener: () => void): void {
  if (signal === undefined) return;
  const listeners = waiting.get(signal);
  if (listeners !== undefined) {
    listeners.add(listener);
    return;
  }
  waiting.set(signal, new Set([listener]));
  signal.addEventListener("abort", callAll);
}

/** Takes it away again; the signal's own listener goes with the last one. */
export function removeAbortListener(signal: AbortSignal | undefined, listener: () => void): void {
  const listeners = signal === undefined ? undefined : waiting.get(signal);
  if (signal === undefined || listeners === undefined) return;
  listeners.delete(listener);
  if (listeners.size > 0) return;
  waiting.delete(signal);
  signal.removeEventListener("abort", callAll);
}

function callAll(this: AbortSignal): void {
  const listeners = waiting.get(this) ?? new Set();
  // One that another takes away meanwhile is not called.
  for (const listener of listeners) listener();
  waiting.delete(this);
  this.removeEventListener("abort", callAll);
}
