#include "probe/devices.hpp"

#include <exception>

#include "openvino/runtime/core.hpp"

namespace openvino_llm {
namespace {

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

}  // namespace

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

}  // namespace openvino_llm
