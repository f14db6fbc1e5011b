// A chat's prompt as token ids, in which special tokens that the content spells are text. Any thread; plain
// values only.
#pragma once

#include <string>

#include "text/tokenizer.hpp"
#include "text/tokenizing.hpp"

namespace openvino_llm {

struct EncodedChat {
  std::string text;  // without sentinels
  TokenIds ids;
};

// `text` is what the chat template gave, which has written the special tokens. `content_sentinel` stands
// within whatever of the content must not be read as one, behind its first character; empty: nothing is
// escaped.
EncodedChat encode_chat(Tokenizer& tokenizer, const std::string& text, const std::string& content_sentinel);

}  // namespace openvino_llm
