#include "probe/model_graph.hpp"

#include <algorithm>
#include <cstring>

#include "genai/genai.hpp"

namespace ov::genai {

// Exported, and in no header: what ContinuousBatchingPipeline makes of a model before it is compiled.
void prepare_model_for_paged_attention(const std::shared_ptr<ov::Model>& model,
                                       const SchedulerConfig& scheduler_config);

}  // namespace ov::genai

namespace openvino_llm {
namespace {

bool begins_with(const std::string& text, const std::string& prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

bool is_cache(const ov::Output<const ov::Node>& input) {
  const auto& names = input.get_names();
  return std::any_of(names.begin(), names.end(), [](const std::string& name) {
    return begins_with(name, "key_cache.") || begins_with(name, "value_cache.");
  });
}

// The positions of each sequence's tokens, one sequence after the other.
std::vector<int64_t> positions_of(const Batch& batch) {
  std::vector<int64_t> positions(batch.size());
  for (size_t i = 0; i < positions.size(); ++i) {
    positions[i] = static_cast<int64_t>(batch.past + i % batch.tokens);
  }
  return positions;
}

}  // namespace

bool ModelGraph::has(const std::string& input) const {
  const auto& inputs = model_.inputs();
  return std::any_of(inputs.begin(), inputs.end(),
                     [&](const auto& one) { return one.get_names().count(input) != 0; });
}

template <class T>
void ModelGraph::set(const std::string& input, const std::vector<T>& values, const ov::Shape& shape) {
  if (!has(input)) return;
  ov::Tensor tensor(ov::element::from<T>(), shape);
  std::copy(values.begin(), values.end(), tensor.data<T>());
  request_.set_tensor(input, tensor);
}

void ModelGraph::check_inputs(const std::vector<std::string>& known) const {
  for (const auto& input : model_.inputs()) {
    const auto& names = input.get_names();
    const bool is_known = is_cache(input) || std::any_of(known.begin(), known.end(), [&](const auto& name) {
                            return names.count(name) != 0;
                          });
    OPENVINO_ASSERT(is_known, "The model has an input that is not known: ", input.get_any_name());
  }
}

PagedGraph::PagedGraph(ov::CompiledModel model) : ModelGraph(std::move(model)) {
  check_inputs({"input_ids", "position_ids", "token_type_ids", "past_lens", "subsequence_begins",
                "block_indices", "block_indices_begins", "max_context_len", "score_aggregation_window",
                "sampled_tokens_indices"});
  for (const auto& input : model_.inputs()) {
    if (!is_cache(input)) continue;
    ov::PartialShape shape = input.get_partial_shape();
    shape[0] = 1;
    // Rounded up, for types smaller than a byte.
    block_bytes_ += (ov::shape_size(shape.get_shape()) * input.get_element_type().bitwidth() + 7) / 8;
    if (begins_with(input.get_any_name(), "value_cache."))
      block_size_ = static_cast<size_t>(shape[2].get_length());
    caches_.push_back(input);
  }
  OPENVINO_ASSERT(block_size_ > 0, "The model has no paged key-value cache.");
}

size_t PagedGraph::capacity(size_t sequences, size_t tokens, size_t max_cache_bytes) const {
  return std::clamp<size_t>(max_cache_bytes / (blocks_of(tokens) * block_bytes_), 1, sequences);
}

void PagedGraph::reserve(size_t sequences, size_t tokens) {
  for (const auto& input : caches_) {
    ov::PartialShape shape = input.get_partial_shape();
    shape[0] = static_cast<int64_t>(sequences * blocks_of(tokens));
    ov::Tensor cache(input.get_element_type(), shape.get_shape());
    std::memset(cache.data(), 0, cache.get_byte_size());
    request_.set_tensor(input, cache);
  }
}

void PagedGraph::infer(const Batch& batch, const std::vector<int64_t>& ids, Sampled sampled) {
  const auto [sequences, tokens, past] = batch;
  const size_t blocks = blocks_of(past + tokens);
  std::vector<int32_t> begins{0}, block_begins{0}, block_indices;
  std::vector<int64_t> sampled_tokens;
  for (size_t i = 1; i <= sequences; ++i) {
    begins.push_back(static_cast<int32_t>(i * tokens));
    block_begins.push_back(static_cast<int32_t>(i * blocks));
    const size_t first = sampled == Sampled::kAll ? (i - 1) * tokens : i * tokens - 1;
    for (size_t k = first; k < i * tokens; ++k) sampled_tokens.push_back(static_cast<int64_t>(k));
  }
  for (size_t i = 0; i < sequences * blocks; ++i) block_indices.push_back(static_cast<int32_t>(i));
  const size_t size = batch.size();
  set<int64_t>("input_ids", ids, {size});
  set<int64_t>("position_ids", positions_of(batch), {size});
  set<int64_t>("token_type_ids", std::vector<int64_t>(size), {size, 1});
  set<int32_t>("past_lens", std::vector<int32_t>(sequences, static_cast<int32_t>(past)), {sequences});
  set<int32_t>("subsequence_begins", begins, {sequences + 1});
  set<int32_t>("block_indices", block_indices, {block_indices.size()});
  set<int32_t>("block_indices_begins", block_begins, {sequences + 1});
  set<int32_t>("max_context_len", {static_cast<int32_t>(past + tokens)}, {});
  set<int32_t>("score_aggregation_window", std::vector<int32_t>(sequences, 1), {sequences});
  set<int64_t>("sampled_tokens_indices", sampled_tokens, {sampled_tokens.size()});
  request_.infer();
}

void PagedGraph::fork(size_t sequences, size_t tokens) {
  for (const auto& input : caches_) {
    ov::Tensor cache = request_.get_tensor(input);
    const size_t size = cache.get_byte_size() / cache.get_shape()[0] * blocks_of(tokens);
    auto* first = static_cast<char*>(cache.data());
    for (size_t i = 1; i < sequences; ++i) std::memcpy(first + i * size, first, size);
  }
}

std::string PagedGraph::cache_precision() const { return caches_.front().get_element_type().get_type_name(); }

StatefulGraph::StatefulGraph(ov::CompiledModel model) : ModelGraph(std::move(model)) {
  check_inputs({"input_ids", "attention_mask", "position_ids", "token_type_ids", "beam_idx"});
}

void StatefulGraph::infer(const Batch& batch, const std::vector<int64_t>& ids, Sampled) {
  const auto [sequences, tokens, past] = batch;
  if (past == 0) request_.reset_state();
  set<int64_t>("input_ids", ids, {sequences, tokens});
  set<int64_t>("attention_mask", std::vector<int64_t>(sequences * (past + tokens), 1),
               {sequences, past + tokens});
  set<int64_t>("position_ids", positions_of(batch), {sequences, tokens});
  set<int64_t>("token_type_ids", std::vector<int64_t>(batch.size()), {sequences, tokens});
  set<int32_t>("beam_idx", std::vector<int32_t>(sequences), {sequences});
  request_.infer();
}

std::shared_ptr<ov::Model> read_paged_model(ov::Core& core, const std::string& xml) {
  auto model = core.read_model(xml);
  ov::genai::prepare_model_for_paged_attention(model, ov::genai::SchedulerConfig());
  return model;
}

}  // namespace openvino_llm
