#include "engine/worker.hpp"

#include <exception>

#include "base/clock.hpp"
#include "engine/failures.hpp"

namespace openvino_llm {

Worker::Worker(MakeEngine make_engine, size_t slots, size_t max_waiting, Emit emit)
    : make_engine_(std::move(make_engine)),
      emit_(std::move(emit)),
      queue_(slots, max_waiting),
      thread_(&Worker::run, this) {}

Worker::~Worker() {
  close();
  join();
}

WaitingQueue::Put Worker::submit(std::shared_ptr<Request> request) {
  const uint64_t id = request->id;
  // Under the lock, because the worker may end a request before this thread goes on.
  const std::lock_guard<std::mutex> lock(live_mutex_);
  if (broken_) {
    const CodedError broken = engine_broken();
    emit(id, FailedEvent{broken.code, broken.what()});
    return WaitingQueue::Put::kTaken;
  }
  const auto put = queue_.put(request);
  if (put == WaitingQueue::Put::kTaken) live_.emplace(id, std::move(request));
  return put;
}

void Worker::cancel(uint64_t request_id) {
  {
    const std::lock_guard<std::mutex> lock(live_mutex_);
    const auto found = live_.find(request_id);
    if (found == live_.end()) return;
    found->second->cancelled = true;
    if (!queue_.remove(request_id)) return;  // the engine has it, and reads the flag
    live_.erase(found);
  }
  ++cancelled_in_queue_;
  emit(request_id, FinishedEvent{now_ms(), FinishReason::kAbort, {}, {}, {}});
}

void Worker::close() {
  queue_.close();
  const std::lock_guard<std::mutex> lock(live_mutex_);
  for (auto& [id, request] : live_) request->cancelled = true;
}

void Worker::join() {
  const std::lock_guard<std::mutex> lock(join_mutex_);
  if (thread_.joinable()) thread_.join();
}

std::shared_ptr<Tokenizer> Worker::tokenizer() const {
  const std::lock_guard<std::mutex> lock(metrics_mutex_);
  return tokenizer_;
}

EngineMetrics Worker::metrics() const {
  const std::lock_guard<std::mutex> lock(metrics_mutex_);
  EngineMetrics metrics = metrics_;
  metrics.waiting += queue_.size();
  metrics.aborted += cancelled_in_queue_;
  return metrics;
}

void Worker::emit(Event event) const {
  std::vector<Event> events;
  events.push_back(std::move(event));
  emit_(std::move(events));
}

void Worker::emit(uint64_t request_id, decltype(Event::body) body) const {
  emit(Event{request_id, std::move(body)});
}

void Worker::ended(const Request& request) {
  queue_.leave(request);
  const std::lock_guard<std::mutex> lock(live_mutex_);
  live_.erase(request.id);
}

void Worker::publish(const EngineMetrics& metrics) {
  const std::lock_guard<std::mutex> lock(metrics_mutex_);
  metrics_ = metrics;
}

// An exception that left this would end the process.
void Worker::run() {
  std::unique_ptr<Engine> engine = load();
  if (!engine) return;
  try {
    engine->run(*this);
  } catch (...) {
    const FailedEvent failure = failure_of_current_exception();
    engine.reset();  // first: what failed may be for want of the memory that it has
    break_down(failure);
  }
}

void Worker::break_down(const FailedEvent& failure) {
  std::vector<Event> events;
  {
    const std::lock_guard<std::mutex> lock(live_mutex_);
    broken_ = true;
    for (const auto& [id, request] : live_) events.push_back({id, failure});
    live_.clear();
  }
  queue_.close();
  EngineMetrics metrics;
  {
    const std::lock_guard<std::mutex> lock(metrics_mutex_);
    metrics = metrics_;
  }
  metrics.failed += events.size();
  metrics.running = 0;
  metrics.healthy = false;
  publish(metrics);
  if (!events.empty()) emit(std::move(events));
}

std::unique_ptr<Engine> Worker::load() try {
  const double begin_ms = now_ms();
  auto engine = make_engine_();
  {
    const std::lock_guard<std::mutex> lock(metrics_mutex_);
    tokenizer_ = engine->tokenizer();
  }
  LoadedEvent loaded = engine->loaded();
  loaded.load_ms = now_ms() - begin_ms;
  emit(0, loaded);
  return engine;
} catch (const std::exception& error) {
  emit(0, LoadFailedEvent{error.what()});
  return nullptr;
} catch (...) {
  emit(0, LoadFailedEvent{"GenAI threw something that is no std::exception."});
  return nullptr;
}

}  // namespace openvino_llm
