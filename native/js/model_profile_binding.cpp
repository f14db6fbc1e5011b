#include "js/model_profile_binding.hpp"

#include "js/async_call.hpp"
#include "js/convert.hpp"
#include "probe/model_profile.hpp"

namespace openvino_llm {
namespace {

Napi::Object phase_to_js(Napi::Env env, const PhaseTimes& phase) {
  auto kernels = Napi::Array::New(env, phase.kernels.size());
  for (size_t i = 0; i < phase.kernels.size(); ++i) {
    const KernelTime& time = phase.kernels[i];
    auto kernel = Napi::Object::New(env);
    kernel["nodeType"] = time.node_type;
    kernel["kernel"] = time.kernel;
    kernel["count"] = static_cast<double>(time.count);
    kernel["ms"] = time.ms;
    kernels[static_cast<uint32_t>(i)] = kernel;
  }
  auto out = Napi::Object::New(env);
  out["tokens"] = static_cast<double>(phase.tokens);
  out["inferences"] = static_cast<double>(phase.inferences);
  out["kernels"] = kernels;
  return out;
}

Napi::Value profile_to_js(Napi::Env env, const ModelProfile& profile) {
  auto properties = Napi::Object::New(env);
  for (const auto& [name, value] : profile.properties) properties[name] = value;
  auto phases = Napi::Array::New(env, profile.phases.size());
  for (size_t i = 0; i < profile.phases.size(); ++i) {
    phases[static_cast<uint32_t>(i)] = phase_to_js(env, profile.phases[i]);
  }
  auto out = Napi::Object::New(env);
  out["paged"] = profile.paged;
  out["properties"] = properties;
  out["phases"] = phases;
  return out;
}

}  // namespace

Napi::Value profile_model_to_js(const Napi::CallbackInfo& info) {
  const auto value = info[0].As<Napi::Object>();
  const auto number = [&](const char* name) {
    return static_cast<size_t>(value.Get(name).As<Napi::Number>().Int64Value());
  };
  ProfileOptions options{};
  options.path = value.Get("path").As<Napi::String>();
  options.device = value.Get("device").As<Napi::String>();
  options.properties = properties_from_js(value.Get("properties").As<Napi::Array>());
  options.prompt_tokens = number("promptTokens");
  options.sequences = number("sequences");
  options.vocab_size = number("vocabSize");
  options.max_cache_bytes = number("maxCacheBytes");
  return AsyncCall<ModelProfile>::run(
      info.Env(), [options] { return profile_model(options); }, profile_to_js);
}

}  // namespace openvino_llm
