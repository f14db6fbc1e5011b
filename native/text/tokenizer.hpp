// A model's tokenizer with a lock around what is no plain reading: GenAI keeps a table of the settings of its
// requests without one, and a pipeline's worker and its user's own calls come from two threads. Any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/live_count.hpp"
#include "genai/genai.hpp"

namespace openvino_llm {

class Tokenizer {
 public:
  template <class Pipeline>
  explicit Tokenizer(Pipeline& pipeline) : tokenizer_(pipeline.get_tokenizer()) {}
  Tokenizer(const std::filesystem::path& path, const ov::AnyMap& properties) : tokenizer_(path, properties) {}

  template <class Text>
  ov::genai::TokenizedInputs encode(const Text& text, const ov::AnyMap& params = {}) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return tokenizer_.encode(text, params);
  }
  ov::genai::TokenizedInputs encode(const std::vector<std::string>& firsts,
                                    const std::vector<std::string>& seconds, const ov::AnyMap& params) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return tokenizer_.encode(firsts, seconds, params);
  }
  template <class Ids>
  auto decode(const Ids& ids, const ov::AnyMap& params = {}) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return tokenizer_.decode(ids, params);
  }

  // The id of a special token, which decoding leaves out; -1 for any other text.
  int64_t special_id(const std::string& text) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto [found, is_new] = special_ids_.try_emplace(text, -1);
    if (!is_new) return found->second;
    const auto encoded = tokenizer_.encode(text, ov::AnyMap{{"add_special_tokens", false}});
    if (encoded.input_ids.get_size() != 1) return -1;
    const int64_t id = *encoded.input_ids.data<const int64_t>();
    if (tokenizer_.decode(std::vector<int64_t>{id}).empty()) found->second = id;
    return found->second;
  }

  // Throws where the tokenizer does not give its vocabulary.
  const std::vector<std::string>& vocabulary() const { return tokenizer_.get_vocab_vector(); }
  // For what only reads, and for a grammar, which is the business of one worker.
  ov::genai::Tokenizer& genai() { return tokenizer_; }
  const ov::genai::Tokenizer& genai() const { return tokenizer_; }

 private:
  LiveCount<Tokenizer> live_;
  std::mutex mutex_;
  std::map<std::string, int64_t> special_ids_;  // of the texts asked for so far
  ov::genai::Tokenizer tokenizer_;
};

}  // namespace openvino_llm
