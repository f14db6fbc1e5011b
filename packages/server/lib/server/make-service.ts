/** A service of given models, with its watch over them. */
import { createRequire } from "node:module";

import { invalidArgType } from "openvino-llm/internal";

import { ModelRegistry } from "../models/model-registry.js";
import { RequestTracer } from "../telemetry/request-tracer.js";
import { StepWatch } from "../service/health.js";
import { Service } from "../service/service.js";
import type { ServiceLog } from "../service/service-message.js";
import type { ChatPage } from "../ui/chat-page.js";
import { serverNumbers, type HandlerOptions } from "./server-options.js";

/** Version of this package. */
export const VERSION = (createRequire(import.meta.url)("../../package.json") as { version: string }).version;

/** Logs nothing. */
export const SILENT: ServiceLog = { info: () => {}, warn: () => {}, error: () => {} };

const WATCH_INTERVAL_MS = 1000;

/** A service, and how its watch ends. */
export interface MadeService {
  readonly models: ModelRegistry;
  readonly service: Service;
  readonly stopWatch: () => void;
}

/**
 * @param page - the chat page; null for none
 * @throws RangeError for options; TypeError for a `logRequests` that is no boolean
 */
export function makeService(
  options: HandlerOptions,
  onlyLoopbackHosts: boolean,
  page: ChatPage | null,
): MadeService {
  const { maxBodyBytes, hangSeconds } = serverNumbers(options);
  const { logRequests = false } = options;
  if (typeof logRequests !== "boolean") throw invalidArgType("options.logRequests", "a boolean", logRequests);
  const models = new ModelRegistry();
  const watch = new StepWatch(models, hangSeconds);
  const timer = setInterval(() => watch.tick(), WATCH_INTERVAL_MS);
  timer.unref();
  const service = new Service({
    models,
    watch,
    access: {
      apiKeys: options.apiKeys ?? [],
      allowedOrigins: options.allowedOrigins ?? [],
      onlyLoopbackHosts,
    },
    page,
    maxBodyBytes,
    version: VERSION,
    tracer: RequestTracer.load(VERSION),
    log: options.log ?? SILENT,
    logRequests,
  });
  return { models, service, stopWatch: () => clearInterval(timer) };
}
