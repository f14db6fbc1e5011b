// Between GenAI's scheduler settings and a JavaScript object with the keys of `ResolvedSchedulerConfig`.
// On the JavaScript thread. The TypeScript side has validated everything
// and leaves no key out, so what does not fit here throws a TypeError.
#pragma once

#include <napi.h>

#include "genai/genai.hpp"

namespace openvino_llm {

ov::genai::SchedulerConfig scheduler_config_from_js(const Napi::Object& value);
Napi::Object scheduler_config_to_js(Napi::Env env, const ov::genai::SchedulerConfig& config);

}  // namespace openvino_llm
