// The same call on several threads at once, as measurements of the machine need it.
#pragma once

#include <cstddef>
#include <functional>
#include <future>
#include <vector>

namespace openvino_llm {

// Calls it with the number of each thread, on as many threads at once, and waits for all.
// Throws what a call throws and, for want of threads, std::system_error.
inline void on_threads(size_t threads, const std::function<void(size_t)>& call) {
  std::vector<std::future<void>> running;
  running.reserve(threads);
  for (size_t i = 0; i < threads; ++i) running.push_back(std::async(std::launch::async, call, i));
  for (auto& one : running) one.get();
}

}  // namespace openvino_llm
