/** Streamed answers as server-sent events. */
import type { ApiError } from "../errors/api-error.js";
import type { StreamAnswer, StreamEvent } from "../protocols/operation.js";

/** What a stream of events is sent with. The last one keeps nginx from holding events back. */
export const EVENT_STREAM_HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache",
  "x-accel-buffering": "no",
} as const;

/** How a stream ended. */
export interface StreamEnd {
  /** What ended it early; null where nothing failed. */
  readonly error: ApiError | null;
  /** Whether its client took all of it. */
  readonly isWhole: boolean;
}

/**
 * The text of a stream, event by event.
 *
 * @param first - its first event, which was waited for so that an error before it has a status
 * @param errorOf - the client's event for an error
 */
export async function* eventStream(
  { events, failed, end }: StreamAnswer,
  first: IteratorResult<StreamEvent, undefined>,
  errorOf: (error: unknown) => ApiError,
  ended: (end: StreamEnd) => void,
): AsyncGenerator<string, void> {
  let failure: ApiError | null = null;
  let isWhole = false;
  try {
    for (let item = first; item.done !== true; item = await events.next()) yield framed(item.value);
    isWhole = true;
  } catch (error) {
    failure = errorOf(error);
    for (const event of failed(failure)) yield framed(event);
  } finally {
    await events.return?.();
    ended({ error: failure, isWhole });
  }
  if (end !== null) yield `data: ${end}\n\n`;
}

function framed({ name, json }: StreamEvent): string {
  return name === undefined ? `data: ${json}\n\n` : `event: ${name}\ndata: ${json}\n\n`;
}
