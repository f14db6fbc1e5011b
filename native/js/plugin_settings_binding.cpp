#include "js/plugin_settings_binding.hpp"

#include "js/async_call.hpp"
#include "js/convert.hpp"
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

}  // namespace

Napi::Value plugin_settings_to_js(const Napi::CallbackInfo& info) {
  const auto properties = properties_from_js(info[0].As<Napi::Array>());
  const auto runtime_options = properties_from_js(info[1].As<Napi::Array>());
  return AsyncCall<PluginSettings>::run(
      info.Env(), [=] { return plugin_settings(properties, runtime_options); }, settings_to_js);
}

}  // namespace openvino_llm
