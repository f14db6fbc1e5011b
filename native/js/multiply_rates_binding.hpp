// measure_multiply_rates for JavaScript: on a thread of libuv's pool.
#pragma once

#include <napi.h>

namespace openvino_llm {

// ({ threads, milliseconds }) => Promise<NativeMultiplyRate[]>.
Napi::Value measure_multiply_rates_to_js(const Napi::CallbackInfo& info);

}  // namespace openvino_llm
