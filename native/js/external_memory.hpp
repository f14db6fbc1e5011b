// The memory behind a small JavaScript object, as reported to V8: or the object, dropped, would wait for a
// collection that nothing brings about. JavaScript thread; the object's native side owns it.
#pragma once

#include <napi.h>

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <string>

namespace openvino_llm {

class ExternalMemory {
 public:
  explicit ExternalMemory(Napi::Env env, int64_t bytes = 0) : env_(env) { set(bytes); }
  ExternalMemory(const ExternalMemory&) = delete;
  ExternalMemory& operator=(const ExternalMemory&) = delete;
  ~ExternalMemory() { set(0); }

  void set(int64_t bytes) {
    Napi::MemoryManagement::AdjustExternalMemory(env_, bytes - bytes_);
    bytes_ = bytes;
  }

 private:
  const Napi::Env env_;
  int64_t bytes_ = 0;
};

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
