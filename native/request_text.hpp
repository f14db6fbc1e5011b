// What one sequence of tokens says and when it ends: detokenising, stop strings, end tokens and the length
// limit in one place, for streamed and whole results alike. Used by one thread at a time.
#pragma once

#include <optional>
#include <string>

#include "detokenizer.hpp"
#include "request.hpp"
#include "stop_matcher.hpp"

namespace openvino_llm {

class RequestText {
 public:
  RequestText(const Request& request, size_t max_new_tokens, std::shared_ptr<const Vocabulary> vocabulary,
              ov::genai::Tokenizer& tokenizer);

  // Takes ids until one is the last and appends the text they complete. Returns how many were taken.
  size_t add(const TokenIds& ids, std::string& out);
  // Set by the last token; the text is complete then.
  std::optional<FinishReason> finished() const { return finished_; }
  const std::optional<std::string>& stop_string() const { return matcher_.matched(); }

 private:
  bool is_end_token(int64_t id) const;

  const Request& request_;
  size_t left_;
  Detokenizer detokenizer_;
  StopMatcher matcher_;
  std::optional<FinishReason> finished_;
};

}  // namespace openvino_llm
