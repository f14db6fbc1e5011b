// The JavaScript class over one PipelineWorker: converts and submits, never infers. Lives on the JavaScript
// thread of one environment; the environment's registry closes it when the environment ends first.
#pragma once

#include <napi.h>

#include <memory>

#include "event_channel.hpp"
#include "pipeline_worker.hpp"

namespace openvino_llm {

class LlmPipeline : public Napi::ObjectWrap<LlmPipeline> {
 public:
  static Napi::Function define(Napi::Env env);

  // new LlmPipeline({ path, device, properties }, onEvent) begins to load at once.
  explicit LlmPipeline(const Napi::CallbackInfo& info);
  LlmPipeline(const LlmPipeline&) = delete;
  LlmPipeline& operator=(const LlmPipeline&) = delete;
  // Joins on the JavaScript thread: only the collector comes here, for a pipeline that nobody closed.
  ~LlmPipeline() override;

  // Ends the worker and waits for it. For the environment's end, which must not leave a thread behind.
  void close_now(Napi::Env env);

 private:
  void submit(const Napi::CallbackInfo& info);
  void cancel(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);
  Napi::Value produced_tokens(const Napi::CallbackInfo& info);

  // Tells V8 how much memory hangs on this small object, or a dropped pipeline would wait for a collection
  // that nothing brings about.
  void account_memory(Napi::Env env, int64_t bytes);

  LiveCount<LlmPipeline> live_;
  int64_t accounted_bytes_ = 0;
  std::shared_ptr<EventChannel> channel_;
  std::shared_ptr<PipelineWorker> worker_;
};

}  // namespace openvino_llm
