// A model's graph, compiled and fed by hand: with GenAI's paged cache, or stateful as the file has it. Used
// and destroyed by the thread that made it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "openvino/runtime/core.hpp"

namespace openvino_llm {

// What one inference takes in: as many tokens of each sequence, behind so many that its cache has.
struct Batch {
  size_t sequences, tokens, past;
  size_t size() const { return sequences * tokens; }
};

// The tokens of a sequence whose logits are computed. A stateful graph always computes all.
enum class Sampled { kLast, kAll };

class ModelGraph {
 public:
  explicit ModelGraph(ov::CompiledModel model)
      : model_(std::move(model)), request_(model_.create_infer_request()) {}
  ModelGraph(const ModelGraph&) = delete;
  ModelGraph& operator=(const ModelGraph&) = delete;
  virtual ~ModelGraph() = default;

  // How many of these sequences it can take.
  virtual size_t capacity(size_t sequences, size_t tokens, size_t max_cache_bytes) const = 0;
  // Makes room for that; not to be called again.
  virtual void reserve(size_t sequences, size_t tokens) = 0;
  // `ids`: one for each token.
  virtual void infer(const Batch& batch, const std::vector<int64_t>& ids,
                     Sampled sampled = Sampled::kLast) = 0;
  // The first sequence's cache becomes that of so many sequences, each with room for so many tokens.
  virtual void fork(size_t sequences, size_t tokens) = 0;

  // Of the last inference: f32, f16 or bf16, the vocabulary innermost.
  ov::Tensor logits() { return request_.get_tensor("logits"); }

  const ov::CompiledModel& model() const { return model_; }
  std::vector<ov::ProfilingInfo> profile() const { return request_.get_profiling_info(); }

 protected:
  bool has(const std::string& input) const;
  template <class T>
  void set(const std::string& input, const std::vector<T>& values, const ov::Shape& shape);
  // Throws where the model has an input that is none of these.
  void check_inputs(const std::vector<std::string>& known) const;

  ov::CompiledModel model_;
  ov::InferRequest request_;
};

// What ContinuousBatchingPipeline runs.
class PagedGraph final : public ModelGraph {
 public:
  explicit PagedGraph(ov::CompiledModel model);
  size_t capacity(size_t sequences, size_t tokens, size_t max_cache_bytes) const override;
  void reserve(size_t sequences, size_t tokens) override;
  void infer(const Batch& batch, const std::vector<int64_t>& ids, Sampled sampled) override;
  void fork(size_t sequences, size_t tokens) override;
  std::string cache_precision() const;

 private:
  size_t blocks_of(size_t tokens) const { return (tokens + block_size_ - 1) / block_size_; }

  std::vector<ov::Output<const ov::Node>> caches_;
  size_t block_size_ = 0;   // tokens
  size_t block_bytes_ = 0;  // over all layers
};

// What an LLMPipeline with ATTENTION_BACKEND SDPA runs: the cache is inside the graph, and grows with its
// sequences.
class StatefulGraph final : public ModelGraph {
 public:
  explicit StatefulGraph(ov::CompiledModel model);
  size_t capacity(size_t, size_t, size_t) const override { return 1; }
  void reserve(size_t, size_t) override {}
  void infer(const Batch& batch, const std::vector<int64_t>& ids, Sampled sampled) override;
  void fork(size_t, size_t) override {}  // the next inference takes its caches from beam 0 of the last one
};

// The model in the form that ContinuousBatchingPipeline compiles. Throws where it has an attention that GenAI
// cannot page.
std::shared_ptr<ov::Model> read_paged_model(ov::Core& core, const std::string& xml);

}  // namespace openvino_llm
