// What is known of OpenVINO's CPU plugin before a model is loaded, for JavaScript.
#pragma once

#include <napi.h>

namespace openvino_llm {

// (properties, runtimeOptions) => Promise<NativePluginSettings>, as lib/native/native-plugin.ts has it.
Napi::Value plugin_settings_to_js(const Napi::CallbackInfo& info);

// (folder with the IR) => Promise<NativeGatedMlp[]>.
Napi::Value gated_mlps_to_js(const Napi::CallbackInfo& info);

}  // namespace openvino_llm
