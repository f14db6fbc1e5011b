#include "probe/cpu_features.hpp"

#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

namespace openvino_llm {
namespace {

struct Registers {
  uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
};

Registers cpuid(uint32_t leaf, uint32_t subleaf) {
  Registers r;
  __get_cpuid_count(leaf, subleaf, &r.eax, &r.ebx, &r.ecx, &r.edx);
  return r;
}

bool bit(uint32_t value, unsigned index) { return (value >> index & 1U) != 0; }

// The register sets that the operating system saves (XCR0); Intel SDM volume 1, chapter 13.
uint64_t saved_state() {
  if (!bit(cpuid(1, 0).ecx, 27)) return 0;  // OSXSAVE
  uint32_t low = 0, high = 0;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return static_cast<uint64_t>(high) << 32 | low;
}

constexpr uint64_t kAvxState = 0x6, kAvx512State = 0xE6, kAmxState = 0x60000;

// Linux gives the large AMX tile state only to processes that ask for it: arch_prctl(2), since 5.16. oneDNN
// asks in the same way, so asking here changes nothing.
bool request_amx_tiles() {
  constexpr int kRequestPermission = 0x1023, kTileData = 18;
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

}  // namespace

CpuFeatures cpu_features() {
  const Registers basic = cpuid(1, 0), extended = cpuid(7, 0), extended1 = cpuid(7, 1);
  const uint64_t state = saved_state();
  const bool avx = (state & kAvxState) == kAvxState;
  const bool avx512 = (state & kAvx512State) == kAvx512State && bit(extended.ebx, 16);
  const bool amx = (state & kAmxState) == kAmxState && bit(extended.edx, 24);

  CpuFeatures features;
  features.avx2 = avx && bit(extended.ebx, 5);
  features.fma = avx && bit(basic.ecx, 12);
  features.f16c = avx && bit(basic.ecx, 29);
  features.avx_vnni = avx && bit(extended1.eax, 4);
  features.avx512f = avx512;
  features.avx512bw = avx512 && bit(extended.ebx, 30);
  features.avx512vnni = avx512 && bit(extended.ecx, 11);
  features.avx512bf16 = avx512 && bit(extended1.eax, 5);
  features.avx512fp16 = avx512 && bit(extended.edx, 23);
  features.amx_tile = amx;
  features.amx_int8 = amx && bit(extended.edx, 25);
  features.amx_bf16 = amx && bit(extended.edx, 22);
  features.amx_fp16 = amx && bit(extended1.eax, 21);
  features.amx_permitted = amx && request_amx_tiles();
  return features;
}

}  // namespace openvino_llm
