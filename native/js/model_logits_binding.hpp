// model_logits for JavaScript: on a thread of libuv's pool, which frees everything before the promise
// settles.
#pragma once

#include <napi.h>

namespace openvino_llm {

// (NativeLogitsOptions) => Promise<NativeLogits>.
Napi::Value model_logits_to_js(const Napi::CallbackInfo& info);

}  // namespace openvino_llm
