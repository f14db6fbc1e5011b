#include "request_text.hpp"

#include <algorithm>

namespace openvino_llm {

RequestText::RequestText(const Request& request, size_t max_new_tokens,
                         std::shared_ptr<const Vocabulary> vocabulary, ov::genai::Tokenizer& tokenizer)
    : request_(request),
      left_(max_new_tokens),
      detokenizer_(std::move(vocabulary), tokenizer),
      matcher_(request.stop_strings, request.include_stop_string) {}

bool RequestText::is_end_token(int64_t id) const {
  const TokenIds& ends = request_.end_token_ids;
  return std::find(ends.begin(), ends.end(), id) != ends.end();
}

size_t RequestText::add(const TokenIds& ids, std::string& out) {
  size_t taken = 0;
  while (taken < ids.size() && !finished_) {
    const int64_t id = ids[taken++];
    const bool ends = is_end_token(id);
    const bool is_last = --left_ == 0 || ends;
    std::string text;
    detokenizer_.append(id, text);
    if (is_last) detokenizer_.finish(text);
    matcher_.push(text, out);
    if (matcher_.matched()) {
      finished_ = FinishReason::kStop;
    } else if (is_last) {
      matcher_.finish(out);
      finished_ = ends ? FinishReason::kStop : FinishReason::kLength;
    }
  }
  return taken;
}

}  // namespace openvino_llm
