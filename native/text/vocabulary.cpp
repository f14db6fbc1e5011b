#include "text/vocabulary.hpp"

#include <algorithm>
#include <random>

#include "text/token_ids.hpp"
#include "text/utf8_stream.hpp"

namespace openvino_llm {
namespace {

constexpr char kMetaspace[] = "\xE2\x96\x81";  // U+2581, a space in SentencePiece-like vocabularies

// One decode() for all rows; each row holds `columns` ids.
std::vector<std::string> decode_rows(Tokenizer& tokenizer, const TokenIds& ids, size_t columns) {
  ov::Tensor tensor(ov::element::i64, {ids.size() / columns, columns});
  std::copy(ids.begin(), ids.end(), tensor.data<int64_t>());
  return tokenizer.decode(tensor);
}

bool is_byte_token(const std::string& token) {
  return token.size() == 6 && token.compare(0, 3, "<0x") == 0 && token[5] == '>' && isxdigit(token[3]) != 0 &&
         isxdigit(token[4]) != 0;
}

// SentencePiece-like spelling to bytes: U+2581 is a space, <0xNN> one byte.
std::string bytes_of_piece(const std::string& token) {
  if (is_byte_token(token)) return {static_cast<char>(std::stoi(token.substr(3, 2), nullptr, 16))};
  std::string bytes = token;
  for (size_t at = 0; (at = bytes.find(kMetaspace, at)) != std::string::npos; ++at) bytes.replace(at, 3, " ");
  return bytes;
}

}  // namespace

Vocabulary::Vocabulary(std::vector<std::string> bytes, bool replaces_invalid, bool drops_leading_space)
    : bytes_(std::move(bytes)),
      replaces_invalid_(replaces_invalid),
      drops_leading_space_(drops_leading_space) {}

const std::string& Vocabulary::bytes(int64_t id) const {
  static const std::string kNone;
  return id >= 0 && static_cast<size_t>(id) < bytes_.size() ? bytes_[static_cast<size_t>(id)] : kNone;
}

std::string Vocabulary::text(const int64_t* ids, size_t count) const {
  std::string joined;
  for (size_t i = 0; i < count; ++i) joined += bytes(ids[i]);
  if (drops_leading_space_ && !joined.empty() && joined[0] == ' ') joined.erase(0, 1);
  return validate_utf8(joined, replaces_invalid_);
}

bool Vocabulary::skip_specials_and_compare_singles(const std::vector<std::string>& decoded) {
  for (size_t id = 0; id < bytes_.size(); ++id) {
    const auto signed_id = static_cast<int64_t>(id);
    const std::string ours = text(&signed_id, 1);
    if (ours == decoded[id]) continue;
    if (!decoded[id].empty()) return false;
    bytes_[id].clear();
  }
  return true;
}

// Sequences show what single ids cannot: symbols split over tokens, and what decode() does between tokens.
bool Vocabulary::compare_sequences(Tokenizer& tokenizer) const {
  constexpr size_t kColumns = 16, kRows = 256;
  TokenIds
      split;  // ids whose bytes are no whole symbols: the interesting ones, so half of the sample is theirs
  for (size_t id = 0; id < bytes_.size(); ++id) {
    if (validate_utf8(bytes_[id], true) != bytes_[id]) split.push_back(static_cast<int64_t>(id));
  }
  std::mt19937 random(0);
  TokenIds ids(kColumns * kRows);
  for (int64_t& id : ids) {
    const bool take_split = !split.empty() && random() % 2 == 0;
    id = take_split ? split[random() % split.size()] : static_cast<int64_t>(random() % bytes_.size());
  }
  const auto decoded = decode_rows(tokenizer, ids, kColumns);
  for (size_t row = 0; row < kRows; ++row) {
    if (text(&ids[row * kColumns], kColumns) != decoded[row]) return false;
  }
  return true;
}

std::shared_ptr<const Vocabulary> Vocabulary::prove(Tokenizer& tokenizer) try {
  const std::vector<std::string>& tokens = tokenizer.vocabulary();
  if (tokens.empty()) return nullptr;
  TokenIds all(tokens.size());
  for (size_t id = 0; id < all.size(); ++id) all[id] = static_cast<int64_t>(id);
  const auto singles = decode_rows(tokenizer, all, 1);

  const bool pieces = std::any_of(tokens.begin(), tokens.end(), is_byte_token);
  std::vector<std::string> bytes(tokens.size());
  std::transform(tokens.begin(), tokens.end(), bytes.begin(),
                 [&](const std::string& token) { return pieces ? bytes_of_piece(token) : token; });
  for (const bool replaces_invalid : {true, false}) {
    for (const bool drops_leading_space : {pieces, !pieces}) {
      Vocabulary candidate(bytes, replaces_invalid, drops_leading_space);
      if (candidate.skip_specials_and_compare_singles(singles) && candidate.compare_sequences(tokenizer)) {
        return std::make_shared<const Vocabulary>(std::move(candidate));
      }
    }
  }
  return nullptr;
} catch (const std::exception&) {
  return nullptr;  // a tokenizer without a vocabulary (SentencePiece) throws here and decodes well
}

}  // namespace openvino_llm
