#include "js/cpu_features_binding.hpp"

#include "probe/cpu_features.hpp"

namespace openvino_llm {

Napi::Value cpu_features_to_js(const Napi::CallbackInfo& info) {
  const CpuFeatures features = cpu_features();
  auto out = Napi::Object::New(info.Env());
  const auto set = [&](const char* name, bool value) { out[name] = Napi::Boolean::New(info.Env(), value); };
  set("avx2", features.avx2);
  set("fma", features.fma);
  set("f16c", features.f16c);
  set("avxVnni", features.avx_vnni);
  set("avx512f", features.avx512f);
  set("avx512bw", features.avx512bw);
  set("avx512vnni", features.avx512vnni);
  set("avx512bf16", features.avx512bf16);
  set("avx512fp16", features.avx512fp16);
  set("amxTile", features.amx_tile);
  set("amxInt8", features.amx_int8);
  set("amxBf16", features.amx_bf16);
  set("amxFp16", features.amx_fp16);
  set("amxPermitted", features.amx_permitted);
  return out;
}

}  // namespace openvino_llm
