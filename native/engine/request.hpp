// A request on its way to the worker. Plain values that cross threads, none of JavaScript's. Whoever takes
// one from the queue owns it with the engine that serves it.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/live_count.hpp"
#include "engine/events.hpp"
#include "openvino/core/any.hpp"
#include "text/text_rules.hpp"

namespace openvino_llm {

// What the chat template has made of messages; it has written the special tokens.
struct ChatPrompt {
  std::string text;
  // Within what of the content is no special token. Empty: nothing is escaped.
  std::string content_sentinel;
};
struct TextPrompt {
  std::string text;
};
// What an answer must be.
struct Grammar {
  enum class Kind { kRegex, kEbnf, kStructuralTag };
  Kind kind;
  std::string text;
};

struct Request {
  LiveCount<Request> live;
  uint64_t id = 0;
  std::variant<ChatPrompt, TextPrompt, TokenIds> prompt;
  ov::AnyMap config;  // everything but max_new_tokens and stop strings
  size_t max_new_tokens = 1;
  size_t total_tokens = 0;  // prompt and answer together at most; 0: no limit
  TextRules text_rules;
  bool streams = true;         // false where GenAI cannot stream: beams and several sequences
  size_t sequences = 1;        // beams or return sequences: slots that it takes
  bool tokens_awaited = true;  // somebody reads them as they come, and not only at the end
  int priority = 0;            // lower comes first
  bool wants_logprobs = false;
  std::optional<Grammar> grammar;
  std::string prompt_end;  // of a request with delimiters: the last of its prompt's text, set by the worker
  std::vector<float> adapter_alphas;  // one for each adapter of an LLMPipeline, in the order of the load
  std::atomic<bool> cancelled{false};
};

// What happens to a request before its end.
inline Event progress_of(const Request& request, decltype(Event::body) body) {
  return {request.id, std::move(body), request.tokens_awaited};
}

}  // namespace openvino_llm
