// StreamerBase and LLMPipeline of GenAI.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "genai/tokenizer.hpp"
#include "genai/types.hpp"
#include "openvino/core/any.hpp"

namespace ov::genai {

// The order of the virtual functions is the library's. The destructor is the key function and has its body
// there.
class OPENVINO_LLM_IMPORTED StreamerBase {
 public:
  virtual StreamingStatus write(int64_t token) = 0;
  virtual StreamingStatus write(const std::vector<int64_t>& tokens) {
    for (int64_t token : tokens) {
      StreamingStatus status = write(token);
      if (status != StreamingStatus::RUNNING) return status;
    }
    return StreamingStatus::RUNNING;
  }
  virtual void end() = 0;
  virtual ~StreamerBase();
};

using StreamerVariant =
    std::variant<std::function<StreamingStatus(std::string)>, std::shared_ptr<StreamerBase>, std::monostate>;
using EncodedInputs = std::variant<ov::Tensor, TokenizedInputs>;

OPENVINO_LLM_IMPORTED std::pair<std::string, ov::Any> streamer(StreamerVariant func);

class OPENVINO_LLM_IMPORTED LLMPipeline {
 public:
  LLMPipeline(const std::filesystem::path& models_path, const std::string& device,
              const ov::AnyMap& properties = {});
  LLMPipeline(const LLMPipeline&) = delete;
  LLMPipeline& operator=(const LLMPipeline&) = delete;
  ~LLMPipeline();

  EncodedResults generate(const EncodedInputs& inputs, const ov::AnyMap& config_map);
  Tokenizer get_tokenizer();

 private:
  alignas(8) std::byte store_[64];  // really 40
};

}  // namespace ov::genai
