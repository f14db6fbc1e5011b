import { createWebHandler, type WebHandler } from "../hosts/web-handler.js";
import { servedOf } from "./load-models.js";
import { makeService } from "./make-service.js";
import {
  pageOf,
  type HandlerOptions,
  type LoadedModelToServe,
  type LoadedTextModelToServe,
} from "./server-options.js";

/** Options of {@link createHandler}. */
export interface MountOptions extends HandlerOptions {
  /** What stands before `/v1` in the paths, without a slash at its end: "/api/llm". Default "". */
  readonly basePath?: string | undefined;
  /** Whether `basePath` itself answers with a chat page. Default false: an app has pages of its own. */
  readonly ui?: boolean | undefined;
}

/**
 * The service as a web-standard handler, to mount in a server of your own: a route of Next.js, Hono, Deno, Bun. The models
 * stay yours to close.
 *
 * @throws RangeError for options, and for a name that two models have; TypeError for a `ui` that is no boolean
 */
export function createHandler(
  models: readonly (LoadedModelToServe | LoadedTextModelToServe)[],
  options: MountOptions = {},
): WebHandler {
  const { basePath = "", ui = false } = options;
  const { models: registry, service } = makeService(options, false, pageOf(ui, basePath));
  for (const entry of models) registry.add(servedOf(entry).served);
  service.state = "ready";
  return createWebHandler(service, basePath);
}
