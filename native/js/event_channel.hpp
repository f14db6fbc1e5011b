// The only way from a worker to JavaScript: an EventQueue that the JavaScript thread is woken for. The worker
// never waits here. Owned by the Node wrapper, which outlives the worker that pushes.
#pragma once

#include <napi.h>

#include <deque>
#include <vector>

#include "base/live_count.hpp"
#include "engine/event_queue.hpp"

namespace openvino_llm {

class EventChannel {
 public:
  // [JS thread] `on_event` is called once for each event (to_js in convert.hpp).
  EventChannel(Napi::Env env, const Napi::Function& on_event);

  // [any thread]
  void push(std::vector<Event> events);

  // [JS thread] Calls `on_event` for all that wait to be taken, those that nobody was woken for among them.
  // May be called out of an `on_event`: it goes on where the outer call is.
  void deliver(Napi::Env env, const Napi::Function& on_event);

  // [JS thread] The process stays alive while as many were begun as not yet ended. A load or a request begins
  // when it is submitted and ends when its last event is delivered.
  void begin_activity(Napi::Env env);

  // [JS thread] Nothing is delivered any more; begun activities no longer keep the process alive. Idempotent.
  void close(Napi::Env env);

 private:
  LiveCount<EventChannel> live_;
  static void woken(Napi::Env env, Napi::Function on_event, EventChannel* channel, void* unused);
  void end_activity(Napi::Env env);
  using Wake = Napi::TypedThreadSafeFunction<EventChannel, void, woken>;

  EventQueue queue_;
  Wake wake_;
  // JS thread only:
  std::deque<Event> taken_;  // not yet delivered
  size_t active_ = 0;
};

}  // namespace openvino_llm
