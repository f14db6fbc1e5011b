// A chat's prompt as token ids: by the chat template, in which special tokens that the content spells are
// text. Any thread; plain values only.
#pragma once

#include <string>

#include "text/tokenizer.hpp"
#include "text/tokenizing.hpp"

namespace openvino_llm {

struct EncodedChat {
  std::string text;  // without marks
  TokenIds ids;
};

// `content_mark` stands within whatever of the content must not be read as a special token, behind its first
// character; empty: nothing is marked.
EncodedChat encode_chat(Tokenizer& tokenizer, const TemplateInput& input, const std::string& content_mark);

}  // namespace openvino_llm
