// From what GenAI gives to our plain structs. Worker thread.
#pragma once

#include "engine/engine.hpp"
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

// What a request is told that comes after an engine's end.
CodedError engine_broken();

// Whether what failed leaves GenAI in a state that it must not be used in: without the memory that a kernel
// wanted it ends the process at the next inference, and a request whose thread could not be started stays.
bool ruins_engine(const FailedEvent& failure);

// What the current exception means for the request that it ends.
FailedEvent failure_of_current_exception();

}  // namespace openvino_llm
