/** A batch answered by models of this process, through the service that answers over HTTP. */
import { loadToServe } from "../server/load-models.js";
import { makeService } from "../server/make-service.js";
import type { ServerOptions } from "../server/server-options.js";
import type { ServiceLog } from "../service/service-message.js";
import { retryAfterMs, type BatchTarget } from "./batch-target.js";

/** Nothing of a batch is refused because much of it waits. */
const MAX_QUEUE = 1_000_000;
/** Requests beside those that run, so that each that ends is followed by another one at once. */
const AHEAD = 16;

/**
 * Loads the models.
 *
 * @throws (by rejection) what the pipelines' `load()` throws
 */
export async function openLocalTarget(
  models: ServerOptions["models"],
  log: ServiceLog,
  signal: AbortSignal,
): Promise<BatchTarget> {
  const { models: registry, service, stopWatch } = makeService({ log }, false, null);
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    stopWatch();
    await Promise.all(closers.map((end) => end()));
  };
  try {
    for (const entry of models) {
      const loaded = await loadToServe({ ...entry, maxQueue: entry.maxQueue ?? MAX_QUEUE }, signal);
      closers.push(loaded.close);
      registry.add(loaded.served);
    }
  } catch (error) {
    await close();
    throw error;
  }
  service.state = "ready";
  return {
    concurrency: AHEAD + Math.max(1, ...registry.all.map(({ llm }) => llm.schedulerConfig().maxNumSeqs)),
    close,
    ask: async ({ url, body }, asking) => {
      const {
        status,
        headers,
        body: answer,
      } = await service.handle({
        method: "POST",
        path: url,
        header: () => undefined,
        readBody: () => Promise.resolve(Buffer.from(body)),
        signal: asking,
      });
      return {
        status,
        requestId: headers["x-request-id"] ?? "",
        body: JSON.parse(answer as string) as unknown,
        retryAfterMs: retryAfterMs(headers["retry-after"]),
      };
    },
  };
}
