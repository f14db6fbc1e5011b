// The LoRA adapters of one pipeline: read into memory once, and handed to GenAI with the strength that each
// has in a request. Made, used and destroyed by the engine, on the worker's thread.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "genai/genai.hpp"

namespace openvino_llm {

struct AdapterOptions {
  std::string path;
  float alpha;
};

class Adapters {
 public:
  // Reads the files. Throws what the system or GenAI has against one.
  explicit Adapters(const std::vector<AdapterOptions>& options);

  bool empty() const { return loaded_.empty(); }
  // For a pipeline in which the alphas of the load hold for ever.
  ov::genai::AdapterConfig fixed() const;
  // For a pipeline in which they may change: what it is loaded with, and what a request has. One alpha for
  // each adapter, in the order of the load; 0 for one that takes no part.
  ov::genai::AdapterConfig changeable() { return with_blank(loaded_); }
  ov::genai::AdapterConfig changeable(const std::vector<float>& alphas);

 private:
  using WithAlphas = std::vector<std::pair<ov::genai::Adapter, float>>;
  ov::genai::AdapterConfig with_blank(WithAlphas adapters);

  WithAlphas loaded_;
  ov::genai::Adapter blank_;
  uint32_t changes_ = 0;
};

}  // namespace openvino_llm
