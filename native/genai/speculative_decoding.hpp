// Speculative decoding of GenAI: the property that brings a draft model, and the getters of its figures. No
// layout: the figures are only ever reached through a pointer that the library made.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>

#include "genai/visibility.hpp"
#include "openvino/core/any.hpp"

namespace ov::genai {

// Reads the model and its tokenizer. An empty device and empty properties stand for those of the pipeline.
OPENVINO_LLM_IMPORTED std::pair<std::string, ov::Any> draft_model(const std::filesystem::path& models_path,
                                                                  const std::string& device = {},
                                                                  const ov::AnyMap& properties = {});

// What EncodedResults::extended_perf_metrics points to where a draft model took part.
struct OPENVINO_LLM_IMPORTED SDPerModelsPerfMetrics {
  SDPerModelsPerfMetrics() = delete;
  SDPerModelsPerfMetrics(const SDPerModelsPerfMetrics&) = delete;
  SDPerModelsPerfMetrics& operator=(const SDPerModelsPerfMetrics&) = delete;

  size_t get_num_draft_tokens();
  size_t get_num_accepted_tokens();
};

}  // namespace ov::genai
