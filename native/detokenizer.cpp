#include "detokenizer.hpp"

namespace openvino_llm {
namespace {

bool ends_incomplete(const std::string& text) {
  return text.size() >= 3 && text.compare(text.size() - 3, 3, "\xEF\xBF\xBD") == 0;
}

}  // namespace

Detokenizer::Detokenizer(std::shared_ptr<const Vocabulary> vocabulary, ov::genai::Tokenizer& tokenizer)
    : vocabulary_(std::move(vocabulary)),
      utf8_(vocabulary_ && vocabulary_->replaces_invalid()),
      tokenizer_(tokenizer) {}

void Detokenizer::append(int64_t id, std::string& out) {
  if (!vocabulary_) return append_by_decode(id, out);
  std::string_view bytes = vocabulary_->bytes(id);
  if (at_start_ && !bytes.empty()) {
    if (vocabulary_->drops_leading_space() && bytes.front() == ' ') bytes.remove_prefix(1);
    at_start_ = false;
  }
  utf8_.push(bytes, out);
}

std::string Detokenizer::settled_text() {
  if (settled_ == 0) return {};
  return tokenizer_.decode(TokenIds(window_.begin(), window_.begin() + static_cast<long>(settled_)));
}

void Detokenizer::append_by_decode(int64_t id, std::string& out) {
  const std::string before = settled_text();
  window_.push_back(id);
  const std::string after = tokenizer_.decode(window_);
  if (after.size() <= before.size() || ends_incomplete(after)) return;
  out.append(after, before.size());
  window_.erase(window_.begin(), window_.begin() + static_cast<long>(settled_));
  settled_ = window_.size();
}

void Detokenizer::finish(std::string& out) {
  if (vocabulary_) return utf8_.finish(out);
  if (window_.empty()) return;
  const std::string before = settled_text();
  const std::string after = tokenizer_.decode(window_);
  if (after.size() > before.size()) out.append(after, before.size());
  window_.clear();
  settled_ = 0;
}

}  // namespace openvino_llm
