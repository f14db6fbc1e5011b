import { constants } from "node:os";

import { AbortError } from "../../errors/errors.js";

/** What asks a process to end, and leaves it the time to do so. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Does work that writes into the cache. Ctrl-C and signals like it abort the work, so that nothing half-made is left; a
 * second one ends the process as usual.
 *
 * @param display ended once when there is no more to show; it may say otherwise what an interruption leaves
 * @returns null after a signal: it is reported, and the exit code is set
 */
export async function untilSignal<Value>(
  work: (signal: AbortSignal) => Promise<Value>,
  display: { end(): void; readonly interrupted?: string } = { end: () => undefined },
): Promise<Value | null> {
  const controller = new AbortController();
  let received: NodeJS.Signals | null = null;
  const abort = (name: NodeJS.Signals): void => {
    received = name;
    stopListening();
    controller.abort();
  };
  const stopListening = (): void => {
    for (const name of SIGNALS) process.removeListener(name, abort);
  };
  for (const name of SIGNALS) process.on(name, abort);
  try {
    return await work(controller.signal);
  } catch (error) {
    if (!(error instanceof AbortError) || received === null) throw error;
    display.end();
    process.stderr.write(`Interrupted; ${display.interrupted ?? "nothing half-made is left"}.\n`);
    process.exitCode = 128 + constants.signals[received];
    return null;
  } finally {
    display.end();
    stopListening();
  }
}
