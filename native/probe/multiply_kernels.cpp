#include "probe/multiply_kernels.hpp"

#include <immintrin.h>

#include <cstring>
#include <numeric>
#include <utility>

namespace openvino_llm {
namespace {

// Sums that are made at the same time: each addition waits some cycles for the one before it, and a core
// begins two in a cycle. With the factors they fit into the 16 registers of AVX2.
constexpr size_t kSums = 12;
using Sums = std::make_index_sequence<kSums>;
// Few enough that no sum of ours reaches 2^24, from where f32 loses digits.
constexpr size_t kRounds = 2048, kTileRounds = 256;
constexpr size_t kLanes256 = 8, kLanes512 = 16;
// A tile of AMX: rows of 64 bytes. Four of them are sums, so that none waits for itself.
constexpr size_t kTileRows = 16, kTileRowBytes = 64, kTileSums = 4;

template <typename Element, size_t kCount>
double total(const std::array<Element, kCount>& sums) {
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

template <size_t kLanes, typename Element>
using Stored = std::array<Element, kSums * kLanes>;

// In each loop an empty assembly makes a factor a new value for the compiler, which would else compute the
// products of all rounds once.

template <size_t... I>
__attribute__((target("avx2,fma"))) void f32_avx2(const Factors& f, float* sums,
                                                  std::index_sequence<I...> /*all*/) {
  __m256 left = _mm256_load_ps(f.left_f32.data());
  const __m256 right = _mm256_load_ps(f.right_f32.data());
  __m256 sum[kSums] = {(static_cast<void>(I), _mm256_setzero_ps())...};
  for (size_t round = 0; round < kRounds; ++round) {
    __asm__ volatile("" : "+x"(left));
    ((sum[I] = _mm256_fmadd_ps(left, right, sum[I])), ...);
  }
  (_mm256_storeu_ps(sums + I * kLanes256, sum[I]), ...);
}

template <size_t... I>
__attribute__((target("avx2"))) void int8_avx2(const Factors& f, int32_t* sums,
                                               std::index_sequence<I...> /*all*/) {
  __m256i left = _mm256_load_si256(reinterpret_cast<const __m256i*>(f.left_u8.data()));
  const __m256i right = _mm256_load_si256(reinterpret_cast<const __m256i*>(f.right_s8.data()));
  const __m256i ones = _mm256_set1_epi16(1);
  __m256i sum[kSums] = {(static_cast<void>(I), _mm256_setzero_si256())...};
  for (size_t round = 0; round < kRounds; ++round) {
    const auto add = [&](__m256i& to) __attribute__((target("avx2"), always_inline)) {
      __asm__ volatile("" : "+x"(left));
      to = _mm256_add_epi32(to, _mm256_madd_epi16(_mm256_maddubs_epi16(left, right), ones));
    };
    (add(sum[I]), ...);
  }
  (_mm256_storeu_si256(reinterpret_cast<__m256i*>(sums + I * kLanes256), sum[I]), ...);
}

template <size_t... I>
__attribute__((target("avx2,avxvnni"))) void int8_avx2_vnni(const Factors& f, int32_t* sums,
                                                            std::index_sequence<I...> /*all*/) {
  __m256i left = _mm256_load_si256(reinterpret_cast<const __m256i*>(f.left_u8.data()));
  const __m256i right = _mm256_load_si256(reinterpret_cast<const __m256i*>(f.right_s8.data()));
  __m256i sum[kSums] = {(static_cast<void>(I), _mm256_setzero_si256())...};
  for (size_t round = 0; round < kRounds; ++round) {
    __asm__ volatile("" : "+x"(left));
    ((sum[I] = _mm256_dpbusd_avx_epi32(sum[I], left, right)), ...);
  }
  (_mm256_storeu_si256(reinterpret_cast<__m256i*>(sums + I * kLanes256), sum[I]), ...);
}

template <size_t... I>
__attribute__((target("avx512f"))) void f32_avx512(const Factors& f, float* sums,
                                                   std::index_sequence<I...> /*all*/) {
  __m512 left = _mm512_load_ps(f.left_f32.data());
  const __m512 right = _mm512_load_ps(f.right_f32.data());
  __m512 sum[kSums] = {(static_cast<void>(I), _mm512_setzero_ps())...};
  for (size_t round = 0; round < kRounds; ++round) {
    __asm__ volatile("" : "+v"(left));
    ((sum[I] = _mm512_fmadd_ps(left, right, sum[I])), ...);
  }
  (_mm512_storeu_ps(sums + I * kLanes512, sum[I]), ...);
}

template <size_t... I>
__attribute__((target("avx512f,avx512bf16"))) void bf16_avx512(const Factors& f, float* sums,
                                                               std::index_sequence<I...> /*all*/) {
  __m512bh left, right;
  std::memcpy(&left, f.left_bf16.data(), sizeof(left));
  std::memcpy(&right, f.right_bf16.data(), sizeof(right));
  __m512 sum[kSums] = {(static_cast<void>(I), _mm512_setzero_ps())...};
  for (size_t round = 0; round < kRounds; ++round) {
    __asm__ volatile("" : "+v"(left));
    ((sum[I] = _mm512_dpbf16_ps(sum[I], left, right)), ...);
  }
  (_mm512_storeu_ps(sums + I * kLanes512, sum[I]), ...);
}

template <size_t... I>
__attribute__((target("avx512f,avx512vnni"))) void int8_avx512(const Factors& f, int32_t* sums,
                                                               std::index_sequence<I...> /*all*/) {
  __m512i left = _mm512_load_si512(f.left_u8.data());
  const __m512i right = _mm512_load_si512(f.right_s8.data());
  __m512i sum[kSums] = {(static_cast<void>(I), _mm512_setzero_si512())...};
  for (size_t round = 0; round < kRounds; ++round) {
    __asm__ volatile("" : "+v"(left));
    ((sum[I] = _mm512_dpbusd_epi32(sum[I], left, right)), ...);
  }
  (_mm512_storeu_si512(sums + I * kLanes512, sum[I]), ...);
}

template <size_t kLanes, typename Element, void (*kLoop)(const Factors&, Element*, Sums)>
double run(const Factors& factors) {
  Stored<kLanes, Element> sums;
  kLoop(factors, sums.data(), Sums{});
  return total(sums);
}

// What LDTILECFG reads: Intel SDM volume 1, chapter 18.
struct alignas(64) TileConfig {
  uint8_t palette = 1, start_row = 0;
  std::array<uint8_t, 14> reserved{};
  std::array<uint16_t, 16> row_bytes{};
  std::array<uint8_t, 16> rows{};
};

TileConfig whole_tiles() {
  TileConfig config;
  for (size_t tile = 0; tile < 8; ++tile) {
    config.row_bytes[tile] = kTileRowBytes;
    config.rows[tile] = kTileRows;
  }
  return config;
}

// Tiles 0 to 3 are sums of 4 and 5 by 6 and 7. All rows of a factor are alike: a distance of 0 between them.
template <typename Element, typename Factor>
__attribute__((target("amx-tile,amx-int8,amx-bf16"))) double tiles(const Factor* left, const Factor* right) {
  constexpr bool kIsInt8 = sizeof(Factor) == 1;
  const TileConfig config = whole_tiles();
  std::array<Element, kTileRows * kTileRowBytes / sizeof(Element)> sums{};
  double sum = 0;
  __asm__ volatile("" ::: "memory");
  _tile_loadconfig(&config);
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  _tile_loadd(4, left, 0);
  _tile_loadd(5, left, 0);
  _tile_loadd(6, right, 0);
  _tile_loadd(7, right, 0);
  for (size_t round = 0; round < kTileRounds; ++round) {
    if constexpr (kIsInt8) {
      _tile_dpbusd(0, 4, 6);
      _tile_dpbusd(1, 4, 7);
      _tile_dpbusd(2, 5, 6);
      _tile_dpbusd(3, 5, 7);
    } else {
      _tile_dpbf16ps(0, 4, 6);
      _tile_dpbf16ps(1, 4, 7);
      _tile_dpbf16ps(2, 5, 6);
      _tile_dpbf16ps(3, 5, 7);
    }
  }
  const auto add = [&] {
    __asm__ volatile("" ::: "memory");
    sum += total(sums);
  };
  _tile_stored(0, sums.data(), kTileRowBytes);
  add();
  _tile_stored(1, sums.data(), kTileRowBytes);
  add();
  _tile_stored(2, sums.data(), kTileRowBytes);
  add();
  _tile_stored(3, sums.data(), kTileRowBytes);
  add();
  _tile_release();
  return sum;
}

double int8_amx(const Factors& f) {
  return tiles<int32_t>(f.left_u8.data(), reinterpret_cast<const uint8_t*>(f.right_s8.data()));
}

double bf16_amx(const Factors& f) { return tiles<float>(f.left_bf16.data(), f.right_bf16.data()); }

// Whole numbers of so few digits are the upper half of their f32.
uint16_t bf16_of(float value) {
  uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof(bits));
  return static_cast<uint16_t>(bits >> 16);
}

// The products of one register of factors.
template <typename Left, typename Right>
double dot(const Left& left, const Right& right, size_t count) {
  double sum = 0;
  for (size_t i = 0; i < count; ++i) sum += static_cast<double>(left[i]) * right[i];
  return sum;
}

// Rows of A are the left factors, as are those of B the right ones: C[m][n] is the sum over the groups k of
// four bytes of A[m][4k..4k+3] times B[k][4n..4n+3].
template <typename Left, typename Right>
double tile_sum(const Left& left, const Right& right, size_t group) {
  double sum = 0;
  for (size_t k = 0; k < kTileRows; ++k) {
    for (size_t n = 0; n < kTileRows; ++n) {
      for (size_t i = 0; i < group; ++i)
        sum += static_cast<double>(left[group * k + i]) * right[group * n + i];
    }
  }
  return sum * kTileRows;
}

}  // namespace

Factors make_factors() {
  Factors factors{};
  for (size_t i = 0; i < factors.left_u8.size(); ++i) {
    factors.left_u8[i] = static_cast<uint8_t>(i % 3 + 1);
    factors.right_s8[i] = static_cast<int8_t>(static_cast<int>(i % 5) - 1);
  }
  for (size_t i = 0; i < factors.left_bf16.size(); ++i) {
    factors.left_bf16[i] = bf16_of(factors.left_u8[i]);
    factors.right_bf16[i] = bf16_of(factors.right_s8[i]);
  }
  for (size_t i = 0; i < factors.left_f32.size(); ++i) {
    factors.left_f32[i] = factors.left_u8[i];
    factors.right_f32[i] = factors.right_s8[i];
  }
  return factors;
}

std::vector<MultiplyKernel> multiply_kernels(const CpuFeatures& features, const Factors& factors) {
  const auto& left = factors.left_u8;
  const auto& right = factors.right_s8;
  std::vector<MultiplyKernel> kernels;
  const auto add = [&](bool runs_here, const char* precision, const char* instructions, size_t lanes,
                       double (*call)(const Factors&)) {
    constexpr double kTimes = kRounds * kSums;
    if (!runs_here) return;
    kernels.push_back({precision, instructions, kTimes * static_cast<double>(lanes), call,
                       kTimes * dot(left, right, lanes)});
  };
  const auto add_tiles = [&](bool runs_here, const char* precision, size_t group,
                             double (*call)(const Factors&)) {
    constexpr double kTimes = kTileRounds * kTileSums;
    if (!runs_here) return;
    const double products = kTileRows * kTileRows * kTileRows * static_cast<double>(group);
    kernels.push_back(
        {precision, "avx10_1_512_amx", kTimes * products, call, kTimes * tile_sum(left, right, group)});
  };
  const CpuFeatures& f = features;
  add(f.avx2 && f.fma, "f32", "avx2", 8, run<kLanes256, float, f32_avx2>);
  add(f.avx512f, "f32", "avx512_core", 16, run<kLanes512, float, f32_avx512>);
  add(f.avx512bf16, "bf16", "avx512_core_bf16", 32, run<kLanes512, float, bf16_avx512>);
  add_tiles(f.amx_permitted && f.amx_bf16, "bf16", 2, bf16_amx);
  add(f.avx2, "int8", "avx2", 32, run<kLanes256, int32_t, int8_avx2>);
  add(f.avx2 && f.avx_vnni, "int8", "avx2_vnni", 32, run<kLanes256, int32_t, int8_avx2_vnni>);
  add(f.avx512vnni, "int8", "avx512_core_vnni", 64, run<kLanes512, int32_t, int8_avx512>);
  add_tiles(f.amx_permitted && f.amx_int8, "int8", 4, int8_amx);
  return kernels;
}

}  // namespace openvino_llm
