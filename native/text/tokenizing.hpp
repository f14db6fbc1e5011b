// What a tokenizer does for its user: texts to rows of ids and back, what is known of it. Any thread; plain
// values only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "text/token_ids.hpp"
#include "text/tokenizer.hpp"

namespace openvino_llm {

struct SpecialToken {
  int64_t id;  // -1: the model has none
  std::string text;
};

// What a tokenizer is.
struct TokenizerFacts {
  size_t vocab_size;  // entries of its vocabulary, 0 where it is not known
  SpecialToken bos, eos, pad;
  std::string chat_template;  // empty: none
  bool supports_pairs;
  bool pads_right;  // its own side
};
TokenizerFacts facts_of(Tokenizer& shared);

struct EncodeOptions {
  bool add_special_tokens = true;
  size_t max_length = 0;  // above 0: longer rows are cut to it, the special tokens kept
};

// One row for each text, as long as its text makes it. ERR_PROMPT_TOO_LONG for a text that the tokenizer
// itself cuts without a word: those made from GGUF keep 8,192 tokens.
struct EncodedRows {
  std::vector<TokenIds> ids;
  std::vector<TokenIds> type_ids;  // of pairs, where the tokenizer gives some
};
EncodedRows encode_texts(Tokenizer& tokenizer, const std::vector<std::string>& texts,
                         const EncodeOptions& options);
EncodedRows encode_pairs(Tokenizer& tokenizer, const std::vector<std::string>& firsts,
                         const std::vector<std::string>& seconds, const EncodeOptions& options);

// One text for each row, as if it were decoded alone.
std::vector<std::string> decode_rows(Tokenizer& tokenizer, const std::vector<TokenIds>& rows,
                                     bool skip_special_tokens);

// Every token in the order of the ids, as text: bytes that are no UTF-8 are spelled as <0xNN>.
std::vector<std::string> spelled_vocabulary(const Tokenizer& tokenizer);

}  // namespace openvino_llm
