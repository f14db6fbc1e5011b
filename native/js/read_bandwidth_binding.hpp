// measure_read_bandwidth for JavaScript: on a thread of libuv's pool.
#pragma once

#include <napi.h>

namespace openvino_llm {

// ({ threads, bytes, milliseconds }) => Promise<NativeReadBandwidth>.
Napi::Value measure_read_bandwidth_to_js(const Napi::CallbackInfo& info);

}  // namespace openvino_llm
