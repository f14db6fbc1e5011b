/** Several pieces of work at the same time. */
import { onAbort } from "../../abort/on-abort.js";

/**
 * Does the work for each item, for some of them at the same time. When one fails the others are aborted, and its error is
 * thrown when they have ended.
 */
export async function atOnce<Item>(
  items: readonly Item[],
  most: number,
  signal: AbortSignal | undefined,
  work: (item: Item, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const controller = new AbortController();
  const stopListening = onAbort(signal, () => controller.abort(signal?.reason));
  const waiting = items.values();
  const failures: unknown[] = [];
  const one = async (): Promise<void> => {
    for (const item of waiting) {
      try {
        controller.signal.throwIfAborted();
        await work(item, controller.signal);
      } catch (error) {
        failures.push(error);
        controller.abort(error);
        return;
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(most, items.length) }, one));
  } finally {
    stopListening();
  }
  if (failures.length > 0) throw failures[0];
}
