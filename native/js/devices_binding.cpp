#include "js/devices_binding.hpp"

#include <string>
#include <vector>

#include "js/async_call.hpp"
#include "js/convert.hpp"
#include "probe/devices.hpp"

namespace openvino_llm {
namespace {

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
  const auto plugins = strings_from_js(info[0].As<Napi::Array>());
  return AsyncCall<std::vector<Device>>::run(
      info.Env(), [plugins] { return devices_of(plugins); }, devices_to_js);
}

}  // namespace openvino_llm
