// Reports to V8 the memory behind a small JavaScript object. Any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <string>

namespace openvino_llm {

// The files of a model that stay in memory, and some 8 MB that even a model without any takes.
inline int64_t memory_bytes(const std::string& folder, std::initializer_list<const char*> files) {
  int64_t bytes = 8'000'000;
  for (const char* file : files) {
    std::error_code error;
    const auto size = std::filesystem::file_size(std::filesystem::path(folder) / file, error);
    if (!error) bytes += static_cast<int64_t>(size);
  }
  return bytes;
}

}  // namespace openvino_llm
