#include "text/request_text.hpp"

#include <algorithm>

namespace openvino_llm {
namespace {

// Staging many ids at once decodes the first of them again for each that follows.
constexpr size_t kStagedAtOnce = 16;

}  // namespace

RequestText::RequestText(const TextRules& rules, size_t max_new_tokens,
                         std::shared_ptr<const Vocabulary> vocabulary, Tokenizer& tokenizer)
    : rules_(rules),
      left_(max_new_tokens),
      detokenizer_(std::move(vocabulary)),
      matcher_(rules.stop_strings, rules.include_stop_string),
      own_batch_(tokenizer) {}

bool RequestText::is_end_token(int64_t id) const {
  const TokenIds& ends = rules_.end_token_ids;
  return std::find(ends.begin(), ends.end(), id) != ends.end();
}

std::string_view RequestText::delimiter_of(int64_t id) const {
  const TokenIds& delimiters = rules_.delimiter_ids;
  const auto found = std::find(delimiters.begin(), delimiters.end(), id);
  if (found == delimiters.end()) return {};
  return rules_.delimiters[static_cast<size_t>(found - delimiters.begin())];
}

size_t RequestText::add(const TokenIds& ids, std::string& out) {
  size_t taken = 0;
  while (taken < ids.size() && !finished_) {
    const auto begin = ids.begin() + static_cast<long>(taken);
    const TokenIds some(begin, begin + static_cast<long>(std::min(ids.size() - taken, kStagedAtOnce)));
    own_batch_.clear();
    stage(some, own_batch_);
    own_batch_.run();
    taken += take(some, own_batch_, out);
  }
  return taken;
}

void RequestText::stage(const TokenIds& ids, DecodeBatch& batch) {
  if (finished_) return;
  const auto end = std::find_if(ids.begin(), ids.end(), [this](int64_t id) { return is_end_token(id); });
  const auto until_end = static_cast<size_t>(end - ids.begin()) + (end == ids.end() ? 0 : 1);
  detokenizer_.stage(ids.data(), std::min(until_end, left_), batch);
}

size_t RequestText::take(const TokenIds& ids, const DecodeBatch& batch, std::string& out) {
  size_t taken = 0;
  while (taken < ids.size() && !finished_) {
    const int64_t id = ids[taken++];
    const bool ends = is_end_token(id);
    const bool is_last = --left_ == 0 || ends;
    std::string text;
    detokenizer_.append(id, batch, text);
    text += delimiter_of(id);
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
