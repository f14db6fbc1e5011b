// plugin_settings for JavaScript: on a thread of libuv's pool.
#pragma once

#include <napi.h>

namespace openvino_llm {

// (properties, runtimeOptions) => Promise<NativePluginSettings>.
Napi::Value plugin_settings_to_js(const Napi::CallbackInfo& info);

}  // namespace openvino_llm
