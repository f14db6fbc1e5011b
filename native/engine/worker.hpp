// One thread that owns one engine and makes every call on it: load, serve, destroy. It knows nothing of
// JavaScript; its events go to `emit`. Its owner joins it before `emit` ends.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/engine.hpp"
#include "engine/request.hpp"
#include "engine/waiting_queue.hpp"

namespace openvino_llm {

class Worker {
 public:
  using Emit = std::function<void(std::vector<Event> events)>;

  // [JS thread] `slots` and `max_waiting` are the WaitingQueue's. Throws std::system_error where the system
  // gives no thread.
  Worker(MakeEngine make_engine, size_t slots, size_t max_waiting, Emit emit);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker();

  // [any thread]
  WaitingQueue::Put submit(std::shared_ptr<Request> request);
  void cancel(uint64_t request_id);
  // Cancels what runs and what waits. The thread ends when GenAI returns: a load cannot be interrupted, nor
  // the prefill of an LLMPipeline.
  void close();
  void join();  // returns when the thread has ended, also to a second caller
  uint64_t produced_tokens() const { return produced_tokens_; }
  EngineMetrics metrics() const;
  // Null until the model is loaded.
  std::shared_ptr<Tokenizer> tokenizer() const;

  // [worker thread, and GenAI's streamer thread] For the engine.
  WaitingQueue& queue() { return queue_; }
  void emit(std::vector<Event> events) const { emit_(std::move(events)); }
  void emit(Event event) const;
  void emit(uint64_t request_id, decltype(Event::body) body) const;
  void count_produced(size_t tokens) { produced_tokens_ += tokens; }
  // The request has had its last event.
  void ended(const Request& request);
  void publish(const EngineMetrics& metrics);

 private:
  void run();
  std::unique_ptr<Engine> load();
  // The engine could not go on: ends all requests, and those that still come.
  void break_down(const FailedEvent& failure);

  LiveCount<Worker> live_count_;
  const MakeEngine make_engine_;
  const Emit emit_;
  WaitingQueue queue_;
  std::atomic<uint64_t> produced_tokens_{0};
  std::atomic<size_t> cancelled_in_queue_{0};

  mutable std::mutex metrics_mutex_;
  EngineMetrics metrics_;
  std::shared_ptr<Tokenizer> tokenizer_;

  std::mutex live_mutex_;
  std::unordered_map<uint64_t, std::shared_ptr<Request>> live_;  // submitted, not yet ended
  bool broken_ = false;                                          // no engine takes requests any more
  std::mutex join_mutex_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace openvino_llm
