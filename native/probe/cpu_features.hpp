// What this CPU can do and what the kernel lets this process use of it. Any thread.
#pragma once

namespace openvino_llm {

// One is true only where the CPU has the instructions and the operating system saves their registers.
struct CpuFeatures {
  bool avx2 = false, fma = false, f16c = false, avx_vnni = false;
  bool avx512f = false, avx512bw = false, avx512vnni = false, avx512bf16 = false, avx512fp16 = false;
  bool amx_tile = false, amx_int8 = false, amx_bf16 = false, amx_fp16 = false;
  bool amx_permitted = false;  // the kernel gives this process the tiles
};

CpuFeatures cpu_features();

}  // namespace openvino_llm
