// How fast threads read memory: what a model's weights can reach the cores with at most. Any thread; blocks.
#pragma once

#include <cstddef>
#include <vector>

namespace openvino_llm {

struct ReadBandwidthOptions {
  size_t threads;
  size_t bytes;         // read in each pass, all threads together
  size_t milliseconds;  // passes begin until so many are over
};

struct ReadBandwidth {
  size_t bytes;                          // as asked for, rounded down to what the threads share evenly
  std::vector<double> bytes_per_second;  // of each pass
};

// Passes over new memory until the time is over, at least three.
// Throws std::bad_alloc and, for want of threads, std::system_error.
ReadBandwidth measure_read_bandwidth(const ReadBandwidthOptions& options);

}  // namespace openvino_llm
