// ov::genai::LLMPipeline: one request at a time. GenAI streams the tokens on a thread of its own, beside the
// inference.
#pragma once

#include <memory>

#include "base/cpu_account.hpp"
#include "engine/engine.hpp"
#include "engine/model_text.hpp"
#include "engine/request.hpp"

namespace openvino_llm {

class LlmEngine final : public Engine {
 public:
  explicit LlmEngine(const LoadOptions& options);

  LoadedEvent loaded() const override { return model_.loaded(); }
  std::shared_ptr<Tokenizer> tokenizer() const override { return model_.shared; }
  void run(Worker& worker) override;

 private:
  class Streamer;
  // False where GenAI must not be called any more.
  bool serve(Worker& worker, Request& request, CpuAccount::Scope& ours);
  FinishedEvent generate(Worker& worker, Request& request, const TokenIds& ids, size_t max_new_tokens,
                         CpuAccount::Scope& ours);

  Adapters adapters_;
  ov::genai::LLMPipeline pipeline_;
  ModelText model_;
};

}  // namespace openvino_llm
