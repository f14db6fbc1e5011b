// The devices that OpenVINO sees here.
#pragma once

#include <napi.h>

namespace openvino_llm {

// () => Promise<[{ name, fullName, capabilities: string[] }]>. Plugins are opened off the JavaScript thread.
Napi::Value list_devices(const Napi::CallbackInfo& info);

}  // namespace openvino_llm
