// Wraps a TextModel as a JavaScript class: each call is a job of its queue. Lives on the JavaScript thread
// of one environment, whose registry closes it where the environment ends first.
#pragma once

#include <napi.h>

#include "engine/text_model.hpp"
#include "js/addon_data.hpp"
#include "js/job_queue.hpp"

namespace openvino_llm {

class TextModelWrap : public Napi::ObjectWrap<TextModelWrap>, public Closeable {
 public:
  static Napi::Function define(Napi::Env env);

  // new TextModel(options) loads with its first job (NativeTextModelOptions).
  explicit TextModelWrap(const Napi::CallbackInfo& info);

  void close_now() override { jobs_.close_now(); }

 private:
  using Queue = JobQueue<TextModel>;

  Napi::Value run(const Napi::CallbackInfo& info);
  void cancel(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);

  Queue jobs_;
  const Registration registration_;
};

}  // namespace openvino_llm
