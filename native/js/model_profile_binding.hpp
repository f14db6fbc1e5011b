// profile_model for JavaScript: on a thread of libuv's pool, which frees everything before the promise
// settles.
#pragma once

#include <napi.h>

namespace openvino_llm {

// (NativeProfileOptions) => Promise<NativeProfile>.
Napi::Value profile_model_to_js(const Napi::CallbackInfo& info);

}  // namespace openvino_llm
