import { invalidArgType, outOfRange } from "../errors/errors.js";
import { plainObjectEntries, unknownOption } from "../options/option-checks.js";

/** Node's timers hold no longer time. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Options of `close()`. */
export interface CloseOptions {
  /**
   * Let the requests that were accepted finish for up to this many milliseconds, 0 to 2^31 - 1, before they are
   * cancelled. Default 0.
   */
  readonly drainMs?: number | undefined;
}

/** @throws TypeError, RangeError; @returns how long a close may wait for requests, in milliseconds */
export function takeCloseOptions(options: CloseOptions): number {
  for (const [name, value] of plainObjectEntries("options", options)) {
    if (name !== "drainMs") throw unknownOption(`options.${name}`, name, value, { drainMs: 1 });
  }
  const { drainMs = 0 } = options;
  if (typeof drainMs !== "number") throw invalidArgType("options.drainMs", "a number", drainMs);
  if (!(drainMs >= 0 && drainMs <= MAX_TIMER_MS)) {
    throw outOfRange("options.drainMs", `a number from 0 to ${MAX_TIMER_MS}`, drainMs);
  }
  return drainMs;
}
