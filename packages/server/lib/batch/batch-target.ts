/** Where the requests of a batch are answered. */
import type { BatchAnswer, BatchRequest } from "./batch-request.js";

/** An answer, and when it is worth trying again where it is a refusal. */
export interface TargetAnswer extends BatchAnswer {
  readonly retryAfterMs: number | null;
}

/** A server, or the models of this process. */
export interface BatchTarget {
  /** Requests at once that keep it busy. */
  readonly concurrency: number;
  /**
   * Asks once.
   *
   * @throws (by rejection) AbortError; OpenVinoLlmError ERR_SERVER where nobody answers
   */
  ask(request: BatchRequest, signal: AbortSignal): Promise<TargetAnswer>;
  close(): Promise<void>;
}

/** The time of a Retry-After header; null where there is none that can be read. */
export function retryAfterMs(header: string | undefined): number | null {
  if (header === undefined) return null;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const atMs = Date.parse(header);
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - Date.now());
}
