#include "text/chat_prompt.hpp"

#include <algorithm>
#include <vector>

namespace openvino_llm {
namespace {

// A template writes its special tokens itself.
constexpr EncodeOptions kBare{false, 0};

std::vector<std::string> split_at(const std::string& text, const std::string& sentinel) {
  std::vector<std::string> parts;
  size_t begin = 0;
  for (size_t at = text.find(sentinel); at != std::string::npos; at = text.find(sentinel, begin)) {
    parts.push_back(text.substr(begin, at - begin));
    begin = at + sentinel.size();
  }
  parts.push_back(text.substr(begin));
  return parts;
}

// The ids of one text, each part of which was encoded without the others. Some tokenizers write a space
// before what they take for the beginning of a text, so a part has a character before it, whose ids are taken
// away again.
TokenIds encode_parts(Tokenizer& tokenizer, const std::vector<std::string>& parts) {
  std::vector<TokenIds> rows(parts.size());
  rows[0] = encode_texts(tokenizer, {parts[0]}, kBare).ids.at(0);
  std::vector<size_t> open(parts.size() - 1);
  for (size_t i = 0; i < open.size(); ++i) open[i] = i + 1;
  // The last one takes what is left as it comes: no tokenizer is known that joins each of these with a part.
  for (const std::string before : {"\n", ".", "a", ""}) {
    if (open.empty()) break;
    const TokenIds head = encode_texts(tokenizer, {before}, kBare).ids.at(0);
    if (head.empty() && !before.empty()) continue;
    std::vector<std::string> texts(open.size());
    std::transform(open.begin(), open.end(), texts.begin(), [&](size_t i) { return before + parts[i]; });
    const std::vector<TokenIds> encoded = encode_texts(tokenizer, texts, kBare).ids;
    std::vector<size_t> left;
    for (size_t i = 0; i < open.size(); ++i) {
      const TokenIds& row = encoded.at(i);
      if (row.size() < head.size() || !std::equal(head.begin(), head.end(), row.begin())) {
        left.push_back(open[i]);
      } else {
        rows[open[i]].assign(row.begin() + static_cast<long>(head.size()), row.end());
      }
    }
    open = std::move(left);
  }
  TokenIds ids;
  for (const TokenIds& row : rows) ids.insert(ids.end(), row.begin(), row.end());
  return ids;
}

}  // namespace

EncodedChat encode_chat(Tokenizer& tokenizer, const std::string& text, const std::string& content_sentinel) {
  if (content_sentinel.empty()) return {text, encode_texts(tokenizer, {text}, kBare).ids.at(0)};
  const std::vector<std::string> parts = split_at(text, content_sentinel);
  EncodedChat chat;
  chat.ids = encode_parts(tokenizer, parts);
  for (const std::string& part : parts) chat.text += part;
  return chat;
}

}  // namespace openvino_llm
