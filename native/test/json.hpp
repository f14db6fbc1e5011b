// JSON text, as the probes print it.
#pragma once

#include <cstddef>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace probe {

inline std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const unsigned char c : text) {
    char escaped[8];
    std::snprintf(escaped, sizeof escaped, c < 0x20 || c == '"' || c == '\\' ? "\\u%04x" : "%c", c);
    out += escaped;
  }
  return out + "\"";
}

template <class List>
std::string array(const List& items) {
  std::string text;
  for (const auto& item : items) text += (text.empty() ? "" : ",") + std::to_string(item);
  return "[" + text + "]";
}

class Object {
 public:
  Object& raw(const std::string& key, const std::string& value) {
    out_ += (out_.empty() ? "" : ",") + quoted(key) + ":" + value;
    return *this;
  }
  Object& number(const std::string& key, size_t value) { return raw(key, std::to_string(value)); }
  std::string text() const { return "{" + out_ + "}"; }

 private:
  std::string out_;
};

using Numbers = std::vector<std::pair<const char*, size_t>>;

inline std::string object(const Numbers& numbers) {
  Object out;
  for (const auto& [name, value] : numbers) out.number(name, value);
  return out.text();
}

}  // namespace probe
