// ContinuousBatchingPipeline of GenAI with its requests' handles. GenerationConfig and the pipeline are
// opaque; what is read by field is laid out as in the pinned binary.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "genai/scheduler_config.hpp"
#include "genai/tokenizer.hpp"
#include "genai/types.hpp"
#include "openvino/core/any.hpp"

namespace ov::genai {

class OPENVINO_LLM_IMPORTED GenerationConfig {
 public:
  GenerationConfig(const GenerationConfig& other);
  ~GenerationConfig();
  void update_generation_config(const ov::AnyMap& properties);

 private:
  alignas(8) std::byte store_[1024];  // really 736
};

enum class GenerationStatus { RUNNING = 0, FINISHED = 1, IGNORED = 2, CANCEL = 3, STOP = 4 };

struct GenerationOutput {
  std::vector<int64_t> generated_ids;
  std::vector<float> generated_log_probs;
  float score = 0;
  GenerationFinishReason finish_reason = GenerationFinishReason::NONE;
  std::vector<ov::Tensor> intermediate_hidden_states;
};

// By sequence: one entry but for beams and several return sequences.
using GenerationOutputs = std::unordered_map<uint64_t, GenerationOutput>;

// Made by the library alone, and held by shared_ptr. Its destructor stops the request.
class OPENVINO_LLM_IMPORTED GenerationHandleImpl {
 public:
  GenerationHandleImpl() = delete;
  GenerationHandleImpl(const GenerationHandleImpl&) = delete;
  GenerationHandleImpl& operator=(const GenerationHandleImpl&) = delete;
  ~GenerationHandleImpl();

  GenerationStatus get_status();
  bool can_read();
  // Blocks while there is nothing to read.
  GenerationOutputs read();
  void stop(GenerationFinishReason finish_reason = GenerationFinishReason::STOP);
  void cancel();
  // Throws until the pipeline has released the request.
  PerfMetrics get_perf_metrics() const;
};

using GenerationHandle = std::shared_ptr<GenerationHandleImpl>;

// Of the last step; shares are percent.
struct PipelineMetrics {
  size_t requests = 0;
  size_t scheduled_requests = 0;
  float cache_usage = 0;
  float max_cache_usage = 0;
  float avg_cache_usage = 0;
  float inference_duration = 0;  // microseconds
  float sampling_duration = 0;
  size_t cache_size_in_bytes = 0;
  size_t& kv_cache_size_in_bytes{cache_size_in_bytes};
  size_t la_peak_pool_blocks = 0;

  PipelineMetrics() = default;
  PipelineMetrics(const PipelineMetrics&) = delete;
  PipelineMetrics& operator=(const PipelineMetrics&) = delete;
};

// One shared_ptr, and that destroys it: the library exports no destructor.
class OPENVINO_LLM_IMPORTED ContinuousBatchingPipeline {
 public:
  ContinuousBatchingPipeline(const std::filesystem::path& models_path,
                             const SchedulerConfig& scheduler_config, const std::string& device,
                             const ov::AnyMap& properties = {}, const ov::AnyMap& tokenizer_properties = {},
                             const ov::AnyMap& vision_encoder_properties = {});
  ContinuousBatchingPipeline(const ContinuousBatchingPipeline&) = delete;
  ContinuousBatchingPipeline& operator=(const ContinuousBatchingPipeline&) = delete;

  Tokenizer get_tokenizer() const;
  GenerationConfig get_config() const;
  PipelineMetrics get_metrics() const;
  // Copies the prompt and the config. `request_id` must not be in use.
  GenerationHandle add_request(uint64_t request_id, const ov::Tensor& input_ids,
                               const GenerationConfig& sampling_params);
  void step();

 private:
  std::shared_ptr<void> impl_;
};

static_assert(sizeof(GenerationOutput) == 80);
static_assert(sizeof(PipelineMetrics) == 64);
static_assert(sizeof(ContinuousBatchingPipeline) == 16);

}  // namespace ov::genai
