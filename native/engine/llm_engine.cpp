#include "engine/llm_engine.hpp"

#include <cstdint>
#include <exception>

#include "base/clock.hpp"
#include "engine/failures.hpp"
#include "engine/grammar.hpp"
#include "engine/prompt.hpp"
#include "engine/results.hpp"
#include "engine/worker.hpp"
#include "text/request_text.hpp"

namespace openvino_llm {
namespace {

ov::AnyMap properties_of(const LoadOptions& options, Adapters& adapters) {
  ov::AnyMap properties = options.properties;
  options.speculation.add_to(properties);
  if (!adapters.empty()) properties["adapters"] = adapters.changeable();
  if (adapters.empty() && !options.speculation.any()) return properties;
  // GenAI's own for this pipeline, but without prefix caching: what a prompt left in the cache under one
  // set of alphas would be taken for its own by a request with others, and rejected draft tokens for
  // accepted ones.
  ov::genai::SchedulerConfig scheduler;
  scheduler.max_num_batched_tokens = SIZE_MAX;
  scheduler.enable_prefix_caching = false;
  properties["scheduler_config"] = scheduler;
  return properties;
}

}  // namespace

// GenAI calls this on a thread of its own, beside the inference. The text is made here because the answer to
// GenAI, go on or stop, depends on it. Nothing may leave write() by exception: that would end the process.
class LlmEngine::Streamer final : public ov::genai::StreamerBase {
 public:
  Streamer(Worker& worker, const Request& request, RequestText& text)
      : worker_(worker), request_(request), text_(text) {}

  ov::genai::StreamingStatus write(int64_t token) override { return take({token}); }
  ov::genai::StreamingStatus write(const std::vector<int64_t>& tokens) override { return take(tokens); }
  void end() override {}
  std::exception_ptr error() const { return error_; }

 private:
  ov::genai::StreamingStatus take(const TokenIds& tokens) noexcept {
    using ov::genai::StreamingStatus;
    const double produced_ms = now_ms();
    const CpuAccount::Scope ours(CpuAccount::streamers);
    try {
      if (request_.cancelled) return StreamingStatus::CANCEL;
      if (text_.finished()) return StreamingStatus::STOP;
      std::string text;
      const size_t taken = text_.add(tokens, text);
      worker_.count_produced(taken);
      worker_.emit(progress_of(
          request_, TokensEvent{produced_ms,
                                std::move(text),
                                TokenIds(tokens.begin(), tokens.begin() + static_cast<long>(taken)),
                                {}}));
      return text_.finished() ? StreamingStatus::STOP : StreamingStatus::RUNNING;
    } catch (...) {
      error_ = std::current_exception();
      return StreamingStatus::CANCEL;
    }
  }

  Worker& worker_;
  const Request& request_;
  RequestText& text_;
  std::exception_ptr error_;
};

LlmEngine::LlmEngine(const LoadOptions& options)
    : adapters_(options.adapters),
      pipeline_(options.path, options.device, properties_of(options, adapters_)),
      model_(pipeline_) {}

void LlmEngine::run(Worker& worker) {
  while (worker.queue().wait()) {
    const std::shared_ptr<Request> request = worker.queue().take();
    if (!request) continue;  // its caller was faster
    CpuAccount::Scope ours(CpuAccount::workers);
    const bool is_whole = serve(worker, *request, ours);
    worker.ended(*request);
    if (!is_whole) throw engine_broken();
  }
}

bool LlmEngine::serve(Worker& worker, Request& request, CpuAccount::Scope& ours) try {
  if (request.cancelled) {
    worker.emit(request.id, FinishedEvent{now_ms(), FinishReason::kAbort, {}, {}, {}});
    return true;
  }
  const double taken_ms = now_ms();
  const TokenIds ids = prompt_ids(model_.tokenizer(), request);
  const size_t max_new_tokens = room_for_answer(request, ids.size());
  const double grammar_ms = check_grammar(model_.tokenizer(), request);
  worker.emit(progress_of(request, TakenEvent{taken_ms, ids.size(), request.prompt_end}));
  FinishedEvent finished = generate(worker, request, ids, max_new_tokens, ours);
  if (request.grammar) finished.grammar_ms = grammar_ms + (finished.perf ? finished.perf->grammar_ms : 0);
  worker.emit(request.id, std::move(finished));
  return true;
} catch (...) {
  const FailedEvent failure = failure_of_current_exception();
  worker.emit(request.id, failure);
  return !ruins_engine(failure);
}

FinishedEvent LlmEngine::generate(Worker& worker, Request& request, const TokenIds& ids,
                                  size_t max_new_tokens, CpuAccount::Scope& ours) {
  ov::AnyMap config = config_of(request, max_new_tokens);
  if (!adapters_.empty()) config["adapters"] = adapters_.changeable(request.adapter_alphas);
  RequestText text(request.text_rules, max_new_tokens, model_.vocabulary, model_.tokenizer());
  const auto streamer = std::make_shared<Streamer>(worker, request, text);
  if (request.streams) config.insert(ov::genai::streamer(std::shared_ptr<ov::genai::StreamerBase>(streamer)));
  const ov::Tensor input = tensor_of(ids);
  ours.pause();
  const ov::genai::EncodedResults results = pipeline_.generate(input, config);
  ours.resume();
  if (streamer->error()) std::rethrow_exception(streamer->error());

  const NativePerf perf = perf_of(results.perf_metrics);
  if (request.streams) {
    FinishedEvent finished{now_ms(), FinishReason::kAbort,       text.stop_string(), perf,
                           {},       speculative_counts(results)};
    if (!request.cancelled)
      finished.reason = text.finished().value_or(reason_of(results.finish_reasons.at(0)));
    return finished;
  }
  std::vector<Choice> choices;
  for (size_t i = 0; i < results.tokens.size(); ++i) {
    const WholeSequence sequence{results.tokens[i], {}, results.scores.at(i), results.finish_reasons.at(i)};
    choices.push_back(choice_of(request, max_new_tokens, model_, sequence));
    worker.count_produced(choices.back().token_ids.size());
  }
  return finished_with(std::move(choices), request.cancelled, perf);
}

}  // namespace openvino_llm
