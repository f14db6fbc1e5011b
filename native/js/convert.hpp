// Between JavaScript values and plain structs. The TypeScript side has validated everything, so what does not
// fit here is an error of this library and throws a TypeError.
#pragma once

#include <napi.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/adapters.hpp"
#include "engine/events.hpp"
#include "engine/request.hpp"
#include "engine/speculation.hpp"
#include "openvino/core/any.hpp"
#include "text/token_ids.hpp"

namespace openvino_llm {

// An event as the arguments of a call: type, id, and what the type has. Not as an object,
// because setting properties from here would be the larger part of a token's way to JavaScript.
std::vector<napi_value> to_js(Napi::Env env, const Event& event);
std::shared_ptr<Request> request_from_js(const Napi::Object& value);
Napi::Object metrics_to_js(Napi::Env env, const EngineMetrics& metrics);
// What `item_to_js` gives for each item.
template <class Item, class ItemToJs>
Napi::Array array_to_js(Napi::Env env, const std::vector<Item>& items, ItemToJs item_to_js) {
  auto array = Napi::Array::New(env, items.size());
  for (size_t i = 0; i < items.size(); ++i) array[static_cast<uint32_t>(i)] = item_to_js(items[i]);
  return array;
}
// Of texts, and of numbers that JavaScript holds.
template <class Item>
Napi::Array array_to_js(Napi::Env env, const std::vector<Item>& items) {
  return array_to_js(env, items, [](const Item& item) { return item; });
}
std::vector<std::string> strings_from_js(const Napi::Array& value);
TokenIds ids_from_js(const Napi::Array& value);
// A whole number of 0 or more, by its key.
size_t size_from_js(const Napi::Object& value, const char* key);
// [[name, value], …], both strings.
ov::AnyMap properties_from_js(const Napi::Array& value);
// From the options of a load, for which both keys may be absent.
Speculation speculation_from_js(const Napi::Object& value);
std::vector<AdapterOptions> adapters_from_js(const Napi::Array& value);

}  // namespace openvino_llm
