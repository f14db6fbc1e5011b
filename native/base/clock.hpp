// The clock of all stamps. Any thread.
#pragma once

#include <chrono>

namespace openvino_llm {

// Milliseconds of the clock of all stamps, which JavaScript reads by the addon's nowMs().
inline double now_ms() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace openvino_llm
