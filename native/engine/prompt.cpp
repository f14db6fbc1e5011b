#include "engine/prompt.hpp"

#include <algorithm>

#include "base/errors.hpp"
#include "engine/grammar.hpp"
#include "text/chat_prompt.hpp"
#include "text/tokenizing.hpp"

namespace openvino_llm {
namespace {

// More than any delimiter that a prompt ends with.
constexpr size_t kPromptEnd = 64;

std::string end_of(const std::string& text) {
  size_t begin = text.size() - std::min(text.size(), kPromptEnd);
  // Not in the middle of a character.
  while (begin < text.size() && (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80) ++begin;
  return text.substr(begin);
}

}  // namespace

TokenIds prompt_ids(Tokenizer& tokenizer, Request& request) {
  request.text_rules.delimiter_ids.clear();
  for (const std::string& delimiter : request.text_rules.delimiters)
    request.text_rules.delimiter_ids.push_back(tokenizer.special_id(delimiter));
  if (const auto* ids = std::get_if<TokenIds>(&request.prompt)) return *ids;
  EncodedChat encoded;
  if (const auto* chat = std::get_if<ChatPrompt>(&request.prompt)) {
    encoded = encode_chat(tokenizer, chat->text, chat->content_sentinel);
  } else {
    encoded.text = std::get<TextPrompt>(request.prompt).text;
    encoded.ids = encode_texts(tokenizer, {encoded.text}, {}).ids.at(0);
  }
  if (!request.text_rules.delimiters.empty()) request.prompt_end = end_of(encoded.text);
  return std::move(encoded.ids);
}

size_t room_for_answer(const Request& request, size_t prompt_tokens) {
  if (prompt_tokens == 0) {
    throw CodedError("ERR_OUT_OF_RANGE", "Expected a prompt of at least one token but the input gave none.");
  }
  if (request.total_tokens == 0) return request.max_new_tokens;
  if (prompt_tokens >= request.total_tokens) {
    throw CodedError("ERR_PROMPT_TOO_LONG",
                     "Expected a prompt shorter than " + std::to_string(request.total_tokens) +
                         " tokens, the limit of prompt and answer together, but it has " +
                         std::to_string(prompt_tokens) + ". Shorten it.");
  }
  return std::min(request.max_new_tokens, request.total_tokens - prompt_tokens);
}

ov::AnyMap config_of(const Request& request, size_t max_new_tokens) {
  ov::AnyMap config = request.config;
  add_grammar(request, config);
  config["max_new_tokens"] = max_new_tokens;
  // What was legal beside the wanted length must not fail because the context leaves less.
  if (const auto min = config.find("min_new_tokens"); min != config.end()) {
    min->second = std::min(min->second.as<size_t>(), max_new_tokens);
  }
  return config;
}

ov::Tensor tensor_of(const TokenIds& ids) {
  ov::Tensor tensor(ov::element::i64, {1, ids.size()});
  std::copy(ids.begin(), ids.end(), tensor.data<int64_t>());
  return tensor;
}

}  // namespace openvino_llm
