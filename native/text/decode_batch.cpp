#include "text/decode_batch.hpp"

#include <algorithm>
#include <limits>

namespace openvino_llm {
namespace {

// In no vocabulary. Both operations of OpenVINO Tokenizers that decode, VocabDecoder and
// SentencepieceDetokenizer, leave such an id out; for a negative one the latter throws. The tokenizer's own
// pad token would not do: it may be missing, or one that decode() gives out.
constexpr int64_t kPad = std::numeric_limits<int32_t>::max();

}  // namespace

size_t DecodeBatch::add(TokenIds sequence) {
  sequences_.push_back(std::move(sequence));
  return sequences_.size() - 1;
}

void DecodeBatch::run() {
  texts_.assign(sequences_.size(), {});
  size_t longest = 0;
  for (const TokenIds& sequence : sequences_) longest = std::max(longest, sequence.size());
  if (longest == 0) return;
  ov::Tensor rows(ov::element::i64, {sequences_.size(), longest});
  auto* row = rows.data<int64_t>();
  for (const TokenIds& sequence : sequences_) {
    std::fill(std::copy(sequence.begin(), sequence.end(), row), row + longest, kPad);
    row += longest;
  }
  texts_ = tokenizer_.decode(rows, params_);
}

void DecodeBatch::clear() {
  sequences_.clear();
  texts_.clear();
}

}  // namespace openvino_llm
