// Incremental text of one request: ids in, whole symbols out. Concatenated output equals Tokenizer::decode of
// all ids. Owned by the request's RequestText; used by one thread at a time.
#pragma once

#include <memory>
#include <string>

#include "request.hpp"
#include "utf8_stream.hpp"
#include "vocabulary.hpp"

namespace openvino_llm {

class Detokenizer {
 public:
  // vocabulary may be null: then text comes from `tokenizer`, which must outlive this.
  Detokenizer(std::shared_ptr<const Vocabulary> vocabulary, ov::genai::Tokenizer& tokenizer);

  void append(int64_t id, std::string& out);
  // No more ids: gives out what an incomplete symbol held back.
  void finish(std::string& out);

 private:
  void append_by_decode(int64_t id, std::string& out);
  std::string settled_text();

  std::shared_ptr<const Vocabulary> vocabulary_;
  Utf8Stream utf8_;
  bool at_start_ = true;

  // Without a vocabulary: the ids from the last but one point where text was complete, and how many of them
  // have given all their text. Decoding from there and not from the beginning keeps a long answer linear.
  ov::genai::Tokenizer& tokenizer_;
  TokenIds window_;
  size_t settled_ = 0;
};

}  // namespace openvino_llm
