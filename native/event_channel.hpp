// The only way from a worker to JavaScript: events gather in a vector, at most one wake-up is pending, and
// the JavaScript thread takes all of them at once. The worker never waits here. Owned by the Node wrapper,
// which outlives the worker that pushes.
#pragma once

#include <napi.h>

#include <mutex>
#include <vector>

#include "request.hpp"

namespace openvino_llm {

class EventChannel {
 public:
  // [JS thread] `on_events` is called with an array of events.
  EventChannel(Napi::Env env, const Napi::Function& on_events);

  // [any thread]
  void push(uint64_t request_id, decltype(Event::body) body);

  // [JS thread] The process stays alive while as many were begun as not yet ended. A load or a request begins
  // when it is submitted and ends when its last event is delivered.
  void begin_activity(Napi::Env env);

  // [JS thread] Nothing is delivered any more; begun activities no longer keep the process alive. Idempotent.
  void close(Napi::Env env);

 private:
  LiveCount<EventChannel> live_;
  static void deliver(Napi::Env env, Napi::Function on_events, EventChannel* channel, void* unused);
  void end_activity(Napi::Env env);
  using Wake = Napi::TypedThreadSafeFunction<EventChannel, void, deliver>;

  std::mutex mutex_;
  std::vector<Event> waiting_;
  bool wake_pending_ = false;
  bool open_ = true;
  Wake wake_;
  size_t active_ = 0;  // JS thread only
};

}  // namespace openvino_llm
