// Sequences of ids that one call of Tokenizer::decode turns into text: a call costs far more than a sequence.
// Owned by a pipeline's worker, which fills, runs and clears it once per step, or by the RequestText of a
// single stream. Used by one thread at a time.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "text/token_ids.hpp"
#include "text/tokenizer.hpp"

namespace openvino_llm {

class DecodeBatch {
 public:
  // tokenizer must outlive this.
  explicit DecodeBatch(Tokenizer& tokenizer, ov::AnyMap params = {})
      : tokenizer_(tokenizer), params_(std::move(params)) {}

  // Returns the index for text().
  size_t add(TokenIds sequence);
  // One decode for all; nothing when empty.
  void run();
  // What the sequence says on its own; valid from run() to clear().
  const std::string& text(size_t index) const { return texts_[index]; }
  void clear();

 private:
  Tokenizer& tokenizer_;
  const ov::AnyMap params_;
  std::vector<TokenIds> sequences_;
  std::vector<std::string> texts_;
};

}  // namespace openvino_llm
