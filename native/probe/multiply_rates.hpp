// How fast this CPU multiplies and adds in each precision: what a matrix product can reach at most. Any
// thread; blocks.
#pragma once

#include <cstddef>
#include <vector>

namespace openvino_llm {

struct MultiplyRateOptions {
  size_t threads;
  size_t milliseconds;  // of each kernel
};

struct MultiplyRate {
  const char* precision;            // of the factors: f32, bf16, int8
  const char* instructions;         // oneDNN's names: avx2, avx2_vnni, avx512_core, …
  double multiply_adds_per_second;  // of all threads together, in the fastest pass
  double sum, expected_sum;         // of one call's products: what the kernel made, what plain C++ makes
};

// One for each kernel that this CPU and this process may run. Throws std::system_error for want of threads.
std::vector<MultiplyRate> measure_multiply_rates(const MultiplyRateOptions& options);

}  // namespace openvino_llm
