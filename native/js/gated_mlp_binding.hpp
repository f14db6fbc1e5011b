// gated_mlps for JavaScript: on a thread of libuv's pool.
#pragma once

#include <napi.h>

namespace openvino_llm {

// (folder with the IR) => Promise<NativeGatedMlp[]>.
Napi::Value gated_mlps_to_js(const Napi::CallbackInfo& info);

}  // namespace openvino_llm
