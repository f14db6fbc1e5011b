#include "js/plugin_binding.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include "js/async_call.hpp"
#include "js/convert.hpp"
#include "openvino/runtime/core.hpp"
#include "probe/gated_mlp.hpp"
#include "probe/plugin_settings.hpp"

namespace openvino_llm {
namespace {

Napi::Value settings_to_js(Napi::Env env, const PluginSettings& settings) {
  auto properties = Napi::Object::New(env);
  for (const auto& [name, value] : settings.properties) properties[name] = value;
  auto out = Napi::Object::New(env);
  out["properties"] = properties;
  out["threadsPerStream"] = static_cast<double>(settings.threads_per_stream);
  return out;
}

Napi::Value mlps_to_js(Napi::Env env, const std::vector<GatedMlp>& mlps) {
  auto out = Napi::Array::New(env, mlps.size());
  for (size_t i = 0; i < mlps.size(); ++i) {
    auto mlp = Napi::Object::New(env);
    mlp["hiddenSize"] = static_cast<double>(mlps[i].hidden_size);
    mlp["intermediateSize"] = static_cast<double>(mlps[i].intermediate_size);
    mlp["gateUpWeights"] = mlps[i].gate_up_weights;
    mlp["downWeights"] = mlps[i].down_weights;
    mlp["isCombined"] = mlps[i].is_combined;
    mlp["count"] = static_cast<double>(mlps[i].count);
    out[static_cast<uint32_t>(i)] = mlp;
  }
  return out;
}

}  // namespace

Napi::Value plugin_settings_to_js(const Napi::CallbackInfo& info) {
  const auto properties = properties_from_js(info[0].As<Napi::Array>());
  const auto runtime_options = properties_from_js(info[1].As<Napi::Array>());
  return AsyncCall<PluginSettings>::run(
      info.Env(), [=] { return plugin_settings(properties, runtime_options); }, settings_to_js);
}

Napi::Value gated_mlps_to_js(const Napi::CallbackInfo& info) {
  const std::string folder = info[0].As<Napi::String>();
  const auto read = [folder] {
    ov::Core core;
    return gated_mlps(*core.read_model((std::filesystem::path(folder) / "openvino_model.xml").string()));
  };
  return AsyncCall<std::vector<GatedMlp>>::run(info.Env(), read, mlps_to_js);
}

}  // namespace openvino_llm
