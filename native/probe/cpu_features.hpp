// What this CPU can do and what the kernel lets this process use of it.
#pragma once

#include <napi.h>

namespace openvino_llm {

// () => { avx2, fma, … , amxPermitted }: all booleans. A flag is true only where the CPU has the instructions
// and the operating system saves their registers.
Napi::Value cpu_features_to_js(const Napi::CallbackInfo& info);

}  // namespace openvino_llm
