/** openvino-llm-server: models of openvino-llm by OpenAI's API, over HTTP or in a server of your own. */

export { createHandler, type MountOptions } from "./server/create-handler.js";
export { LlmServer, type DrainOptions } from "./server/llm-server.js";
export type {
  HandlerOptions,
  LoadedModelToServe,
  LoadedTextModelToServe,
  ModelToServe,
  ServerOptions,
  TextModelToServe,
} from "./server/server-options.js";
export type { WebHandler } from "./hosts/web-handler.js";
export type { QueueOptions, ServedModel, ServedModelOptions } from "./models/served-model.js";
export type { ServedTextModel, TextTask } from "./models/served-text-model.js";
export type { AnyServedModel } from "./models/model-registry.js";
export type { ServiceLog } from "./service/service-message.js";
export type { ServiceState } from "./service/health.js";
