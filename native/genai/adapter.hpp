// LoRA adapters of GenAI. An Adapter is a handle; an AdapterConfig also stands inside Any and std::optional
// in the library, so its store is exact.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "genai/visibility.hpp"
#include "openvino/runtime/tensor.hpp"

namespace ov::genai {

// Copies share one adapter, and that is what makes two of them equal to GenAI.
class OPENVINO_LLM_IMPORTED Adapter {
 public:
  explicit Adapter(const std::filesystem::path& path);
  explicit Adapter(const ov::Tensor& safetensor);

 private:
  std::shared_ptr<void> impl_;
};

struct OPENVINO_LLM_IMPORTED AdapterConfig {
  enum Mode { MODE_AUTO = 0, MODE_DYNAMIC = 1, MODE_STATIC_RANK = 2, MODE_STATIC = 3, MODE_FUSE = 4 };

  explicit AdapterConfig(const std::vector<std::pair<Adapter, float>>& adapters, Mode mode = MODE_AUTO);
  AdapterConfig(const AdapterConfig& other);
  AdapterConfig& operator=(const AdapterConfig&) = delete;
  ~AdapterConfig();

 private:
  alignas(8) std::byte store_[96];
};

static_assert(sizeof(Adapter) == 16);
static_assert(sizeof(AdapterConfig) == 96);
static_assert(sizeof(std::optional<AdapterConfig>) == 104);

}  // namespace ov::genai
