#include "probe/devices.hpp"

#include <exception>
#include <string>
#include <vector>

#include "js/async_call.hpp"
#include "js/convert.hpp"
#include "openvino/runtime/core.hpp"

namespace openvino_llm {
namespace {

struct Device {
  std::string name, full_name;
  std::vector<std::string> capabilities;
};

// Not get_available_devices(), which opens plugins of the working folder too.
std::vector<std::string> available(const ov::Core& core, const std::string& plugin) {
  std::vector<std::string> names;
  try {
    const std::vector<std::string> ids = core.get_property(plugin, ov::available_devices);
    for (const std::string& id : ids) {
      names.push_back(plugin);
      if (ids.size() > 1) names.back().append(".").append(id);
    }
  } catch (const std::exception&) {
    return {};  // a plugin whose driver is not there
  }
  return names;
}

std::vector<Device> devices_of(const std::vector<std::string>& plugins) {
  const ov::Core core;
  std::vector<Device> found;
  for (const std::string& plugin : plugins) {
    for (const std::string& name : available(core, plugin)) {
      found.push_back({name, core.get_property(name, ov::device::full_name),
                       core.get_property(name, ov::device::capabilities)});
    }
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
  const auto plugins = strings_from_js(info[0].As<Napi::Array>());
  return AsyncCall<std::vector<Device>>::run(
      info.Env(), [plugins] { return devices_of(plugins); }, devices_to_js);
}

}  // namespace openvino_llm
