#include "js/model_profile_binding.hpp"

#include "js/async_call.hpp"
#include "js/convert.hpp"
#include "probe/model_profile.hpp"

namespace openvino_llm {
namespace {

Napi::Object phase_to_js(Napi::Env env, const PhaseTimes& phase) {
  auto out = Napi::Object::New(env);
  out["tokens"] = static_cast<double>(phase.tokens);
  out["inferences"] = static_cast<double>(phase.inferences);
  out["kernels"] = array_to_js(env, phase.kernels, [env](const KernelTime& time) {
    auto kernel = Napi::Object::New(env);
    kernel["nodeType"] = time.node_type;
    kernel["kernel"] = time.kernel;
    kernel["count"] = static_cast<double>(time.count);
    kernel["ms"] = time.ms;
    return kernel;
  });
  return out;
}

Napi::Value profile_to_js(Napi::Env env, const ModelProfile& profile) {
  auto properties = Napi::Object::New(env);
  for (const auto& [name, value] : profile.properties) properties[name] = value;
  auto out = Napi::Object::New(env);
  out["paged"] = profile.paged;
  out["properties"] = properties;
  out["phases"] =
      array_to_js(env, profile.phases, [env](const PhaseTimes& phase) { return phase_to_js(env, phase); });
  return out;
}

}  // namespace

Napi::Value profile_model_to_js(const Napi::CallbackInfo& info) {
  const auto value = info[0].As<Napi::Object>();
  ProfileOptions options{};
  options.path = value.Get("path").As<Napi::String>();
  options.device = value.Get("device").As<Napi::String>();
  options.properties = properties_from_js(value.Get("properties").As<Napi::Array>());
  options.prompt_tokens = size_from_js(value, "promptTokens");
  options.sequences = size_from_js(value, "sequences");
  options.vocab_size = size_from_js(value, "vocabSize");
  options.max_cache_bytes = size_from_js(value, "maxCacheBytes");
  return AsyncCall<ModelProfile>::run(
      info.Env(), [options] { return profile_model(options); }, profile_to_js);
}

}  // namespace openvino_llm
