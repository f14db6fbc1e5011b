// A call of C++ as a promise: runs on a thread of libuv's pool, and its value is turned into JavaScript's on
// the JavaScript thread. Deletes itself; the end of its environment waits for it.
#pragma once

#include <napi.h>

#include <exception>
#include <functional>
#include <mutex>
#include <utility>

#include "engine/failures.hpp"
#include "js/addon_data.hpp"

namespace openvino_llm {

template <class Value>
class AsyncCall final : public Napi::AsyncWorker, public Closeable {
 public:
  using Call = std::function<Value()>;
  using ToJs = Napi::Value (*)(Napi::Env env, const Value& value);

  // What `call` throws rejects the promise.
  static Napi::Promise run(Napi::Env env, Call call, ToJs to_js) {
    auto* work = new AsyncCall(env, std::move(call), to_js);
    work->Queue();
    return work->deferred_.Promise();
  }

  // A call that has not begun never does.
  void close_now() override {
    const std::lock_guard<std::mutex> lock(running_);
    is_closed_ = true;
  }

 protected:
  void Execute() override {
    const std::lock_guard<std::mutex> lock(running_);
    try {
      if (!is_closed_) value_ = call_();
    } catch (...) {
      SetError(failure_of_current_exception().message);
    }
  }
  void OnOK() override {
    if (is_closed_) return;
    try {
      deferred_.Resolve(to_js_(Env(), value_));
    } catch (const Napi::Error&) {
      return;  // a worker thread that was terminated still comes here
    } catch (const std::exception& error) {
      deferred_.Reject(Napi::Error::New(Env(), error.what()).Value());
    }
  }
  void OnError(const Napi::Error& error) override {
    if (!is_closed_) deferred_.Reject(error.Value());
  }

 private:
  AsyncCall(Napi::Env env, Call call, ToJs to_js)
      : AsyncWorker(env, "openvino-llm call"),
        call_(std::move(call)),
        to_js_(to_js),
        deferred_(Napi::Promise::Deferred::New(env)),
        registration_(env, this) {}

  const Call call_;
  const ToJs to_js_;
  Value value_{};
  bool is_closed_ = false;
  std::mutex running_;
  Napi::Promise::Deferred deferred_;
  const Registration registration_;
};

}  // namespace openvino_llm
