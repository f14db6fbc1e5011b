#include "prompt.hpp"

#include <algorithm>

#include "utf8_check.hpp"

namespace openvino_llm {
namespace {

// Tokenizers may cut a long text without a word (those made from GGUF keep 8,192 tokens). A cut leaves a
// round number of tokens that stand for one end of the text only.
void refuse_cut(ov::genai::Tokenizer& tokenizer, const std::string& text, const TokenIds& ids) {
  if (ids.empty() || ids.size() % 512 != 0) return;
  const std::string kept = tokenizer.decode(ids, ov::AnyMap{{"skip_special_tokens", false}});
  if (kept.size() >= text.size()) return;
  const bool is_begin = text.compare(0, kept.size(), kept) == 0;
  const bool is_end = text.compare(text.size() - kept.size(), kept.size(), kept) == 0;
  if (!is_begin && !is_end) return;
  throw CodedError("ERR_PROMPT_TOO_LONG",
                   "Expected a prompt that this model's tokenizer takes whole, but it cuts at " +
                       std::to_string(ids.size()) + " tokens and the prompt has more. Shorten it.");
}

}  // namespace

TokenIds prompt_ids(ov::genai::Tokenizer& tokenizer, const Request& request) {
  if (const auto* ids = std::get_if<TokenIds>(&request.prompt)) return *ids;
  std::string text;
  const auto* chat = std::get_if<ChatPrompt>(&request.prompt);
  if (chat != nullptr) {
    const ov::genai::ChatHistory history(ov::genai::JsonContainer::from_json_string(chat->messages_json));
    text = tokenizer.apply_chat_template(history, true);
    if (!is_well_formed_utf8(text)) {
      throw CodedError("ERR_NATIVE",
                       "Expected UTF-8 from the model's chat template, but it cuts characters in two or is "
                       "damaged itself. Give raw text or token ids, or export the model again.");
    }
  } else {
    text = std::get<TextPrompt>(request.prompt).text;
  }
  // A template writes its special tokens itself; raw text gets those that the tokenizer adds.
  const auto encoded = tokenizer.encode(text, ov::AnyMap{{"add_special_tokens", chat == nullptr}});
  const auto* data = encoded.input_ids.data<const int64_t>();
  TokenIds ids(data, data + encoded.input_ids.get_size());
  refuse_cut(tokenizer, text, ids);
  return ids;
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
