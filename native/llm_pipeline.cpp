#include "llm_pipeline.hpp"

#include <filesystem>

#include "addon.hpp"
#include "convert.hpp"

namespace openvino_llm {
namespace {

// What a pipeline holds at least: its weights, and some 8 MB that even a model without any takes.
int64_t memory_bytes(const std::string& path) {
  constexpr int64_t kWithoutWeights = 8'000'000;
  std::error_code error;
  const auto weights = std::filesystem::file_size(std::filesystem::path(path) / "openvino_model.bin", error);
  return error ? kWithoutWeights : kWithoutWeights + static_cast<int64_t>(weights);
}

// Joins the worker on a thread of libuv's pool, then settles the promise.
class Close final : public Napi::AsyncWorker {
 public:
  Close(Napi::Env env, std::shared_ptr<PipelineWorker> worker, std::shared_ptr<EventChannel> channel)
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
  std::shared_ptr<PipelineWorker> worker_;
  std::shared_ptr<EventChannel> channel_;
  Napi::Promise::Deferred deferred_;
};

}  // namespace

Napi::Function LlmPipeline::define(Napi::Env env) {
  return DefineClass(
      env, "LlmPipeline",
      {InstanceMethod<&LlmPipeline::submit>("submit"), InstanceMethod<&LlmPipeline::cancel>("cancel"),
       InstanceMethod<&LlmPipeline::close>("close"),
       InstanceMethod<&LlmPipeline::produced_tokens>("producedTokens")});
}

LlmPipeline::LlmPipeline(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  const auto options = info[0].As<Napi::Object>();
  LoadOptions load;
  load.path = options.Get("path").As<Napi::String>();
  load.device = options.Get("device").As<Napi::String>();
  load.properties = properties_from_js(options.Get("properties").As<Napi::Array>());

  account_memory(info.Env(), memory_bytes(load.path));
  channel_ = std::make_shared<EventChannel>(info.Env(), info[1].As<Napi::Function>());
  channel_->begin_activity(info.Env());
  worker_ = std::make_shared<PipelineWorker>(
      std::move(load), [channel = channel_](uint64_t id, auto body) { channel->push(id, std::move(body)); });
  AddonData::of(info.Env()).add(this);
}

LlmPipeline::~LlmPipeline() {
  if (AddonData* data = AddonData::find(Env())) data->remove(this);
  close_now(Env());
}

void LlmPipeline::close_now(Napi::Env env) {
  if (!worker_) return;  // the constructor threw
  worker_->close();
  worker_->join();
  channel_->close(env);
  account_memory(env, 0);
}

void LlmPipeline::account_memory(Napi::Env env, int64_t bytes) {
  Napi::MemoryManagement::AdjustExternalMemory(env, bytes - accounted_bytes_);
  accounted_bytes_ = bytes;
}

void LlmPipeline::submit(const Napi::CallbackInfo& info) {
  auto request = request_from_js(info[0].As<Napi::Object>());
  if (worker_->submit(std::move(request))) channel_->begin_activity(info.Env());
}

void LlmPipeline::cancel(const Napi::CallbackInfo& info) {
  worker_->cancel(static_cast<uint64_t>(info[0].As<Napi::Number>().Int64Value()));
}

Napi::Value LlmPipeline::close(const Napi::CallbackInfo& info) {
  worker_->close();
  account_memory(info.Env(), 0);
  auto* closing = new Close(info.Env(), worker_, channel_);  // deletes itself
  closing->Queue();
  return closing->promise();
}

Napi::Value LlmPipeline::produced_tokens(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(worker_->produced_tokens()));
}

}  // namespace openvino_llm
