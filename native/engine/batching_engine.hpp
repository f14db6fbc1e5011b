// ov::genai::ContinuousBatchingPipeline: any number of requests at once, each step one inference for all of
// them.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/cpu_account.hpp"
#include "engine/batching_request.hpp"
#include "engine/engine.hpp"
#include "engine/kv_budget.hpp"

namespace openvino_llm {

class BatchingEngine final : public Engine {
 public:
  BatchingEngine(LoadOptions options, const ov::genai::SchedulerConfig& scheduler);

  LoadedEvent loaded() const override { return model_.loaded(); }
  std::shared_ptr<Tokenizer> tokenizer() const override { return model_.shared; }
  void run(Worker& worker) override;

 private:
  static ov::AnyMap properties_of(const LoadOptions& options);

  // One that failed for good is replaced by a new one. The tokenizer of the first stays: its user may hold
  // it, and may have set its chat template.
  struct GenAi {
    GenAi(const LoadOptions& options, const ov::genai::SchedulerConfig& scheduler)
        : pipeline(options.path, scheduler, options.device, properties_of(options)) {}
    ov::genai::ContinuousBatchingPipeline pipeline;
  };

  // A request that was taken from the queue, with its prompt as tokens.
  struct Prepared {
    std::shared_ptr<Request> request;
    TokenIds ids;
    size_t max_new_tokens;
    size_t need;  // blocks of the cache
    double grammar_ms;
  };

  GenAi& genai();  // throws where it is broken
  void admit(Worker& worker);
  Prepared prepare(std::shared_ptr<Request> request);
  void add(const Prepared& prepared);
  // Blocks of the cache; 0 where it grows as needed.
  size_t count_blocks();
  void check_fits(size_t prompt_tokens) const;
  void drop_cancelled(Worker& worker);
  void step(Worker& worker, CpuAccount::Scope& ours);
  void report(Worker& worker, double produced_ms);
  // Removes the requests for which `has_ended` is true.
  template <class HasEnded>
  void sweep(Worker& worker, const HasEnded& has_ended);
  void fail_all(Worker& worker);
  bool try_step();  // false where GenAI threw
  bool restore();
  // Steps without requests: GenAI frees what was dropped, and refreshes its figures.
  void settle(CpuAccount::Scope& ours);
  void release();

  // Publishes the metrics, then emits the events of this turn.
  void deliver(Worker& worker);
  void publish(Worker& worker);

  const LoadOptions options_;
  const ov::genai::SchedulerConfig scheduler_;
  std::unique_ptr<GenAi> genai_;  // null once broken
  const ModelText model_;
  DecodeBatch batch_;
  std::vector<std::unique_ptr<BatchingRequest>> running_;  // in the order of their admission
  bool ruined_ = false;                                    // GenAI must not be called any more (ruins_engine)
  bool unsettled_ = false;
  KvBudget budget_;
  std::optional<Prepared> held_;  // has a slot, but no room in the cache yet; the others wait behind it
  std::vector<Event> events_;     // of this turn: JavaScript gets them together
  EngineMetrics metrics_;
};

}  // namespace openvino_llm
