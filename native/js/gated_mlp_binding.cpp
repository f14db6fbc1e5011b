#include "js/gated_mlp_binding.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include "js/async_call.hpp"
#include "openvino/runtime/core.hpp"
#include "probe/gated_mlp.hpp"

namespace openvino_llm {
namespace {

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

Napi::Value gated_mlps_to_js(const Napi::CallbackInfo& info) {
  const std::string folder = info[0].As<Napi::String>();
  const auto read = [folder] {
    ov::Core core;
    return gated_mlps(*core.read_model((std::filesystem::path(folder) / "openvino_model.xml").string()));
  };
  return AsyncCall<std::vector<GatedMlp>>::run(info.Env(), read, mlps_to_js);
}

}  // namespace openvino_llm
