#include "probe/read_bandwidth.hpp"

#include <immintrin.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <new>

#include "probe/cpu_features.hpp"
#include "probe/parallel.hpp"

namespace openvino_llm {
namespace {

using Clock = std::chrono::steady_clock;
using Read = uint64_t (*)(const char* begin, size_t bytes);

constexpr size_t kMinPasses = 3, kMaxPasses = 1000;
constexpr size_t kLine = 64;
// So far ahead of the reading each line is asked for. Behind the end that does nothing.
constexpr size_t kAhead = 8192;
// What one round of a loop reads.
constexpr size_t kBlock = 4 * kLine;

// Pages of its own, large ones where the kernel has them, so that the walk through page tables is not what is
// measured.
class Pages {
 public:
  explicit Pages(size_t bytes)
      : bytes_(bytes),
        begin_(mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {
    if (begin_ == MAP_FAILED) throw std::bad_alloc();
    madvise(begin_, bytes, MADV_HUGEPAGE);
  }
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
  ~Pages() { munmap(begin_, bytes_); }

  char* begin() const { return static_cast<char*>(begin_); }

 private:
  const size_t bytes_;
  void* const begin_;
};

void ask_for_block(const char* block) {
  for (size_t line = 0; line < kBlock; line += kLine) _mm_prefetch(block + kAhead + line, _MM_HINT_T0);
}

__attribute__((target("avx512f"))) uint64_t read_avx512(const char* begin, size_t bytes) {
  __m512i sum = _mm512_setzero_si512();
  for (size_t at = 0; at < bytes; at += kBlock) {
    const auto* block = reinterpret_cast<const __m512i*>(begin + at);
    ask_for_block(begin + at);
    const __m512i left = _mm512_xor_si512(_mm512_load_si512(block), _mm512_load_si512(block + 1));
    const __m512i right = _mm512_xor_si512(_mm512_load_si512(block + 2), _mm512_load_si512(block + 3));
    sum = _mm512_xor_si512(sum, _mm512_xor_si512(left, right));
  }
  alignas(kLine) uint64_t parts[8];
  _mm512_store_si512(parts, sum);
  return parts[0] ^ parts[1] ^ parts[2] ^ parts[3] ^ parts[4] ^ parts[5] ^ parts[6] ^ parts[7];
}

__attribute__((target("avx2"))) uint64_t read_avx2(const char* begin, size_t bytes) {
  __m256i sum = _mm256_setzero_si256();
  for (size_t at = 0; at < bytes; at += kBlock) {
    const auto* block = reinterpret_cast<const __m256i*>(begin + at);
    ask_for_block(begin + at);
    for (size_t i = 0; i < kBlock / sizeof(__m256i); ++i) {
      sum = _mm256_xor_si256(sum, _mm256_load_si256(block + i));
    }
  }
  alignas(kLine) uint64_t parts[4];
  _mm256_store_si256(reinterpret_cast<__m256i*>(parts), sum);
  return parts[0] ^ parts[1] ^ parts[2] ^ parts[3];
}

uint64_t read_plain(const char* begin, size_t bytes) {
  uint64_t sum = 0;
  for (size_t at = 0; at < bytes; at += kBlock) {
    const auto* block = reinterpret_cast<const uint64_t*>(begin + at);
    ask_for_block(begin + at);
    for (size_t i = 0; i < kBlock / sizeof(uint64_t); ++i) sum ^= block[i];
  }
  return sum;
}

Read fastest_read() {
  const CpuFeatures features = cpu_features();
  if (features.avx512f) return read_avx512;
  return features.avx2 ? read_avx2 : read_plain;
}

}  // namespace

ReadBandwidth measure_read_bandwidth(const ReadBandwidthOptions& options) {
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const size_t share = std::max(page, options.bytes / options.threads / page * page);
  const size_t bytes = share * options.threads;
  const Pages pages(bytes);
  const auto part = [&](size_t thread) { return pages.begin() + thread * share; };
  // A page has no memory before it is written to; written by the thread of its part, it is near that one's
  // cores.
  on_threads(options.threads, [&](size_t thread) {
    for (size_t at = 0; at < share; at += page) part(thread)[at] = 1;
  });

  const Read read = fastest_read();
  std::atomic<uint64_t> read_sum{0};  // somebody needs what is read, or the compiler leaves the reading out
  ReadBandwidth result{bytes, {}};
  const auto end = Clock::now() + std::chrono::milliseconds(options.milliseconds);
  while (result.bytes_per_second.size() < kMinPasses ||
         (Clock::now() < end && result.bytes_per_second.size() < kMaxPasses)) {
    const auto began = Clock::now();
    on_threads(options.threads, [&](size_t thread) { read_sum ^= read(part(thread), share); });
    const std::chrono::duration<double> seconds = Clock::now() - began;
    result.bytes_per_second.push_back(static_cast<double>(bytes) / seconds.count());
  }
  return result;
}

}  // namespace openvino_llm
