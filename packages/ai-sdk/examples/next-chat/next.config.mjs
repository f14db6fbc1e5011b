export default {
  serverExternalPackages: ["openvino-llm", "openvino-llm-ai-sdk"],
};
