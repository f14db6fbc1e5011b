/** openvino-llm-langchain: LangChain's chat model and embeddings on models that are loaded in this process. */

export { ChatOpenVINO } from "./chat-openvino.js";
export type { ChatOpenVINOFields, ChatOpenVINOInput, ChatOpenVINOLoadOptions } from "./chat-fields.js";
export type {
  ChatOpenVINOCallOptions,
  ChatParams,
  ChatResponseFormat,
  ChatSampling,
  GenerationCallOptions,
} from "./calls/call-options.js";
export type { AnswerObject, OutputSchema } from "./structured/schemas.js";
export { OpenVINOEmbeddings, type OpenVINOEmbeddingsInput } from "./openvino-embeddings.js";
