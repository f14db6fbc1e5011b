// Speculative decoding of one pipeline: what it is loaded with, and GenAI's count of the draft tokens.
// Worker thread.
#pragma once

#include <optional>
#include <string>

#include "engine/metrics.hpp"
#include "genai/genai.hpp"

namespace openvino_llm {

struct DraftModel {
  std::string path;
  std::string device;
  ov::AnyMap properties;
};

struct Speculation {
  bool any() const { return prompt_lookup || draft; }
  // Adds GenAI's settings to a pipeline's properties. Reads the draft model.
  void add_to(ov::AnyMap& properties) const;

  bool prompt_lookup = false;
  std::optional<DraftModel> draft;
};

// Nothing where no draft model took part.
std::optional<SpeculativeCounts> speculative_counts(const ov::genai::EncodedResults& results);

}  // namespace openvino_llm
