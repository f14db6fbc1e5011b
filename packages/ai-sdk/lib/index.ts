/** openvino-llm-ai-sdk: the AI SDK with models in the same process. */

export {
  createOpenVINO,
  openvino,
  type OpenVINOLoadSettings,
  type OpenVINOProvider,
  type OpenVINOProviderSettings,
} from "./provider.js";
export { OpenVINOLanguageModel } from "./models/language-model.js";
export { OpenVINOEmbeddingModel } from "./models/embedding-model.js";
export { OpenVINORerankingModel } from "./models/reranking-model.js";
export type { OpenVINOEmbeddingModelOptions, OpenVINOLanguageModelOptions } from "./call/provider-options.js";
export type { OpenVINOMetadata } from "./answer/answer-end.js";
export type { SpecificationVersion } from "./spec/shared.js";
