// The properties of a compiled model as text.
#pragma once

#include <map>
#include <string>

#include "openvino/runtime/compiled_model.hpp"

namespace openvino_llm {

inline std::map<std::string, std::string> compiled_properties(const ov::CompiledModel& model) {
  std::map<std::string, std::string> properties;
  for (const ov::PropertyName& name : model.get_property(ov::supported_properties)) {
    try {
      properties[name] = model.get_property(name).as<std::string>();
    } catch (const ov::Exception&) {
      continue;  // no text
    }
  }
  return properties;
}

}  // namespace openvino_llm
