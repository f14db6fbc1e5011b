// The JavaScript class over a SharedTokenizer: each call is a job, done one after the other on one thread of
// libuv's pool. Lives on the JavaScript thread of one environment, whose registry closes it where the
// environment ends first.
#pragma once

#include <napi.h>

#include <deque>
#include <functional>
#include <memory>

#include "live_count.hpp"
#include "shared_tokenizer.hpp"

namespace openvino_llm {

class Tokenizer : public Napi::ObjectWrap<Tokenizer> {
 public:
  static Napi::Function define(Napi::Env env);

  // new Tokenizer(path, properties) loads with its first job; new Tokenizer(pipeline) shares that of a loaded
  // Pipeline.
  explicit Tokenizer(const Napi::CallbackInfo& info);
  Tokenizer(const Tokenizer&) = delete;
  Tokenizer& operator=(const Tokenizer&) = delete;
  ~Tokenizer() override;

  // Waits for the job that runs, and lets none begin. For the environment's end.
  void close_now(Napi::Env env);

 private:
  // Runs on the pool; what it gives makes the JavaScript value on the JavaScript thread.
  using ToJs = std::function<Napi::Value(Napi::Env)>;
  using Work = std::function<ToJs(SharedTokenizer&)>;
  struct Job;
  struct Gate;
  class Drain;

  Napi::Value facts(const Napi::CallbackInfo& info);
  Napi::Value encode(const Napi::CallbackInfo& info);
  Napi::Value decode(const Napi::CallbackInfo& info);
  Napi::Value apply_chat_template(const Napi::CallbackInfo& info);
  Napi::Value set_chat_template(const Napi::CallbackInfo& info);
  Napi::Value vocabulary(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);

  Napi::Value submit(Napi::Env env, Work work);
  Napi::Value submit(Napi::Env env, Work work, bool closes);
  void drain(Napi::Env env);
  void account_memory(Napi::Env env, int64_t bytes);

  LiveCount<Tokenizer> live_;
  int64_t accounted_bytes_ = 0;
  std::shared_ptr<Gate> gate_;
  std::deque<std::unique_ptr<Job>> waiting_;
  bool draining_ = false;
};

}  // namespace openvino_llm
