// Tokenizer of GenAI: an opaque store.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "genai/types.hpp"
#include "openvino/core/any.hpp"

namespace ov::genai {

// A handle: copies share one tokenizer. Its copy constructor is not exported, so it is only moved into place
// by guaranteed elision.
class OPENVINO_LLM_IMPORTED Tokenizer {
 public:
  explicit Tokenizer(const std::filesystem::path& path, const ov::AnyMap& properties = {});
  Tokenizer(const Tokenizer&) = delete;
  Tokenizer& operator=(const Tokenizer&) = delete;
  ~Tokenizer();

  TokenizedInputs encode(const std::string& prompt, const ov::AnyMap& tokenization_params = {});
  // Drops empty prompts where there are no others.
  TokenizedInputs encode(const std::vector<std::string>& prompts, const ov::AnyMap& tokenization_params = {});
  // Pairs of the two. Throws where the tokenizer does not take pairs.
  TokenizedInputs encode(const std::vector<std::string>& prompts_1, const std::vector<std::string>& prompts_2,
                         const ov::AnyMap& tokenization_params = {});
  std::string decode(const std::vector<int64_t>& tokens, const ov::AnyMap& detokenization_params = {});
  std::vector<std::string> decode(const ov::Tensor& tokens, const ov::AnyMap& detokenization_params = {});
  std::string get_chat_template() const;
  int64_t get_bos_token_id() const;
  int64_t get_eos_token_id() const;
  int64_t get_pad_token_id() const;
  std::string get_bos_token() const;
  std::string get_eos_token() const;
  std::string get_pad_token() const;
  bool supports_paired_input() const;
  const std::vector<std::string>& get_vocab_vector() const;

 private:
  std::shared_ptr<void> impl_;
};

static_assert(sizeof(Tokenizer) == 16);

}  // namespace ov::genai
