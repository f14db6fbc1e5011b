// The bytes that each token id stands for, where text made from them was proved equal to Tokenizer::decode.
// Made once per pipeline on its worker thread, then immutable and shared by its requests.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "text/tokenizer.hpp"

namespace openvino_llm {

class Vocabulary {
 public:
  // Reads the tokenizer's vocabulary, decodes every id of it alone and a sample of sequences by the
  // tokenizer, and compares. Null where the vocabulary cannot be read or a single text differs: then decode()
  // is the only truth.
  static std::shared_ptr<const Vocabulary> prove(Tokenizer& tokenizer);

  // Empty for special tokens, which decode() skips, and for ids outside the vocabulary.
  const std::string& bytes(int64_t id) const;
  size_t size() const { return bytes_.size(); }
  bool replaces_invalid() const { return replaces_invalid_; }
  // SentencePiece-like vocabularies write a space before the first word, which decode() drops.
  bool drops_leading_space() const { return drops_leading_space_; }

 private:
  Vocabulary(std::vector<std::string> bytes, bool replaces_invalid, bool drops_leading_space);
  std::string text(const int64_t* ids, size_t count) const;
  bool skip_specials_and_compare_singles(const std::vector<std::string>& decoded);
  bool compare_sequences(Tokenizer& tokenizer) const;

  std::vector<std::string> bytes_;
  bool replaces_invalid_;
  bool drops_leading_space_;
};

}  // namespace openvino_llm
