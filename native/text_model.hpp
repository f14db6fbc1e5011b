// GenAI's models that turn texts into numbers: embeddings and rerank scores. Any thread, one at a time;
// whoever holds one destroys it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "live_count.hpp"
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

  // As many numbers for every text, behind each other in the order of the texts. `check` is called before
  // every inference, and ends the work by an exception. The query is for what reranks.
  std::vector<float> run(const std::string& query, const std::vector<std::string>& texts,
                         const std::function<void()>& check);

 protected:
  explicit TextModel(const TextModelOptions& options);
  // As many numbers for every text. At least one text.
  virtual std::vector<std::vector<float>> infer(const std::string& query,
                                                const std::vector<std::string>& texts) = 0;

 private:
  size_t group_end(const std::vector<size_t>& sizes, size_t begin) const;

  LiveCount<TextModel> live_;
  const size_t group_texts_;
  const size_t batch_size_;
  const size_t max_length_;
};

// Throws ERR_MODEL_LOAD for a model that is for something else.
std::shared_ptr<TextModel> open_text_model(const TextModelOptions& options);

}  // namespace openvino_llm
