#include "event_channel.hpp"

#include "convert.hpp"

namespace openvino_llm {
namespace {

bool ends_activity(const Event& event) {
  return !std::holds_alternative<TakenEvent>(event.body) && !std::holds_alternative<TokensEvent>(event.body);
}

}  // namespace

EventChannel::EventChannel(Napi::Env env, const Napi::Function& on_events)
    : wake_(Wake::New(env, on_events, "openvino-llm events", 0, 1, this)) {
  wake_.Unref(env);  // an idle pipeline does not keep the process alive
}

void EventChannel::push(uint64_t request_id, decltype(Event::body) body) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (!open_) return;
  waiting_.push_back({request_id, std::move(body)});
  if (wake_pending_) return;
  // Under the lock: once the environment is torn down the call answers napi_closing, and must not be made
  // again.
  if (wake_.NonBlockingCall() == napi_ok) {
    wake_pending_ = true;
  } else {
    open_ = false;
  }
}

void EventChannel::begin_activity(Napi::Env env) {
  if (active_++ == 0) wake_.Ref(env);
}

void EventChannel::end_activity(Napi::Env env) {
  if (--active_ == 0) wake_.Unref(env);
}

void EventChannel::close(Napi::Env env) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (!open_) return;
    open_ = false;
    waiting_.clear();
  }
  if (active_ != 0) wake_.Unref(env);
  active_ = 0;
  wake_.Abort();
}

void EventChannel::deliver(Napi::Env env, Napi::Function on_events, EventChannel* channel, void*) {
  if (env == nullptr || on_events.IsEmpty())
    return;  // the environment is going down, and the channel with it
  std::vector<Event> events;
  {
    std::lock_guard<std::mutex> lock(channel->mutex_);
    channel->wake_pending_ = false;
    events.swap(channel->waiting_);
  }
  if (events.empty()) return;
  try {
    Napi::HandleScope scope(env);
    auto batch = Napi::Array::New(env, events.size());
    for (size_t i = 0; i < events.size(); ++i) {
      batch[static_cast<uint32_t>(i)] = to_js(env, events[i]);
      if (ends_activity(events[i])) channel->end_activity(env);
    }
    on_events.Call({batch});
  } catch (const Napi::Error& error) {
    // A terminated worker runs no JavaScript: each call into it fails here, and nobody is left to be told.
    error.ThrowAsJavaScriptException();
  }
}

}  // namespace openvino_llm
