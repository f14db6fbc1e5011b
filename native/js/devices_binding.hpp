// devices_of for JavaScript: on a thread of libuv's pool.
#pragma once

#include <napi.h>

namespace openvino_llm {

// (plugins: string[]) => Promise<[{ name, fullName, capabilities: string[] }]>.
Napi::Value list_devices(const Napi::CallbackInfo& info);

}  // namespace openvino_llm
