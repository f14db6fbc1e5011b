// Events of a load and of requests, from the worker. Plain values that cross threads, none of JavaScript's.
// Whoever takes an Event from its queue owns it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/metrics.hpp"
#include "text/finish_reason.hpp"
#include "text/token_ids.hpp"

namespace openvino_llm {

struct Choice {
  std::string text;
  TokenIds token_ids;
  FinishReason finish_reason = FinishReason::kAbort;
  std::optional<std::string> stop_string;
  float score = 0;
  std::vector<float> logprobs;  // one for each id where they were asked for, else none
};

struct LoadedEvent {
  double load_ms;
  bool text_from_vocabulary;  // false: text comes from Tokenizer::decode
};
struct LoadFailedEvent {
  std::string message;
};
struct TakenEvent {
  double taken_ms;
  size_t prompt_tokens;
  std::string prompt_end;  // as in Request
};
struct TokensEvent {
  double produced_ms;
  std::string text;
  TokenIds token_ids;
  std::vector<float> logprobs;  // as in Choice
};
struct FinishedEvent {
  double finished_ms;
  FinishReason reason;
  std::optional<std::string> stop_string;
  std::optional<NativePerf> perf;
  std::vector<Choice> choices;  // only for requests that do not stream
  std::optional<SpeculativeCounts> speculative = std::nullopt;
  std::optional<double> grammar_ms = std::nullopt;  // to check and compile the grammar, where there is one
};
struct FailedEvent {
  std::string code;
  std::string message;
};

struct Event {
  uint64_t request_id;  // 0 for events of the pipeline itself
  std::variant<LoadedEvent, LoadFailedEvent, TakenEvent, TokensEvent, FinishedEvent, FailedEvent> body;
  bool awaited = true;  // false: nobody needs it before the events that come after it
};

}  // namespace openvino_llm
