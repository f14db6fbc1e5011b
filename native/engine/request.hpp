// Plain structs that cross threads: a request on its way in, and the events on their way out. They hold no
// JavaScript value. Whoever pops a Request or an Event from its queue owns it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include "base/live_count.hpp"
#include "openvino/core/any.hpp"

namespace openvino_llm {

// Milliseconds of the clock of all stamps, which JavaScript reads by the addon's nowMs().
inline double now_ms() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

struct ChatPrompt {
  std::string messages_json;
  std::optional<std::string> tools_json = std::nullopt;  // an array
  std::optional<std::string> extra_json = std::nullopt;  // an object
  // Within what of the content is no special token. None: nothing is marked.
  std::optional<std::string> content_mark = std::nullopt;
};
struct TextPrompt {
  std::string text;
};
using TokenIds = std::vector<int64_t>;

// What an answer must be.
struct Grammar {
  enum class Kind { kJsonSchema, kRegex, kEbnf, kStructuralTag };
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
  std::vector<std::string> stop_strings;
  bool include_stop_string = false;
  TokenIds end_token_ids;  // any of these is the last token
  bool streams = true;     // false where GenAI cannot stream: beams and several sequences
  size_t sequences = 1;    // beams or return sequences: places that it takes
  int priority = 0;        // lower comes first
  bool wants_logprobs = false;
  std::optional<Grammar> grammar;
  std::vector<std::string> marks;  // special tokens whose text stays in the answer's, where they are some
  TokenIds mark_ids;               // theirs, set by the worker; -1 where a mark is no special token
  std::string prompt_end;  // of a request with marks: the last of its prompt's text, set by the worker
  std::vector<float> adapter_alphas;  // one for each adapter of an LLMPipeline, in the order of the load
  std::atomic<bool> cancelled{false};
};

enum class FinishReason { kStop, kLength, kAbort };

// GenAI's own account of one generate(); milliseconds unless the name says otherwise.
struct NativePerf {
  float load_ms, ttft_ms, tpot_ms, inference_per_token_ms, tokens_per_second, generate_ms, inference_ms;
  size_t prompt_tokens, completion_tokens;
  double grammar_ms;  // to compile the grammar; 0 without one
};

// GenAI's count of a draft model's guesses.
struct SpeculativeCounts {
  size_t draft_tokens, accepted_tokens;
};

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
};

// How an engine is doing. Counters are since the load.
struct EngineMetrics {
  size_t running = 0, waiting = 0;
  float cache_usage_percent = 0, max_cache_usage_percent = 0;
  size_t cache_size_bytes = 0;
  size_t last_step_sequences = 0;
  double last_step_ms = 0;
  size_t steps = 0, finished = 0, aborted = 0, failed = 0, prompt_tokens = 0, completion_tokens = 0;
  bool healthy = true;  // false: GenAI failed and could not be set right; nothing more can be generated
};

// An error that already has the library's own code.
class CodedError : public std::runtime_error {
 public:
  CodedError(std::string code, const std::string& message)
      : std::runtime_error(message), code(std::move(code)) {}
  const std::string code;
};

}  // namespace openvino_llm
