#include "engine/speculation.hpp"

namespace openvino_llm {

void Speculation::add_to(ov::AnyMap& properties) const {
  if (prompt_lookup) properties["prompt_lookup"] = true;
  if (!draft) return;
  // GenAI gives a draft model without properties all those of the pipeline, its adapters too.
  ov::AnyMap own = draft->properties.empty() ? properties : draft->properties;
  if (own.empty()) own["PERFORMANCE_HINT"] = std::string("LATENCY");  // the default
  properties.insert(ov::genai::draft_model(draft->path, draft->device, own));
}

std::optional<SpeculativeCounts> speculative_counts(const ov::genai::EncodedResults& results) {
  if (!results.extended_perf_metrics) return std::nullopt;
  // Its only type in text generation; the cast is plain because our own declaration has no base class.
  auto* metrics = reinterpret_cast<ov::genai::SDPerModelsPerfMetrics*>(results.extended_perf_metrics.get());
  return SpeculativeCounts{metrics->get_num_draft_tokens(), metrics->get_num_accepted_tokens()};
}

}  // namespace openvino_llm
