// Converts GenAI's results to plain structs. Worker thread.
#pragma once

#include <optional>
#include <vector>

#include "engine/model_text.hpp"
#include "engine/request.hpp"
#include "genai/genai.hpp"

namespace openvino_llm {

NativePerf perf_of(const ov::genai::PerfMetrics& metrics);
FinishReason reason_of(ov::genai::GenerationFinishReason reason);

// One of several sequences that came whole.
struct WholeSequence {
  const TokenIds& ids;
  std::vector<float> logprobs;  // none where they were not asked for
  float score;
  ov::genai::GenerationFinishReason reason;
};
Choice choice_of(const Request& request, size_t max_new_tokens, const ModelText& model,
                 const WholeSequence& sequence);

// The end of a request whose choices came whole, best first.
FinishedEvent finished_with(std::vector<Choice> choices, bool cancelled, std::optional<NativePerf> perf);

}  // namespace openvino_llm
