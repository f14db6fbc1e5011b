// How a type looks to our compiler, as JSON.
#pragma once

#include <cstddef>
#include <string>

#include "test/json.hpp"

namespace probe {

template <class T>
std::string layout(const Numbers& fields = {}) {
  return Object().number("size", sizeof(T)).number("align", alignof(T)).raw("fields", object(fields)).text();
}

}  // namespace probe

#define FIELD(Type, name) {#name, offsetof(Type, name)}
