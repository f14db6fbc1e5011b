// Incremental text of one request: ids in, whole symbols out. Concatenated output equals Tokenizer::decode of
// all ids. Owned by the request's RequestText; used by one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "text/token_ids.hpp"
#include "text/utf8_stream.hpp"
#include "text/vocabulary.hpp"

namespace openvino_llm {

class DecodeBatch;

class Detokenizer {
 public:
  // vocabulary may be null: then text comes from the batches.
  explicit Detokenizer(std::shared_ptr<const Vocabulary> vocabulary);

  // Adds to `batch` what append() of these ids, one after the other, will read from it. Nothing where text
  // comes from the vocabulary. The number of ids decoded grows with the square of `count`.
  void stage(const int64_t* ids, size_t count, DecodeBatch& batch);
  // The next id that was staged, after batch.run().
  void append(int64_t id, const DecodeBatch& batch, std::string& out);
  // No more ids: gives out what an incomplete symbol held back.
  void finish(std::string& out);

 private:
  void append_by_decode(int64_t id, const DecodeBatch& batch, std::string& out);

  std::shared_ptr<const Vocabulary> vocabulary_;
  Utf8Stream utf8_;
  bool at_start_ = true;

  // Without a vocabulary: the latest ids, and how many of them have given all their text. Decoding those and
  // not all keeps a long answer linear. Ids with text that is given stand first, because the first text of a
  // sequence may read differently.
  TokenIds window_;
  size_t settled_ = 0;
  size_t settled_bytes_ = 0;           // the text of the settled ids, decoded from the window's beginning
  size_t next_begin_ = 0;              // where the next step's window begins
  std::string held_;                   // text of the ids that are not settled
  std::optional<size_t> settled_row_;  // staged, and settled_bytes_ is still to be read from it
  size_t next_row_ = 0;
};

}  // namespace openvino_llm
