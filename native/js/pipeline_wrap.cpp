#include "js/pipeline_wrap.hpp"

#include "engine/batching_engine.hpp"
#include "engine/llm_engine.hpp"
#include "js/convert.hpp"
#include "js/scheduler_options.hpp"

namespace openvino_llm {
namespace {

int64_t weights_bytes(const std::string& path) { return memory_bytes(path, {"openvino_model.bin"}); }

// Joins the worker on a thread of libuv's pool, then settles the promise.
class Close final : public Napi::AsyncWorker {
 public:
  Close(Napi::Env env, std::shared_ptr<Worker> worker, std::shared_ptr<EventChannel> channel)
      : AsyncWorker(env, "openvino-llm close"),
        worker_(std::move(worker)),
        channel_(std::move(channel)),
        deferred_(Napi::Promise::Deferred::New(env)) {}

  Napi::Promise promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override { worker_->join(); }
  void OnOK() override {
    channel_->close(Env());
    deferred_.Resolve(Env().Undefined());
  }

 private:
  std::shared_ptr<Worker> worker_;
  std::shared_ptr<EventChannel> channel_;
  Napi::Promise::Deferred deferred_;
};

}  // namespace

Napi::Function PipelineWrap::define(Napi::Env env) {
  return DefineClass(
      env, "Pipeline",
      {InstanceMethod<&PipelineWrap::submit>("submit"), InstanceMethod<&PipelineWrap::gathered>("gathered"),
       InstanceMethod<&PipelineWrap::deliver>("deliver"), InstanceMethod<&PipelineWrap::cancel>("cancel"),
       InstanceMethod<&PipelineWrap::close>("close"), InstanceMethod<&PipelineWrap::metrics>("metrics"),
       InstanceMethod<&PipelineWrap::scheduler_config>("schedulerConfig"),
       InstanceMethod<&PipelineWrap::produced_tokens>("producedTokens")});
}

PipelineWrap::PipelineWrap(const Napi::CallbackInfo& info)
    : ObjectWrap(info), memory_(info.Env()), registration_(info.Env(), this) {
  const auto options = info[0].As<Napi::Object>();
  LoadOptions load;
  load.path = options.Get("path").As<Napi::String>();
  load.device = options.Get("device").As<Napi::String>();
  load.properties = properties_from_js(options.Get("properties").As<Napi::Array>());
  if (options.Has("adapters")) load.adapters = adapters_from_js(options.Get("adapters").As<Napi::Array>());
  load.speculation = speculation_from_js(options);
  const Napi::Value max_queue = options.Get("maxQueue");
  const size_t max_waiting =
      max_queue.IsNull() ? WaitingQueue::kNoLimit : max_queue.As<Napi::Number>().Uint32Value();

  const auto& draft = load.speculation.draft;
  memory_.set(weights_bytes(load.path) + (draft ? weights_bytes(draft->path) : 0));
  channel_ = std::make_shared<EventChannel>(info.Env(), info[1].As<Napi::Function>());
  channel_->begin_activity(info.Env());
  const auto emit = [channel = channel_](std::vector<Event> events) { channel->push(std::move(events)); };
  const Napi::Value scheduler = options.Get("scheduler");
  if (scheduler.IsNull()) {
    const auto make = [load] { return std::make_unique<LlmEngine>(load); };
    worker_ = std::make_shared<Worker>(make, 1, max_waiting, emit);
  } else {
    scheduler_ = scheduler_config_from_js(scheduler.As<Napi::Object>());
    const auto make = [load, config = *scheduler_] { return std::make_unique<BatchingEngine>(load, config); };
    worker_ = std::make_shared<Worker>(make, scheduler_->max_num_seqs, max_waiting, emit);
  }
}

void PipelineWrap::close_now() {
  if (worker_) {  // none where the constructor threw: the system gave no thread, or no memory
    worker_->close();
    worker_->join();
  }
  if (channel_) channel_->close(Env());
  memory_.set(0);
}

Napi::Value PipelineWrap::submit(const Napi::CallbackInfo& info) {
  const auto put = worker_->submit(request_from_js(info[0].As<Napi::Object>()));
  if (put == WaitingQueue::Put::kTaken) channel_->begin_activity(info.Env());
  return Napi::Boolean::New(info.Env(), put != WaitingQueue::Put::kFull);
}

void PipelineWrap::gathered(const Napi::CallbackInfo&) { worker_->queue().gathered(); }

void PipelineWrap::deliver(const Napi::CallbackInfo& info) {
  channel_->deliver(info.Env(), info[0].As<Napi::Function>());
}

void PipelineWrap::cancel(const Napi::CallbackInfo& info) {
  worker_->cancel(static_cast<uint64_t>(info[0].As<Napi::Number>().Int64Value()));
}

Napi::Value PipelineWrap::close(const Napi::CallbackInfo& info) {
  worker_->close();
  memory_.set(0);
  auto* closing = new Close(info.Env(), worker_, channel_);  // deletes itself
  closing->Queue();
  return closing->promise();
}

Napi::Value PipelineWrap::produced_tokens(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(worker_->produced_tokens()));
}

Napi::Value PipelineWrap::metrics(const Napi::CallbackInfo& info) {
  return metrics_to_js(info.Env(), worker_->metrics());
}

Napi::Value PipelineWrap::scheduler_config(const Napi::CallbackInfo& info) {
  return scheduler_ ? Napi::Value(scheduler_config_to_js(info.Env(), *scheduler_)) : info.Env().Null();
}

}  // namespace openvino_llm
