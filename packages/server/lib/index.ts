/** openvino-llm-server: models of openvino-llm by OpenAI's API, over HTTP or in a server of your own. */

export { createHandler, type MountOptions } from "./server/create-handler.js";
export { LlmServer, type DrainOptions } from "./server/llm-server.js";
export type {
  HandlerOptions,
  LoadedModelToServe,
  ModelToServe,
  ServerOptions,
} from "./server/server-options.js";
export type { WebHandler } from "./hosts/web-handler.js";
export type { ServedModel, ServedModelOptions } from "./models/served-model.js";
export type { ServiceLog } from "./service/service-message.js";
export type { ServiceState } from "./service/health.js";
