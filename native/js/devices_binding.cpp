#include "js/devices_binding.hpp"

#include <string>
#include <vector>

#include "js/async_call.hpp"
#include "js/convert.hpp"
#include "probe/devices.hpp"

namespace openvino_llm {
namespace {

Napi::Value devices_to_js(Napi::Env env, const std::vector<Device>& devices) {
  return array_to_js(env, devices, [env](const Device& device) {
    auto out = Napi::Object::New(env);
    out["name"] = device.name;
    out["fullName"] = device.full_name;
    out["capabilities"] = array_to_js(env, device.capabilities);
    return out;
  });
}

}  // namespace

Napi::Value list_devices(const Napi::CallbackInfo& info) {
  const auto plugins = strings_from_js(info[0].As<Napi::Array>());
  return AsyncCall<std::vector<Device>>::run(
      info.Env(), [plugins] { return devices_of(plugins); }, devices_to_js);
}

}  // namespace openvino_llm
