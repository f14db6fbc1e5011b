// TextEmbeddingPipeline and TextRerankPipeline of GenAI. Their configuration goes in as an AnyMap, so that it
// needs no layout.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "genai/visibility.hpp"
#include "openvino/core/any.hpp"

namespace ov::genai {

using EmbeddingResults = std::variant<std::vector<std::vector<float>>, std::vector<std::vector<int8_t>>,
                                      std::vector<std::vector<uint8_t>>>;

class OPENVINO_LLM_IMPORTED TextEmbeddingPipeline {
 public:
  // Exactly this type is what `pooling_type` must be in the properties.
  enum class PoolingType { CLS = 0, MEAN = 1, LAST_TOKEN = 2 };

  // Configuration and properties of the device in one map.
  TextEmbeddingPipeline(const std::filesystem::path& models_path, const std::string& device,
                        const ov::AnyMap& properties = {});
  TextEmbeddingPipeline(const TextEmbeddingPipeline&) = delete;
  TextEmbeddingPipeline& operator=(const TextEmbeddingPipeline&) = delete;
  ~TextEmbeddingPipeline();

  // All texts are one batch.
  EmbeddingResults embed_documents(const std::vector<std::string>& texts);

 private:
  alignas(8) std::byte store_[64];  // really at most 24
};

class OPENVINO_LLM_IMPORTED TextRerankPipeline {
 public:
  TextRerankPipeline(const std::filesystem::path& models_path, const std::string& device,
                     const ov::AnyMap& properties = {});
  TextRerankPipeline(const TextRerankPipeline&) = delete;
  TextRerankPipeline& operator=(const TextRerankPipeline&) = delete;
  ~TextRerankPipeline();

  // The `top_n` best of the texts, by index and score. All texts are one batch; three and more may damage the
  // heap (see text_model.cpp), and none gives one result, which means nothing.
  std::vector<std::pair<size_t, float>> rerank(const std::string& query,
                                               const std::vector<std::string>& texts);

 private:
  alignas(8) std::byte store_[64];  // really at most 24
};

}  // namespace ov::genai
