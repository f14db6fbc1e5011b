#include "engine/text_model.hpp"

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

#include "base/errors.hpp"
#include "genai/genai.hpp"
#include "openvino/runtime/core.hpp"

namespace openvino_llm {
namespace {

// What one inference may hold where no batch size is given: GenAI itself would make one of everything, and
// 10,000 documents do not fit into memory. A text has at most as many tokens as bytes, and two or three more.
constexpr size_t kGroupTexts = 32;
constexpr size_t kGroupBytes = size_t{1} << 16U;
// Where one query stands against several documents, the tokenizer (its CombineSegments) makes room for the
// query once, writes it for each of them, and so beyond its memory.
constexpr size_t kRerankTexts = 1;

class EmbeddingModel final : public TextModel {
 public:
  explicit EmbeddingModel(const TextModelOptions& options)
      : TextModel(options), pipeline_(options.path, options.device, configuration(options)) {}

  std::vector<std::vector<float>> infer(const std::string& /*query*/,
                                        const std::vector<std::string>& texts) override {
    auto results = pipeline_.embed_documents(texts);
    if (auto* floats = std::get_if<std::vector<std::vector<float>>>(&results)) return std::move(*floats);
    throw CodedError("ERR_NATIVE", "The model gave embeddings that are no floating-point numbers.");
  }

 private:
  static ov::AnyMap configuration(const TextModelOptions& options) {
    using Pooling = ov::genai::TextEmbeddingPipeline::PoolingType;
    ov::AnyMap all = options.properties;
    const auto pooling = options.pooling == "mean"        ? Pooling::MEAN
                         : options.pooling == "lastToken" ? Pooling::LAST_TOKEN
                                                          : Pooling::CLS;
    all["pooling_type"] = pooling;
    return all;
  }

  ov::genai::TextEmbeddingPipeline pipeline_;
};

class RerankModel final : public TextModel {
 public:
  explicit RerankModel(const TextModelOptions& options)
      : TextModel(options), pipeline_(options.path, options.device, options.properties) {}

  std::vector<std::vector<float>> infer(const std::string& query,
                                        const std::vector<std::string>& texts) override {
    std::vector<std::vector<float>> scores;
    for (const auto& result : pipeline_.rerank(query, texts)) scores.push_back({result.second});
    return scores;
  }

 private:
  ov::genai::TextRerankPipeline pipeline_;
};

[[noreturn]] void refuse(const TextModelOptions& options, const std::string& found) {
  const std::string kind = options.reranks ? "reranker" : "text embedding model";
  const std::string task = options.reranks ? "text-classification" : "feature-extraction";
  throw CodedError("ERR_MODEL_LOAD", "Expected a " + kind + " at " + options.path + " but " + found +
                                         ". Export one by optimum-cli export openvino --task " + task +
                                         (options.reranks ? "" : ", and text generators load as pipelines") +
                                         ".");
}

std::set<std::string> names_of(const std::vector<ov::Output<ov::Node>>& ports) {
  std::set<std::string> names;
  for (const auto& port : ports) names.insert(port.get_names().empty() ? "" : port.get_any_name());
  return names;
}

// GenAI takes any model that it can compile: an input that it does not know stays unset, and of an output
// that means something else it makes numbers that mean nothing.
void check_kind(const TextModelOptions& options) {
  const auto model = ov::Core().read_model(options.path + "/openvino_model.xml");
  std::set<std::string> known{"input_ids", "attention_mask", "token_type_ids"};
  if (options.reranks) known.insert({"position_ids", "beam_idx"});
  const auto inputs = names_of(model->inputs());
  for (const std::string& name : inputs) {
    if (known.count(name) == 0) refuse(options, "the model has an input " + name);
  }
  for (const char* name : {"input_ids", "attention_mask"}) {
    if (inputs.count(name) == 0) refuse(options, std::string("the model has no input ") + name);
  }
  const std::string wanted = options.reranks ? "logits" : "last_hidden_state";
  if (model->outputs().size() != 1 || model->output().get_names().count(wanted) == 0) {
    std::string found;
    for (const std::string& name : names_of(model->outputs())) found += (found.empty() ? "" : ", ") + name;
    refuse(options, "the model's outputs are " + found + " in place of " + wanted + " alone");
  }
  const ov::Rank rank = model->output().get_partial_shape().rank();
  if (rank.is_dynamic()) return;
  const bool fits = options.reranks ? rank == 2 || (rank == 3 && options.by_yes_or_no) : rank == 3;
  if (!fits) {
    refuse(options, "the model's " + wanted + " have " + std::to_string(rank.get_length()) + " dimensions");
  }
}

}  // namespace

TextModel::TextModel(const TextModelOptions& options)
    : group_texts_(options.reranks ? kRerankTexts : kGroupTexts),
      batch_size_(options.batch_size),
      max_length_(options.max_length) {}

size_t TextModel::fitting(const std::vector<size_t>& sizes, size_t begin) const {
  const size_t longest = max_length_ == 0 ? sizes[begin] : std::min(sizes[begin], max_length_);
  const size_t count = std::clamp<size_t>(kGroupBytes / std::max<size_t>(longest, 1), 1, group_texts_);
  return std::min(batch_size_ == 0 ? count : batch_size_, sizes.size() - begin);
}

TextTask::TextTask(std::string query, std::vector<std::string> texts)
    : query_(std::move(query)), texts_(std::move(texts)) {}

bool TextTask::step(TextModel& model) {
  if (order_.empty()) {
    order_.resize(texts_.size());
    std::iota(order_.begin(), order_.end(), 0);
    std::stable_sort(order_.begin(), order_.end(),
                     [this](size_t a, size_t b) { return texts_[a].size() > texts_[b].size(); });
    for (const size_t index : order_) sizes_.push_back(texts_[index].size());
  }
  const size_t count = model.fitting(sizes_, done_);
  std::vector<std::string> group;
  for (size_t i = done_; i < done_ + count; ++i) group.push_back(texts_[order_[i]]);
  // A model of fixed shape takes no fewer.
  if (model.batch_size() > 0) group.resize(model.batch_size(), std::string(group.back()));
  const auto rows = model.infer(query_, group);
  if (rows.size() != group.size())
    throw CodedError("ERR_NATIVE", "The model gave " + std::to_string(rows.size()) + " results for " +
                                       std::to_string(group.size()) + " texts.");
  if (done_ == 0) {
    width_ = rows[0].size();
    numbers_.resize(texts_.size() * width_);
  }
  for (size_t i = 0; i < count; ++i) {
    if (rows[i].size() != width_)
      throw CodedError("ERR_NATIVE", "The model gave results of different lengths.");
    std::copy(rows[i].begin(), rows[i].end(),
              numbers_.begin() + static_cast<long>(order_[done_ + i] * width_));
  }
  done_ += count;
  return done_ == texts_.size();
}

std::shared_ptr<TextModel> open_text_model(const TextModelOptions& options) {
  check_kind(options);
  if (options.reranks) return std::make_shared<RerankModel>(options);
  return std::make_shared<EmbeddingModel>(options);
}

}  // namespace openvino_llm
