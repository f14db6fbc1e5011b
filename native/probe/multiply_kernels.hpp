// Loops of multiplications in registers, one for each precision and instruction set. Any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "probe/cpu_features.hpp"

namespace openvino_llm {

// The factors: small whole numbers, so that every precision sums them up without an error.
struct Factors {
  alignas(64) std::array<float, 16> left_f32, right_f32;
  alignas(64) std::array<uint16_t, 32> left_bf16, right_bf16;
  alignas(64) std::array<uint8_t, 64> left_u8;
  alignas(64) std::array<int8_t, 64> right_s8;
};

Factors make_factors();

struct MultiplyKernel {
  const char* precision;
  const char* instructions;
  double multiply_adds;           // of one call
  double (*run)(const Factors&);  // gives the sum of all products; takes some microseconds
  double expected_sum;            // in plain C++
};

// Those that run here.
std::vector<MultiplyKernel> multiply_kernels(const CpuFeatures& features, const Factors& factors);

}  // namespace openvino_llm
