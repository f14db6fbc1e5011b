// The devices that OpenVINO sees here. Any thread, but opening a plugin takes time.
#pragma once

#include <string>
#include <vector>

namespace openvino_llm {

struct Device {
  std::string name, full_name;
  std::vector<std::string> capabilities;
};

// Those of these plugins ("CPU"); no other plugin is opened.
std::vector<Device> devices_of(const std::vector<std::string>& plugins);

}  // namespace openvino_llm
