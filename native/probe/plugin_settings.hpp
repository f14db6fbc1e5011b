// The settings that OpenVINO's CPU plugin puts into force for a model, asked of the plugin itself. Knows
// nothing of JavaScript; called on any thread.
#pragma once

#include <map>
#include <string>

#include "openvino/core/any.hpp"

namespace openvino_llm {

struct PluginSettings {
  std::map<std::string, std::string> properties;
  size_t threads_per_stream;  // that one inference runs on
};

// `runtime_options` are those in the rt_info of the model's IR, which hold where no property says otherwise.
// Throws what OpenVINO throws.
PluginSettings plugin_settings(const ov::AnyMap& properties, const ov::AnyMap& runtime_options);

}  // namespace openvino_llm
