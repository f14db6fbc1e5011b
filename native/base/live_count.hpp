// Counts the living objects of a class, process-wide, so that a test can see that none is left. Any thread.
#pragma once

#include <atomic>
#include <cstdint>

namespace openvino_llm {

template <class Counted>
class LiveCount {
 public:
  LiveCount() { ++count_; }
  LiveCount(const LiveCount&) { ++count_; }
  LiveCount& operator=(const LiveCount&) = default;
  ~LiveCount() { --count_; }
  static int64_t now() { return count_; }

 private:
  static inline std::atomic<int64_t> count_{0};
};

}  // namespace openvino_llm
