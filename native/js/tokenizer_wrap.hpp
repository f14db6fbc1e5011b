// Wraps a Tokenizer as a JavaScript class: each call is a job, done one after the other on one thread of
// libuv's pool. Lives on the JavaScript thread of one environment, whose registry closes it where the
// environment ends first.
#pragma once

#include <napi.h>

#include "base/live_count.hpp"
#include "js/addon_data.hpp"
#include "js/job_queue.hpp"
#include "text/tokenizer.hpp"

namespace openvino_llm {

class TokenizerWrap : public Napi::ObjectWrap<TokenizerWrap>, public Closeable {
 public:
  static Napi::Function define(Napi::Env env);

  // new Tokenizer(path, properties) loads with its first job; new Tokenizer(pipeline) shares that of a loaded
  // Pipeline.
  explicit TokenizerWrap(const Napi::CallbackInfo& info);

  void close_now() override { jobs_.close_now(); }

 private:
  using Queue = JobQueue<Tokenizer>;
  using ToJs = Queue::ToJs;

  Napi::Value facts(const Napi::CallbackInfo& info);
  Napi::Value encode(const Napi::CallbackInfo& info);
  Napi::Value decode(const Napi::CallbackInfo& info);
  Napi::Value encode_chat(const Napi::CallbackInfo& info);
  Napi::Value vocabulary(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);

  Napi::Value submit(const Napi::CallbackInfo& info, Queue::Work work);

  LiveCount<TokenizerWrap> live_;
  Queue jobs_;
  const Registration registration_;
};

}  // namespace openvino_llm
