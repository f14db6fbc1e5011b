#include "engine/batching_request.hpp"

#include <algorithm>

#include "base/clock.hpp"
#include "engine/results.hpp"

namespace openvino_llm {
namespace {

constexpr const char* kCacheFull =
    "The key-value cache is full: there was no room for the next token of this request, which had it for "
    "itself. Raise cacheSizeGb or numKvBlocks of the scheduler options, or give a shorter prompt or a "
    "smaller maxNewTokens.";

template <class Item>
void append(std::vector<Item>& to, const std::vector<Item>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

BatchingRequest::BatchingRequest(std::shared_ptr<const Request> request, size_t max_new_tokens, size_t need,
                                 double grammar_ms, const ModelText& model,
                                 ov::genai::GenerationHandle handle)
    : request_(std::move(request)),
      max_new_tokens_(max_new_tokens),
      need_(need),
      grammar_ms_(grammar_ms),
      model_(model),
      handle_(std::move(handle)),
      text_(request_->text_rules, max_new_tokens, model.vocabulary, model.tokenizer()) {}

void BatchingRequest::read(DecodeBatch& batch) {
  while (handle_->can_read()) {
    for (const auto& [sequence, output] : handle_->read()) {
      auto& so_far = outputs_[sequence];
      append(so_far.generated_ids, output.generated_ids);
      append(so_far.generated_log_probs, output.generated_log_probs);
      so_far.score = output.score;
      so_far.finish_reason = output.finish_reason;
    }
  }
  if (request_->streams && !outputs_.empty()) text_.stage(outputs_.begin()->second.generated_ids, batch);
}

bool BatchingRequest::report(double produced_ms, const DecodeBatch& batch, std::vector<Event>& events) {
  using ov::genai::GenerationStatus;
  const auto end = [&](decltype(Event::body) body) {
    events.push_back({request_->id, std::move(body)});
    return true;
  };
  auto reason = ov::genai::GenerationFinishReason::NONE;
  if (request_->streams && !outputs_.empty()) {
    reason = outputs_.begin()->second.finish_reason;
    report_tokens(produced_ms, batch, events);
  }
  const GenerationStatus status = handle_->get_status();
  const std::optional<FinishReason> finished = text_.finished();
  if (request_->streams && finished) {
    if (status == GenerationStatus::RUNNING) handle_->stop();
    return end(with_figures({now_ms(), *finished, text_.stop_string(), {}, {}}));
  }
  switch (status) {
    case GenerationStatus::RUNNING:
      return false;
    case GenerationStatus::FINISHED:
      if (!request_->streams) return end(whole_sequences());
      return end(with_figures({now_ms(), reason_of(reason), {}, {}, {}}));
    case GenerationStatus::IGNORED:
      return end(FailedEvent{"ERR_KV_CACHE_FULL", kCacheFull});
    default:
      return end(FinishedEvent{now_ms(), FinishReason::kAbort, {}, {}, {}});
  }
}

void BatchingRequest::report_tokens(double produced_ms, const DecodeBatch& batch,
                                    std::vector<Event>& events) {
  ov::genai::GenerationOutput& output = outputs_.begin()->second;
  TokensEvent tokens{produced_ms, {}, std::move(output.generated_ids), {}};
  tokens.token_ids.resize(text_.take(tokens.token_ids, batch, tokens.text));
  if (request_->wants_logprobs) {
    tokens.logprobs = std::move(output.generated_log_probs);
    tokens.logprobs.resize(tokens.token_ids.size());
  }
  outputs_.clear();
  if (tokens.token_ids.empty()) return;
  produced_ += tokens.token_ids.size();
  events.push_back(progress_of(*request_, std::move(tokens)));
}

FinishedEvent BatchingRequest::whole_sequences() {
  std::vector<ov::genai::GenerationOutput> outputs;
  outputs.reserve(outputs_.size());
  for (auto& [sequence, output] : outputs_) outputs.push_back(std::move(output));
  std::stable_sort(outputs.begin(), outputs.end(),
                   [](const auto& a, const auto& b) { return a.score > b.score; });
  const size_t wanted = request_->config.at("num_return_sequences").as<size_t>();
  std::vector<Choice> choices;
  for (size_t i = 0; i < std::min(wanted, outputs.size()); ++i) {
    const auto& output = outputs[i];
    const WholeSequence sequence{output.generated_ids, output.generated_log_probs, output.score,
                                 output.finish_reason};
    choices.push_back(choice_of(*request_, max_new_tokens_, model_, sequence));
    produced_ += choices.back().token_ids.size();
  }
  return with_figures(finished_with(std::move(choices), request_->cancelled, {}));
}

FinishedEvent BatchingRequest::with_figures(FinishedEvent finished) const {
  try {
    finished.perf = perf_of(handle_->get_perf_metrics());
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): stopped by us, and GenAI releases it
  }  // in the next step
  if (request_->grammar) finished.grammar_ms = grammar_ms_ + (finished.perf ? finished.perf->grammar_ms : 0);
  return finished;
}

}  // namespace openvino_llm
