// Enumerations and plain result structs of GenAI, laid out as in the pinned binary.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "genai/visibility.hpp"
#include "openvino/runtime/tensor.hpp"

namespace ov::genai {

enum class StreamingStatus { RUNNING = 0, STOP = 1, CANCEL = 2, TOOL_CALL_STOP = 3 };
enum class GenerationFinishReason { NONE = 0, STOP = 1, LENGTH = 2, TOOL_CALL = 3 };
enum class StopCriteria { EARLY = 0, HEURISTIC = 1, NEVER = 2 };

using MicroSeconds = std::chrono::duration<float, std::ratio<1, 1000000>>;
using TimePoint = std::chrono::steady_clock::time_point;

struct OPENVINO_LLM_IMPORTED RawPerfMetrics {
  std::vector<MicroSeconds> generate_durations;
  std::vector<MicroSeconds> tokenization_durations;
  std::vector<MicroSeconds> detokenization_durations;
  std::vector<MicroSeconds> chat_template_durations;
  std::vector<MicroSeconds> m_times_to_first_token;
  std::vector<TimePoint> m_new_token_times;
  std::vector<MicroSeconds> m_token_infer_durations;
  std::vector<size_t> m_batch_sizes;
  std::vector<MicroSeconds> m_durations;
  std::vector<MicroSeconds> m_inference_durations;
  std::vector<MicroSeconds> m_grammar_compile_times;
  std::vector<MicroSeconds> m_sampling_durations;
};

struct OPENVINO_LLM_IMPORTED MeanStdPair {
  float mean;
  float std;
};

struct OPENVINO_LLM_IMPORTED SummaryStats {
  float mean;
  float std;
  float min;
  float max;
};

// Means are milliseconds, throughput is tokens per second; the mean of nothing is -1.
struct OPENVINO_LLM_IMPORTED PerfMetrics {
  float load_time;
  MeanStdPair ttft;
  MeanStdPair tpot;
  MeanStdPair ipot;
  MeanStdPair throughput;
  std::map<std::string, float> grammar_compiler_init_times;
  SummaryStats grammar_compile_time;
  MeanStdPair generate_duration;
  MeanStdPair inference_duration;
  MeanStdPair tokenization_duration;
  MeanStdPair detokenization_duration;
  MeanStdPair chat_template_duration;
  MeanStdPair sampling_duration;
  size_t num_generated_tokens;
  size_t num_input_tokens;
  bool m_evaluated;
  virtual void evaluate_statistics(std::optional<TimePoint> start_time);
  virtual ~PerfMetrics() = default;
  RawPerfMetrics raw_metrics;
};

struct ExtendedPerfMetrics;  // only ever held by pointer

class EncodedResults {
 public:
  std::vector<std::vector<int64_t>> tokens;
  std::vector<float> scores;
  std::vector<GenerationFinishReason> finish_reasons;
  PerfMetrics perf_metrics;
  std::shared_ptr<ExtendedPerfMetrics> extended_perf_metrics;
};

struct TokenizedInputs {
  ov::Tensor input_ids;
  ov::Tensor attention_mask;
  std::optional<ov::Tensor> token_type_ids;
};

static_assert(sizeof(RawPerfMetrics) == 288);
static_assert(sizeof(MeanStdPair) == 8);
static_assert(sizeof(SummaryStats) == 16);
static_assert(sizeof(PerfMetrics) == 472);
static_assert(sizeof(EncodedResults) == 560);
static_assert(sizeof(TokenizedInputs) == 104);

}  // namespace ov::genai
