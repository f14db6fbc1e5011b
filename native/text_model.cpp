#include "text_model.hpp"

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

#include "genai/genai.hpp"
#include "openvino/runtime/core.hpp"
#include "request.hpp"

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

 protected:
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

 protected:
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

// Where the group that begins there ends; sizes do not grow.
size_t TextModel::group_end(const std::vector<size_t>& sizes, size_t begin) const {
  const size_t longest = max_length_ == 0 ? sizes[begin] : std::min(sizes[begin], max_length_);
  const size_t fitting = std::clamp<size_t>(kGroupBytes / std::max<size_t>(longest, 1), 1, group_texts_);
  return std::min(begin + (batch_size_ == 0 ? fitting : batch_size_), sizes.size());
}

std::vector<float> TextModel::run(const std::string& query, const std::vector<std::string>& texts,
                                  const std::function<void()>& check) {
  // The longest first: a group is as wide as its longest text.
  std::vector<size_t> order(texts.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return texts[a].size() > texts[b].size(); });
  std::vector<size_t> sizes;
  sizes.reserve(texts.size());
  for (const size_t index : order) sizes.push_back(texts[index].size());

  std::vector<float> numbers;
  size_t width = 0;
  for (size_t begin = 0, end = 0; begin < texts.size(); begin = end) {
    end = group_end(sizes, begin);
    std::vector<std::string> group;
    for (size_t i = begin; i < end; ++i) group.push_back(texts[order[i]]);
    if (batch_size_ > 0) group.resize(batch_size_, group.back());  // a model of fixed shape takes no fewer
    check();
    const auto rows = infer(query, group);
    if (rows.size() != group.size())
      throw CodedError("ERR_NATIVE", "The model gave " + std::to_string(rows.size()) + " results for " +
                                         std::to_string(group.size()) + " texts.");
    if (begin == 0) {
      width = rows[0].size();
      numbers.resize(texts.size() * width);
    }
    for (size_t i = begin; i < end; ++i) {
      const std::vector<float>& row = rows[i - begin];
      if (row.size() != width) throw CodedError("ERR_NATIVE", "The model gave results of different lengths.");
      std::copy(row.begin(), row.end(), numbers.begin() + static_cast<long>(order[i] * width));
    }
  }
  return numbers;
}

std::shared_ptr<TextModel> open_text_model(const TextModelOptions& options) {
  check_kind(options);
  if (options.reranks) return std::make_shared<RerankModel>(options);
  return std::make_shared<EmbeddingModel>(options);
}

}  // namespace openvino_llm
