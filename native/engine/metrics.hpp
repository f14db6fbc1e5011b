// Figures of one request, as GenAI counts them, and of an engine. Plain values that cross threads.
#pragma once

#include <cstddef>

namespace openvino_llm {

// GenAI's own account of one generate(); milliseconds unless the name says otherwise.
struct NativePerf {
  float load_ms, ttft_ms, tpot_ms, inference_per_token_ms, tokens_per_second, generate_ms, inference_ms;
  size_t prompt_tokens, completion_tokens;
  double grammar_ms;  // to compile the grammar; 0 without one
};

// GenAI's count of a draft model's tokens.
struct SpeculativeCounts {
  size_t draft_tokens, accepted_tokens;
};

// An engine's metrics. Counters are since the load.
struct EngineMetrics {
  size_t running = 0, waiting = 0;
  float cache_usage_percent = 0, max_cache_usage_percent = 0;
  size_t cache_size_bytes = 0;
  size_t last_step_sequences = 0;
  double last_step_ms = 0;
  size_t steps = 0, finished = 0, aborted = 0, failed = 0, prompt_tokens = 0, completion_tokens = 0;
  bool healthy = true;  // false: GenAI failed and could not be restored; nothing more can be generated
};

}  // namespace openvino_llm
