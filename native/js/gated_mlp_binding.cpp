#include "js/gated_mlp_binding.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include "js/async_call.hpp"
#include "js/convert.hpp"
#include "openvino/runtime/core.hpp"
#include "probe/gated_mlp.hpp"

namespace openvino_llm {
namespace {

Napi::Value mlps_to_js(Napi::Env env, const std::vector<GatedMlp>& mlps) {
  return array_to_js(env, mlps, [env](const GatedMlp& mlp) {
    auto out = Napi::Object::New(env);
    out["hiddenSize"] = static_cast<double>(mlp.hidden_size);
    out["intermediateSize"] = static_cast<double>(mlp.intermediate_size);
    out["gateUpWeights"] = mlp.gate_up_weights;
    out["downWeights"] = mlp.down_weights;
    out["isCombined"] = mlp.is_combined;
    out["count"] = static_cast<double>(mlp.count);
    return out;
  });
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
