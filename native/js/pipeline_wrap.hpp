// Wraps one Worker as a JavaScript class: converts and submits, never infers. Lives on the JavaScript
// thread of one environment; the environment's registry closes it when the environment ends first.
#pragma once

#include <napi.h>

#include <memory>
#include <optional>

#include "engine/worker.hpp"
#include "js/addon_data.hpp"
#include "js/event_channel.hpp"
#include "js/external_memory.hpp"

namespace openvino_llm {

class PipelineWrap : public Napi::ObjectWrap<PipelineWrap>, public Closeable {
 public:
  static Napi::Function define(Napi::Env env);

  // new Pipeline(options, onEvent) begins to load at once (NativeLoadOptions).
  explicit PipelineWrap(const Napi::CallbackInfo& info);

  // Joins on the JavaScript thread: only for the environment's end, which must not leave a thread behind, and
  // where the collector takes a pipeline that nobody closed.
  void close_now() override;
  // Null until the model is loaded.
  std::shared_ptr<Tokenizer> tokenizer() const { return worker_->tokenizer(); }

 private:
  Napi::Value submit(
      const Napi::CallbackInfo& info);  // whether the request was taken: false where the queue is full
  void gathered(const Napi::CallbackInfo& info);  // all of this turn of the event loop were submitted
  void deliver(const Napi::CallbackInfo& info);
  void cancel(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);
  Napi::Value produced_tokens(const Napi::CallbackInfo& info);
  Napi::Value metrics(const Napi::CallbackInfo& info);
  Napi::Value scheduler_config(const Napi::CallbackInfo& info);

  LiveCount<PipelineWrap> live_;
  ExternalMemory memory_;
  std::optional<ov::genai::SchedulerConfig> scheduler_;
  std::shared_ptr<EventChannel> channel_;
  std::shared_ptr<Worker> worker_;
  const Registration registration_;
};

}  // namespace openvino_llm
