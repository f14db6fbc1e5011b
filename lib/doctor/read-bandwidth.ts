/** How fast the memory can be read here: a decoding step can read a model's weights no faster. */
import { availableParallelism } from "node:os";

import { openBinding } from "../native/binding.js";
import { nativeFailure } from "../native/native-errors.js";
import { OpenVinoLlmError, outOfRange } from "../errors/errors.js";
import { percentile, sortedCopy } from "../generation/percentile.js";
import { freeMemory } from "../host/free-memory.js";
import { lastLevelCacheBytes } from "../host/last-level-cache.js";
import { readText } from "../host/read-text.js";

/** Options of {@link measureReadBandwidth}. */
export interface ReadBandwidthOptions {
  /** Threads that read at the same time, 1 to 1,024. Default: the CPUs that this process may use. */
  readonly threads?: number | undefined;
  /**
   * Bytes of new memory that each pass reads, from 1 MiB. Default: 1 GiB, or four times the third-level caches where that
   * is more; where that is more than half of the free memory, that half.
   */
  readonly bytes?: number | undefined;
  /** How long it is read, in milliseconds: 1 to 60,000, but three passes at least. Default 750. */
  readonly milliseconds?: number | undefined;
}

/** What {@link measureReadBandwidth} found. */
export interface ReadBandwidth {
  /** Threads that read at the same time. */
  readonly threads: number;
  /** Bytes that each pass read. */
  readonly bytes: number;
  /** Passes that were made. */
  readonly passes: number;
  /** Bytes per second of the fastest pass. */
  readonly bestBytesPerSecond: number;
  /** Bytes per second of the median pass. */
  readonly medianBytesPerSecond: number;
}

const MIB = 2 ** 20;
const MAX_THREADS = 1024;
/** Of less, too much stays in the caches between two passes. */
const CACHES = 4;

/**
 * Reads memory on several threads at once, pass after pass, for about a second, off the JavaScript thread. Another load on
 * the machine makes the figures smaller.
 *
 * @throws (by rejection) RangeError naming an option; OpenVinoLlmError `ERR_OUT_OF_MEMORY` where less memory is free,
 * `ERR_OUT_OF_THREADS` where the system gives no more threads
 */
export async function measureReadBandwidth(options: ReadBandwidthOptions = {}): Promise<ReadBandwidth> {
  const { threads = availableParallelism(), milliseconds = 750 } = options;
  checkWhole("options.threads", threads, 1, MAX_THREADS);
  checkWhole("options.milliseconds", milliseconds, 1, 60_000);
  const free = freeMemory();
  const bytes = options.bytes ?? Math.floor(Math.min(enough(), free / 2));
  if (options.bytes !== undefined) checkWhole("options.bytes", bytes, MIB, Number.MAX_SAFE_INTEGER);
  const context = "The read bandwidth could not be measured";
  // Linux promises more than it has, and ends the process that takes it at its word.
  if (bytes > free || bytes < MIB) {
    throw new OpenVinoLlmError(
      "ERR_OUT_OF_MEMORY",
      `${context}: expected ${inMib(Math.max(bytes, MIB))} of free memory but ${inMib(free)} are free. Close other programs, ` +
        "raise this process's limit (the container's memory), or give a smaller `bytes`.",
    );
  }
  const asked = openBinding().core.measureReadBandwidth({ threads, bytes, milliseconds });
  const found = await asked.catch((error: unknown) => {
    throw nativeFailure("ERR_NATIVE", context, error);
  });
  const sorted = sortedCopy(found.bytesPerSecond);
  return {
    threads,
    bytes: found.bytes,
    passes: sorted.length,
    bestBytesPerSecond: percentile(sorted, 100),
    medianBytesPerSecond: percentile(sorted, 50),
  };
}

function enough(): number {
  return Math.max(1024 * MIB, CACHES * lastLevelCacheBytes(readText));
}

/** @throws RangeError naming the option */
export function checkWhole(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw outOfRange(name, `a whole number from ${least} to ${most}`, value);
}

function inMib(bytes: number): string {
  return `${Math.floor(bytes / MIB)} MiB`;
}
