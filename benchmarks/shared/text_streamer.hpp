// GenAI's TextStreamer: the official header where the build found some, else our declaration.
#pragma once

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "genai/genai.hpp"

#if __has_include("openvino/genai/text_streamer.hpp")
#include "openvino/genai/text_streamer.hpp"
#else
namespace ov::genai {

class OPENVINO_LLM_IMPORTED TextStreamer : public StreamerBase {
 public:
  TextStreamer(const Tokenizer& tokenizer,
               std::function<std::variant<bool, StreamingStatus>(std::string)> callback,
               const ov::AnyMap& detokenization_params = {});
  TextStreamer(const TextStreamer&) = delete;
  TextStreamer& operator=(const TextStreamer&) = delete;
  ~TextStreamer() override;
  StreamingStatus write(int64_t token) override;
  StreamingStatus write(const std::vector<int64_t>& tokens) override;
  void end() override;

 private:
  alignas(8) std::byte store_[256];  // really 152
};

}  // namespace ov::genai
#endif
