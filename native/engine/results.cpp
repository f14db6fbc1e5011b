#include "engine/results.hpp"

#include <algorithm>

#include "base/clock.hpp"
#include "text/request_text.hpp"

namespace openvino_llm {

namespace {

double grammar_ms_of(const ov::genai::PerfMetrics& metrics) {
  double us = 0;
  for (const auto& time : metrics.raw_metrics.m_grammar_compile_times) us += time.count();
  return us / 1000;
}

}  // namespace

NativePerf perf_of(const ov::genai::PerfMetrics& metrics) {
  return {metrics.load_time,
          metrics.ttft.mean,
          metrics.tpot.mean,
          metrics.ipot.mean,
          metrics.throughput.mean,
          metrics.generate_duration.mean,
          metrics.inference_duration.mean,
          metrics.num_input_tokens,
          metrics.num_generated_tokens,
          grammar_ms_of(metrics)};
}

FinishReason reason_of(ov::genai::GenerationFinishReason reason) {
  using ov::genai::GenerationFinishReason;
  if (reason == GenerationFinishReason::LENGTH) return FinishReason::kLength;
  return reason == GenerationFinishReason::NONE ? FinishReason::kAbort : FinishReason::kStop;
}

Choice choice_of(const Request& request, size_t max_new_tokens, const ModelText& model,
                 const WholeSequence& sequence) {
  RequestText text(request.text_rules, max_new_tokens, model.vocabulary, model.tokenizer());
  Choice choice;
  const size_t taken = text.add(sequence.ids, choice.text);
  choice.token_ids.assign(sequence.ids.begin(), sequence.ids.begin() + static_cast<long>(taken));
  if (request.wants_logprobs) {
    const auto end = sequence.logprobs.begin() + static_cast<long>(std::min(taken, sequence.logprobs.size()));
    choice.logprobs.assign(sequence.logprobs.begin(), end);
  }
  choice.finish_reason = text.finished().value_or(reason_of(sequence.reason));
  choice.stop_string = text.stop_string();
  choice.score = sequence.score;
  return choice;
}

FinishedEvent finished_with(std::vector<Choice> choices, bool cancelled, std::optional<NativePerf> perf) {
  FinishedEvent finished{now_ms(), FinishReason::kAbort, {}, perf, std::move(choices)};
  if (cancelled || finished.choices.empty()) return finished;
  finished.reason = finished.choices[0].finish_reason;
  finished.stop_string = finished.choices[0].stop_string;
  return finished;
}

}  // namespace openvino_llm
