// Between JavaScript values and plain structs. The TypeScript side has validated everything, so what does not
// fit here is an error of this library and throws a TypeError.
#pragma once

#include <napi.h>

#include <memory>
#include <string>

#include "openvino/core/any.hpp"
#include "request.hpp"

namespace openvino_llm {

Napi::Object to_js(Napi::Env env, const Event& event);
std::shared_ptr<Request> request_from_js(const Napi::Object& value);
// [[name, value], …], both strings.
ov::AnyMap properties_from_js(const Napi::Array& value);

}  // namespace openvino_llm
