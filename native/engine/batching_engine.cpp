#include "engine/batching_engine.hpp"

#include <algorithm>
#include <cmath>

#include "base/clock.hpp"
#include "engine/failures.hpp"
#include "engine/grammar.hpp"
#include "engine/prompt.hpp"
#include "engine/worker.hpp"

namespace openvino_llm {
namespace {

[[noreturn]] void prompt_too_long(size_t prompt_tokens, size_t limit, const std::string& why) {
  throw CodedError("ERR_PROMPT_TOO_LONG", "Expected a prompt of at most " + std::to_string(limit) +
                                              " tokens, " + why + ", but it has " +
                                              std::to_string(prompt_tokens) +
                                              ". Shorten it or raise that option.");
}

}  // namespace

// GenAI applies no change of adapters to requests that run together, so they are part of the model here.
ov::AnyMap BatchingEngine::properties_of(const LoadOptions& options) {
  ov::AnyMap properties = options.properties;
  options.speculation.add_to(properties);
  if (!options.adapters.empty()) properties["adapters"] = Adapters(options.adapters).fixed();
  return properties;
}

BatchingEngine::BatchingEngine(LoadOptions options, const ov::genai::SchedulerConfig& scheduler)
    : options_(std::move(options)),
      scheduler_(scheduler),
      genai_(std::make_unique<GenAi>(options_, scheduler_)),
      model_(genai_->pipeline),
      batch_(model_.tokenizer()),
      budget_(count_blocks()) {}

// Where the size is given in GB, GenAI reports only what share of the cache one block is, after a step.
size_t BatchingEngine::count_blocks() {
  if (scheduler_.num_kv_blocks > 0 || scheduler_.cache_size == 0) return scheduler_.num_kv_blocks;
  ov::genai::GenerationConfig config = genai_->pipeline.get_config();
  config.update_generation_config({{"max_new_tokens", size_t{1}}});
  const auto handle = genai_->pipeline.add_request(0, tensor_of({0}), config);
  genai_->pipeline.step();
  // Rounded down where a float cannot distinguish as many blocks.
  constexpr double kPrecision = 1 - 0x1p-22;
  return static_cast<size_t>(std::lround(100 / genai_->pipeline.get_metrics().cache_usage * kPrecision));
}

void BatchingEngine::run(Worker& worker) {
  CpuAccount::Scope ours(CpuAccount::workers);
  while (!worker.queue().closed()) {
    drop_cancelled(worker);
    // Without split-fuse GenAI counts who was cancelled until a step has been taken, and may find no place
    // for others.
    if (!ruined_ && running_.empty()) settle(ours);
    if (!ruined_) admit(worker);
    if (ruined_) {
      deliver(worker);
      throw engine_broken();
    }
    deliver(worker);
    if (!running_.empty()) {
      step(worker, ours);
      continue;
    }
    if (held_) continue;  // there is room now
    ours.pause();
    worker.queue().wait_for_all();
    ours.resume();
  }
  release();
}

void BatchingEngine::admit(Worker& worker) {
  while (const std::shared_ptr<Request> request = held_ ? held_->request : worker.queue().take()) {
    try {
      if (request->cancelled) {
        ++metrics_.aborted;
        events_.push_back({request->id, FinishedEvent{now_ms(), FinishReason::kAbort, {}, {}, {}}});
        worker.ended(*request);
      } else {
        if (!held_) held_ = prepare(request);
        const Prepared& next = *held_;
        if (!budget_.fits(next.need)) return;
        add(next);
        events_.push_back(progress_of(*request, TakenEvent{now_ms(), next.ids.size(), request->prompt_end}));
        metrics_.prompt_tokens += next.ids.size();
      }
    } catch (...) {
      ++metrics_.failed;
      const FailedEvent failure = failure_of_current_exception();
      ruined_ = ruined_ || ruins_engine(failure);
      events_.push_back({request->id, failure});
      worker.ended(*request);
    }
    held_.reset();
  }
}

BatchingEngine::GenAi& BatchingEngine::genai() {
  if (genai_) return *genai_;
  throw engine_broken();
}

BatchingEngine::Prepared BatchingEngine::prepare(std::shared_ptr<Request> request) {
  TokenIds ids = prompt_ids(model_.tokenizer(), *request);
  const size_t max_new_tokens = room_for_answer(*request, ids.size());
  check_fits(ids.size());
  const size_t need = budget_.need(ids.size() + max_new_tokens, request->sequences);
  const double grammar_ms = check_grammar(model_.tokenizer(), *request);
  return {std::move(request), std::move(ids), max_new_tokens, need, grammar_ms};
}

void BatchingEngine::add(const Prepared& prepared) {
  const auto& [request, ids, max_new_tokens, need, grammar_ms] = prepared;
  ov::genai::GenerationConfig config = genai().pipeline.get_config();
  config.update_generation_config(config_of(*request, max_new_tokens));
  auto handle = genai_->pipeline.add_request(request->id, tensor_of(ids), config);
  running_.push_back(std::make_unique<BatchingRequest>(request, max_new_tokens, need, grammar_ms, model_,
                                                       std::move(handle)));
  budget_.enter(need);
}

// GenAI itself takes such prompts and never answers them.
void BatchingEngine::check_fits(size_t prompt_tokens) const {
  if (!scheduler_.dynamic_split_fuse && prompt_tokens > scheduler_.max_num_batched_tokens) {
    prompt_too_long(prompt_tokens, scheduler_.max_num_batched_tokens,
                    "maxNumBatchedTokens of the scheduler options, as dynamicSplitFuse is off");
  }
  const size_t room = scheduler_.num_kv_blocks * KvBudget::kBlockSize;
  if (room > 0 && prompt_tokens > room) {
    prompt_too_long(prompt_tokens, room, "numKvBlocks of the scheduler options times 32");
  }
}

template <class HasEnded>
void BatchingEngine::sweep(Worker& worker, const HasEnded& has_ended) {
  for (auto& running : running_) {
    if (!running || !has_ended(*running)) continue;  // null: the last sweep was cut off by an exception
    worker.ended(running->request());
    budget_.leave(running->need());
    running.reset();
    unsettled_ = true;
  }
  running_.erase(std::remove(running_.begin(), running_.end(), nullptr), running_.end());
}

void BatchingEngine::drop_cancelled(Worker& worker) {
  sweep(worker, [this](BatchingRequest& running) {
    if (!running.request().cancelled) return false;
    running.cancel();
    ++metrics_.aborted;
    events_.push_back({running.request().id, FinishedEvent{now_ms(), FinishReason::kAbort, {}, {}, {}}});
    return true;
  });
}

void BatchingEngine::step(Worker& worker, CpuAccount::Scope& ours) {
  const double begin_ms = now_ms();
  try {
    ours.pause();
    genai_->pipeline.step();
    const double produced_ms = now_ms();
    ours.resume();
    budget_.stepped();
    unsettled_ = true;
    ++metrics_.steps;
    metrics_.last_step_ms = produced_ms - begin_ms;
    report(worker, produced_ms);
    if (running_.empty()) settle(ours);
  } catch (...) {
    ours.resume();
    fail_all(worker);
  }
  deliver(worker);
}

void BatchingEngine::report(Worker& worker, double produced_ms) {
  batch_.clear();
  for (auto& running : running_) running->read(batch_);
  batch_.run();
  sweep(worker, [&](BatchingRequest& running) {
    const size_t before = running.produced();
    const bool ended = running.report(produced_ms, batch_, events_);
    worker.count_produced(running.produced() - before);
    metrics_.completion_tokens += running.produced() - before;
    if (!ended) return false;
    const bool failed = std::holds_alternative<FailedEvent>(events_.back().body);
    ++(failed ? metrics_.failed : metrics_.finished);
    return true;
  });
}

void BatchingEngine::fail_all(Worker& worker) {
  const FailedEvent failure = failure_of_current_exception();
  sweep(worker, [&](BatchingRequest& running) {
    running.cancel();
    ++metrics_.failed;
    events_.push_back({running.request().id, failure});
    return true;
  });
  ruined_ = ruins_engine(failure);
  metrics_.healthy = !ruined_ && restore();
  budget_.stepped();
}

bool BatchingEngine::try_step() {
  try {
    genai_->pipeline.step();
    return true;
  } catch (...) {
    return false;
  }
}

// A step with every request cancelled cleans GenAI up; where that fails too, a new pipeline takes its place.
bool BatchingEngine::restore() {
  if (try_step()) return true;
  genai_.reset();
  try {
    genai_ = std::make_unique<GenAi>(options_, scheduler_);
    return true;
  } catch (...) {
    return false;
  }
}

void BatchingEngine::settle(CpuAccount::Scope& ours) {
  if (!unsettled_ || !genai_) return;
  unsettled_ = false;
  ours.pause();
  // What the first step frees shows only after the second.
  const bool settled = try_step() && try_step();
  ours.resume();
  if (!settled) metrics_.healthy = restore();
  budget_.stepped();
}

// GenAI complains on stderr about requests that are inside when it is destroyed.
void BatchingEngine::release() {
  for (auto& running : running_) running->cancel();
  running_.clear();
  held_.reset();
  if (genai_) try_step();  // where it fails, nothing is lost: GenAI is destroyed next
}

// The figures first: whoever has got an event may ask for metrics() at once, and finds in them what it says.
void BatchingEngine::deliver(Worker& worker) {
  publish(worker);
  if (!events_.empty()) worker.emit(std::exchange(events_, {}));
}

void BatchingEngine::publish(Worker& worker) {
  metrics_.running = running_.size();
  metrics_.waiting = held_ ? 1 : 0;
  if (genai_) {
    const ov::genai::PipelineMetrics now = genai_->pipeline.get_metrics();
    metrics_.cache_usage_percent = now.cache_usage;
    metrics_.max_cache_usage_percent = now.max_cache_usage;
    metrics_.cache_size_bytes = now.cache_size_in_bytes;
    if (now.scheduled_requests > 0) metrics_.last_step_sequences = now.scheduled_requests;
  }
  worker.publish(metrics_);
}

}  // namespace openvino_llm
