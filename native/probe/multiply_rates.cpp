#include "probe/multiply_rates.hpp"

#include <algorithm>
#include <chrono>

#include "probe/multiply_kernels.hpp"
#include "probe/parallel.hpp"

namespace openvino_llm {
namespace {

using Clock = std::chrono::steady_clock;

// The best of several passes: the clock has gone up (or, for the widest registers, down) after the first.
constexpr size_t kPasses = 5;

// One line of the cache for each thread, so that none waits for another's.
struct alignas(64) ThreadResult {
  double multiply_adds_per_second = 0;
  double sum = 0;
};

MultiplyRate measure(const MultiplyKernel& kernel, const Factors& factors,
                     const MultiplyRateOptions& options) {
  MultiplyRate rate{kernel.precision, kernel.instructions, 0, 0, kernel.expected_sum};
  for (size_t pass = 0; pass < kPasses; ++pass) {
    std::vector<ThreadResult> results(options.threads);
    const auto end = Clock::now() + std::chrono::microseconds(options.milliseconds * 1000 / kPasses);
    on_threads(options.threads, [&](size_t thread) {
      // Threads begin one after the other, so each has a time of its own.
      const auto began = Clock::now();
      auto now = began;
      double calls = 0, sum = 0;
      do {
        sum = kernel.run(factors);
        ++calls;
        now = Clock::now();
      } while (now < end);
      const std::chrono::duration<double> seconds = now - began;
      results[thread] = {calls * kernel.multiply_adds / seconds.count(), sum};
    });
    double total = 0;
    for (const ThreadResult& result : results) total += result.multiply_adds_per_second;
    rate.multiply_adds_per_second = std::max(rate.multiply_adds_per_second, total);
    rate.sum = results.front().sum;
  }
  return rate;
}

}  // namespace

std::vector<MultiplyRate> measure_multiply_rates(const MultiplyRateOptions& options) {
  const Factors factors = make_factors();
  std::vector<MultiplyRate> rates;
  for (const MultiplyKernel& kernel : multiply_kernels(cpu_features(), factors)) {
    rates.push_back(measure(kernel, factors, options));
  }
  return rates;
}

}  // namespace openvino_llm
