// What one sequence of tokens says and when it ends: detokenising, stop strings, end tokens and the length
// limit in one place, for streamed and whole results alike. Used by one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "text/decode_batch.hpp"
#include "text/detokenizer.hpp"
#include "text/finish_reason.hpp"
#include "text/stop_matcher.hpp"
#include "text/text_rules.hpp"

namespace openvino_llm {

class RequestText {
 public:
  // rules and tokenizer must outlive this.
  RequestText(const TextRules& rules, size_t max_new_tokens, std::shared_ptr<const Vocabulary> vocabulary,
              Tokenizer& tokenizer);

  // Takes ids until one is the last and appends the text they complete. Returns how many were taken.
  size_t add(const TokenIds& ids, std::string& out);

  // The same for the ids of one step, where one batch serves many: each of them stages, the batch runs, each
  // of them takes what it has staged. Nothing is staged where text comes from the vocabulary.
  void stage(const TokenIds& ids, DecodeBatch& batch);
  size_t take(const TokenIds& ids, const DecodeBatch& batch, std::string& out);

  // Set by the last token; the text is complete then.
  std::optional<FinishReason> finished() const { return finished_; }
  const std::optional<std::string>& stop_string() const { return matcher_.matched(); }

 private:
  bool is_end_token(int64_t id) const;
  // The text of a special token that stays; empty for any other id.
  std::string_view delimiter_of(int64_t id) const;

  const TextRules& rules_;
  size_t left_;
  Detokenizer detokenizer_;
  StopMatcher matcher_;
  DecodeBatch own_batch_;  // for add()
  std::optional<FinishReason> finished_;
};

}  // namespace openvino_llm
