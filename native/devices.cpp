#include "devices.hpp"

#include <string>
#include <vector>

#include "async_call.hpp"
#include "openvino/runtime/core.hpp"

namespace openvino_llm {
namespace {

struct Device {
  std::string name, full_name;
  std::vector<std::string> capabilities;
};

std::vector<Device> devices() {
  ov::Core core;
  std::vector<Device> found;
  for (const std::string& name : core.get_available_devices()) {
    found.push_back({name, core.get_property(name, ov::device::full_name),
                     core.get_property(name, ov::device::capabilities)});
  }
  return found;
}

Napi::Value devices_to_js(Napi::Env env, const std::vector<Device>& devices) {
  auto list = Napi::Array::New(env, devices.size());
  for (size_t i = 0; i < devices.size(); ++i) {
    auto capabilities = Napi::Array::New(env, devices[i].capabilities.size());
    for (size_t k = 0; k < devices[i].capabilities.size(); ++k) {
      capabilities[static_cast<uint32_t>(k)] = devices[i].capabilities[k];
    }
    auto device = Napi::Object::New(env);
    device["name"] = devices[i].name;
    device["fullName"] = devices[i].full_name;
    device["capabilities"] = capabilities;
    list[static_cast<uint32_t>(i)] = device;
  }
  return list;
}

}  // namespace

Napi::Value list_devices(const Napi::CallbackInfo& info) {
  return AsyncCall<std::vector<Device>>::run(info.Env(), devices, devices_to_js);
}

}  // namespace openvino_llm
