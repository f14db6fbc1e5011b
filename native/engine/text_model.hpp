// GenAI's models that turn texts into numbers: embeddings and rerank scores. Any thread, one at a time;
// whoever holds one destroys it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/live_count.hpp"
#include "openvino/core/any.hpp"

namespace openvino_llm {

struct TextModelOptions {
  bool reranks = false;  // else it embeds
  std::string path;
  std::string device;
  ov::AnyMap properties;      // of the device, and GenAI's configuration
  std::string pooling;        // "cls", "mean" or "lastToken"; only to embed
  size_t batch_size = 0;      // texts of every inference; 0: as many as are wanted
  size_t max_length = 0;      // tokens of a text; 0: as many as the tokenizer leaves
  bool by_yes_or_no = false;  // it reranks by what a language model says next, as Qwen3's do
};

class TextModel {
 public:
  TextModel(const TextModel&) = delete;
  TextModel& operator=(const TextModel&) = delete;
  virtual ~TextModel() = default;

  // As many numbers for every text. At least one text, and no more than fit into one inference.
  virtual std::vector<std::vector<float>> infer(const std::string& query,
                                                const std::vector<std::string>& texts) = 0;
  // How many of these may run together: byte counts that do not grow, from a place on.
  size_t fitting(const std::vector<size_t>& sizes, size_t begin) const;
  // Texts that every inference must have; 0: any number.
  size_t batch_size() const { return batch_size_; }

 protected:
  explicit TextModel(const TextModelOptions& options);

 private:
  LiveCount<TextModel> live_;
  const size_t group_texts_;
  const size_t batch_size_;
  const size_t max_length_;
};

// Texts on their way through a model, one inference after the other. The query is for what reranks.
class TextTask {
 public:
  TextTask(std::string query, std::vector<std::string> texts);
  // Makes the next inference; whether that was the last.
  bool step(TextModel& model);
  // As many for every text, behind each other in the order of the texts.
  const std::vector<float>& numbers() const { return numbers_; }

 private:
  const std::string query_;
  const std::vector<std::string> texts_;
  std::vector<size_t> order_;  // the longest first: a group is as wide as its longest text
  std::vector<size_t> sizes_;  // in that order
  size_t done_ = 0;
  size_t width_ = 0;
  std::vector<float> numbers_;
};

// Throws ERR_MODEL_LOAD for a model that is for something else.
std::shared_ptr<TextModel> open_text_model(const TextModelOptions& options);

}  // namespace openvino_llm
