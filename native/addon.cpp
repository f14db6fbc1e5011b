#include "addon.hpp"

#include "cpu_features.hpp"
#include "devices.hpp"
#include "llm_pipeline.hpp"

namespace openvino_llm {

AddonData::AddonData(Napi::Env env) : env_(env) {
  env.AddCleanupHook([](AddonData* data) { data->close_all(); }, this);
}

AddonData& AddonData::of(Napi::Env env) { return *env.GetInstanceData<AddonData>(); }

AddonData* AddonData::find(Napi::Env env) {
  auto* data = env.GetInstanceData<AddonData>();
  return data != nullptr && !data->ended_ ? data : nullptr;
}

void AddonData::close_all() {
  ended_ = true;
  for (LlmPipeline* pipeline : pipelines_) pipeline->close_now(env_);
  pipelines_.clear();
}

namespace {

// process.exit() and an uncaught exception run no cleanup hook on the main thread, so JavaScript calls this
// on 'exit'.
void close_all(const Napi::CallbackInfo& info) { AddonData::of(info.Env()).close_all(); }

Napi::Object init(Napi::Env env, Napi::Object exports) {
  env.SetInstanceData(new AddonData(env));
  exports["LlmPipeline"] = LlmPipeline::define(env);
  exports["closeAll"] = Napi::Function::New<close_all>(env, "closeAll");
  exports["cpuFeatures"] = Napi::Function::New<cpu_features_to_js>(env, "cpuFeatures");
  exports["listDevices"] = Napi::Function::New<list_devices>(env, "listDevices");
  return exports;
}

}  // namespace

NODE_API_MODULE(openvino_llm, init)

}  // namespace openvino_llm
