// What JavaScript gets of the addon.
#include "base/clock.hpp"
#include "base/cpu_account.hpp"
#include "js/addon_data.hpp"
#include "js/cpu_features_binding.hpp"
#include "js/devices_binding.hpp"
#include "js/gated_mlp_binding.hpp"
#include "js/model_logits_binding.hpp"
#include "js/model_profile_binding.hpp"
#include "js/multiply_rates_binding.hpp"
#include "js/pipeline_wrap.hpp"
#include "js/plugin_settings_binding.hpp"
#include "js/read_bandwidth_binding.hpp"
#include "js/text_model_wrap.hpp"
#include "js/tokenizer_wrap.hpp"

namespace openvino_llm {
namespace {

// process.exit() and an uncaught exception run no cleanup hook on the main thread, so JavaScript calls this
// on 'exit'.
void close_all(const Napi::CallbackInfo& info) { AddonData::of(info.Env()).close_all(); }

Napi::Value live_objects(const Napi::CallbackInfo& info) {
  auto out = Napi::Object::New(info.Env());
  out["pipelines"] = static_cast<double>(LiveCount<PipelineWrap>::now());
  out["tokenizers"] = static_cast<double>(LiveCount<TokenizerWrap>::now());
  out["textModels"] = static_cast<double>(LiveCount<TextModel>::now());
  out["workers"] = static_cast<double>(LiveCount<Worker>::now());
  out["engines"] = static_cast<double>(LiveCount<Engine>::now());
  out["requests"] = static_cast<double>(LiveCount<Request>::now());
  out["channels"] = static_cast<double>(LiveCount<EventChannel>::now());
  return out;
}

Napi::Value now(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), now_ms()); }

Napi::Value cpu_account(const Napi::CallbackInfo& info) {
  CpuAccount::turn_on();
  auto out = Napi::Object::New(info.Env());
  out["streamersNs"] = static_cast<double>(CpuAccount::streamers.ns());
  out["workersNs"] = static_cast<double>(CpuAccount::workers.ns());
  out["thisThreadNs"] = static_cast<double>(thread_cpu_ns());
  return out;
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  // The loader may be asked to open the core again, and Node does not free what is replaced here.
  if (env.GetInstanceData<AddonData>() == nullptr) env.SetInstanceData(new AddonData(env));
  exports["Pipeline"] = PipelineWrap::define(env);
  exports["TextModel"] = TextModelWrap::define(env);
  exports["Tokenizer"] = TokenizerWrap::define(env);
  exports["closeAll"] = Napi::Function::New<close_all>(env, "closeAll");
  exports["liveObjects"] = Napi::Function::New<live_objects>(env, "liveObjects");
  exports["nowMs"] = Napi::Function::New<now>(env, "nowMs");
  exports["cpuAccount"] = Napi::Function::New<cpu_account>(env, "cpuAccount");
  exports["cpuFeatures"] = Napi::Function::New<cpu_features_to_js>(env, "cpuFeatures");
  exports["listDevices"] = Napi::Function::New<list_devices>(env, "listDevices");
  exports["pluginSettings"] = Napi::Function::New<plugin_settings_to_js>(env, "pluginSettings");
  exports["gatedMlps"] = Napi::Function::New<gated_mlps_to_js>(env, "gatedMlps");
  exports["measureMultiplyRates"] =
      Napi::Function::New<measure_multiply_rates_to_js>(env, "measureMultiplyRates");
  exports["measureReadBandwidth"] =
      Napi::Function::New<measure_read_bandwidth_to_js>(env, "measureReadBandwidth");
  exports["modelLogits"] = Napi::Function::New<model_logits_to_js>(env, "modelLogits");
  exports["profileModel"] = Napi::Function::New<profile_model_to_js>(env, "profileModel");
  return exports;
}

}  // namespace

NODE_API_MODULE(openvino_llm, init)

}  // namespace openvino_llm
