// One thread that owns one ov::genai::LLMPipeline and makes every call on it: load, tokenise, generate,
// destroy. It knows nothing of JavaScript; what it has to say goes to `emit`. Its owner joins it before
// `emit` ends.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>

#include "cpu_account.hpp"
#include "inbox.hpp"
#include "request.hpp"
#include "vocabulary.hpp"

namespace openvino_llm {

struct LoadOptions {
  std::string path;
  std::string device;
  ov::AnyMap properties;
};

class PipelineWorker {
 public:
  using Emit = std::function<void(uint64_t request_id, decltype(Event::body) body)>;

  // [JS thread]
  PipelineWorker(LoadOptions options, Emit emit);
  PipelineWorker(const PipelineWorker&) = delete;
  PipelineWorker& operator=(const PipelineWorker&) = delete;
  ~PipelineWorker();

  // [any thread] False after close().
  bool submit(std::shared_ptr<Request> request);
  void cancel(uint64_t request_id);
  // Cancels what runs and what waits. The thread ends when GenAI lets go: a prefill or a load cannot be
  // interrupted.
  void close();
  void join();  // returns when the thread has ended, also to a second caller
  uint64_t produced_tokens() const { return produced_tokens_; }
  // [any thread] GenAI pipelines that are alive in this process.
  static int64_t live_engines();

 private:
  // [worker thread]
  class Streamer;
  struct Engine;
  void run();
  std::unique_ptr<Engine> load();
  void serve(Engine& engine, Request& request, CpuAccount::Scope& ours);
  FinishedEvent generate(Engine& engine, Request& request, const TokenIds& ids, size_t max_new_tokens,
                         CpuAccount::Scope& ours);

  LiveCount<PipelineWorker> live_count_;
  const LoadOptions options_;
  const Emit emit_;
  Inbox inbox_;
  std::atomic<uint64_t> produced_tokens_{0};

  std::mutex live_mutex_;
  std::unordered_map<uint64_t, std::shared_ptr<Request>> live_;  // submitted, not yet ended
  std::mutex join_mutex_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace openvino_llm
