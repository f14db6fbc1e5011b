// One request inside a ContinuousBatchingPipeline: its handle, its text, and its events after each step.
// Worker thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "engine/model_text.hpp"
#include "engine/request.hpp"
#include "genai/genai.hpp"
#include "text/decode_batch.hpp"
#include "text/request_text.hpp"

namespace openvino_llm {

class BatchingRequest {
 public:
  // `model` must outlive this.
  BatchingRequest(std::shared_ptr<const Request> request, size_t max_new_tokens, size_t need,
                  double grammar_ms, const ModelText& model, ov::genai::GenerationHandle handle);

  const Request& request() const { return *request_; }
  // Blocks of a bounded cache that are kept for it.
  size_t need() const { return need_; }
  // Tokens so far, of all sequences together.
  size_t produced() const { return produced_; }

  // After a step, for all requests: reads what it gave and puts its ids to be decoded.
  void read(DecodeBatch& batch);
  // Then, for all requests: appends the events of the step. True where one of them is the last.
  bool report(double produced_ms, const DecodeBatch& batch, std::vector<Event>& events);
  // Its cache blocks are free after the next step.
  void cancel() { handle_->cancel(); }

 private:
  void report_tokens(double produced_ms, const DecodeBatch& batch, std::vector<Event>& events);
  FinishedEvent whole_sequences();
  // Adds the figures that GenAI has by now.
  FinishedEvent with_figures(FinishedEvent finished) const;

  std::shared_ptr<const Request> request_;
  size_t max_new_tokens_;
  size_t need_;
  double grammar_ms_;  // its check
  const ModelText& model_;
  ov::genai::GenerationHandle handle_;
  RequestText text_;
  size_t produced_ = 0;
  // What was read since the last report where it streams, since the beginning where it does not.
  std::map<uint64_t, ov::genai::GenerationOutput> outputs_;
};

}  // namespace openvino_llm
