#include "text/detokenizer.hpp"

#include "text/decode_batch.hpp"

namespace openvino_llm {
namespace {

bool ends_incomplete(const std::string& text) {
  return text.size() >= 3 && text.compare(text.size() - 3, 3, "\xEF\xBF\xBD") == 0;
}

}  // namespace

Detokenizer::Detokenizer(std::shared_ptr<const Vocabulary> vocabulary)
    : vocabulary_(std::move(vocabulary)), utf8_(vocabulary_ && vocabulary_->replaces_invalid()) {}

void Detokenizer::stage(const int64_t* ids, size_t count, DecodeBatch& batch) {
  if (vocabulary_ || count == 0) return;
  window_.erase(window_.begin(), window_.begin() + static_cast<long>(next_begin_));
  settled_ -= next_begin_;
  next_begin_ = 0;
  TokenIds sequence(window_.begin(), window_.begin() + static_cast<long>(settled_));
  if (settled_ > 0) settled_row_ = batch.add(sequence);
  sequence = window_;
  for (size_t i = 0; i < count; ++i) {
    sequence.push_back(ids[i]);
    const size_t row = batch.add(sequence);
    if (i == 0) next_row_ = row;
  }
}

void Detokenizer::append(int64_t id, const DecodeBatch& batch, std::string& out) {
  if (!vocabulary_) return append_by_decode(id, batch, out);
  std::string_view bytes = vocabulary_->bytes(id);
  if (at_start_ && !bytes.empty()) {
    if (vocabulary_->drops_leading_space() && bytes.front() == ' ') bytes.remove_prefix(1);
    at_start_ = false;
  }
  utf8_.push(bytes, out);
}

void Detokenizer::append_by_decode(int64_t id, const DecodeBatch& batch, std::string& out) {
  if (settled_row_) settled_bytes_ = batch.text(*settled_row_).size();
  settled_row_.reset();
  window_.push_back(id);
  const std::string& text = batch.text(next_row_++);
  held_ = text.size() > settled_bytes_ ? text.substr(settled_bytes_) : std::string();
  if (held_.empty() || ends_incomplete(text)) return;
  // Not at spaces: SentencePiece drops all that a sequence begins with, and would drop those that follow.
  if (held_.find_first_not_of(' ') != std::string::npos) next_begin_ = settled_;
  out += held_;
  held_.clear();
  settled_ = window_.size();
  settled_bytes_ = text.size();
}

void Detokenizer::finish(std::string& out) {
  if (vocabulary_) return utf8_.finish(out);
  out += held_;
  held_.clear();
}

}  // namespace openvino_llm
