// The devices that OpenVINO sees here.
#pragma once

#include <napi.h>

namespace openvino_llm {

// (plugins: string[]) => Promise<[{ name, fullName, capabilities: string[] }]>. Plugins ("CPU") are opened
// off the JavaScript thread, and no others than these.
Napi::Value list_devices(const Napi::CallbackInfo& info);

}  // namespace openvino_llm
