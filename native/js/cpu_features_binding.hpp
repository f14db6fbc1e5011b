// cpu_features for JavaScript.
#pragma once

#include <napi.h>

namespace openvino_llm {

// () => { avx2, fma, … , amxPermitted }: all booleans.
Napi::Value cpu_features_to_js(const Napi::CallbackInfo& info);

}  // namespace openvino_llm
