#include "js/event_channel.hpp"

#include <algorithm>
#include <iterator>
#include <new>
#include <utility>

#include "js/convert.hpp"

namespace openvino_llm {
namespace {

bool ends_activity(const Event& event) {
  return !std::holds_alternative<TakenEvent>(event.body) && !std::holds_alternative<TokensEvent>(event.body);
}

// An event that cannot be delivered, for want of memory, is the end of its request.
std::vector<napi_value> arguments_of(Napi::Env env, const Event& event) {
  try {
    return to_js(env, event);
  } catch (const std::bad_alloc& error) {
    return to_js(env, {event.request_id, FailedEvent{"ERR_NATIVE", error.what()}});
  }
}

}  // namespace

EventChannel::EventChannel(Napi::Env env, const Napi::Function& on_event)
    : wake_(Wake::New(env, on_event, "openvino-llm events", 0, 1, this)) {
  wake_.Unref(env);  // an idle pipeline does not keep the process alive
}

void EventChannel::push(std::vector<Event> events) {
  // Once the environment is torn down the call answers napi_closing, and must not be made again.
  queue_.push(std::move(events), [this] { return wake_.NonBlockingCall() == napi_ok; });
}

void EventChannel::begin_activity(Napi::Env env) {
  if (active_++ == 0) wake_.Ref(env);
}

void EventChannel::end_activity(Napi::Env env) {
  if (--active_ == 0) wake_.Unref(env);
}

void EventChannel::close(Napi::Env env) {
  if (!queue_.close()) return;
  taken_.clear();
  if (active_ != 0) wake_.Unref(env);
  active_ = 0;
  wake_.Abort();
}

void EventChannel::woken(Napi::Env env, Napi::Function on_event, EventChannel* channel, void*) {
  if (env == nullptr || on_event.IsEmpty()) return;  // the environment is going down, and the channel with it
  channel->deliver(env, on_event);
}

void EventChannel::deliver(Napi::Env env, const Napi::Function& on_event) {
  std::vector<Event> events = queue_.take();
  for (const Event& event : events) {
    if (ends_activity(event)) end_activity(env);
  }
  std::move(events.begin(), events.end(), std::back_inserter(taken_));
  try {
    while (!taken_.empty()) {
      const Event event = std::move(taken_.front());
      taken_.pop_front();
      Napi::HandleScope scope(env);
      on_event.Call(arguments_of(env, event));
    }
  } catch (const Napi::Error& error) {
    // A terminated worker runs no JavaScript: each call into it fails here, and nobody is left to receive it.
    taken_.clear();
    error.ThrowAsJavaScriptException();
  }
}

}  // namespace openvino_llm
