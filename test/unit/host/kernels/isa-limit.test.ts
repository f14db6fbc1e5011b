import { describe, expect, it } from "vitest";
import { flagsFromKernel } from "../../../../lib/host/kernels/instruction-sets.js";
import {
  highestUnder,
  ISA_LIMITS,
  isaSteps,
  isUnder,
  propertiesUnder,
} from "../../../../lib/host/kernels/isa-limit.js";
import { isaLimitIn } from "../../../../lib/host/isa-variable.js";

function flags(text: string, amxPermitted: boolean | null = null) {
  return { ...flagsFromKernel(new Set(text.split(" "))), amxPermitted };
}

const SERVER = "avx2 avx512f avx512bw avx512_vnni avx512_bf16";

describe("isaSteps", () => {
  it("gives the limits below the best that a processor has which change kernels", () => {
    expect(isaSteps(flags(SERVER))).toEqual(["AVX2", "AVX512_CORE", "AVX512_CORE_VNNI"]);
    const amx = `${SERVER} avx_vnni avx512_fp16 amx_tile amx_int8 amx_bf16`;
    expect(isaSteps(flags(amx, true))).toEqual([
      "AVX2",
      "AVX512_CORE",
      "AVX512_CORE_VNNI",
      "AVX512_CORE_BF16",
    ]);
    expect(isaSteps(flags("avx2 avx_vnni"))).toEqual(["AVX2"]);
    expect(isaSteps(flags("avx2"))).toEqual([]);
  });

  it("counts AMX as absent where the kernel does not permit it", () => {
    expect(isaSteps(flags(`${SERVER} amx_tile amx_int8`, false))).toEqual(isaSteps(flags(SERVER)));
  });
});

describe("limits", () => {
  it("rule out what is above them", () => {
    for (const limit of ISA_LIMITS) expect(isUnder(highestUnder(limit), limit)).toBe(true);
    expect(isUnder("avx512_core_vnni", "AVX2")).toBe(false);
    expect(isUnder("sse41", "AVX2")).toBe(true);
  });

  it("are read from an environment by either name", () => {
    expect(isaLimitIn({ ONEDNN_MAX_CPU_ISA: "AVX2" })).toBe("AVX2");
    expect(isaLimitIn({ DNNL_MAX_CPU_ISA: "AVX2" })).toBe("AVX2");
    expect(isaLimitIn({})).toBeNull();
  });

  it("ask for what a processor of that kind gets by itself", () => {
    expect(propertiesUnder(null, { NUM_STREAMS: 1 })).toEqual({ NUM_STREAMS: 1 });
    expect(propertiesUnder("AVX512_CORE_VNNI", { NUM_STREAMS: 1 })).toEqual({
      NUM_STREAMS: 1,
      INFERENCE_PRECISION_HINT: "f32",
    });
    expect(propertiesUnder("AVX2", {})).toMatchObject({ DYNAMIC_QUANTIZATION_GROUP_SIZE: 0 });
    expect(propertiesUnder("AVX512_CORE_BF16", {})).toEqual({});
  });

  it("refuse a property that asks for what they rule out", () => {
    expect(() => propertiesUnder("AVX2", { INFERENCE_PRECISION_HINT: "bf16" })).toThrow(
      /f32 or no value under the limit AVX2 for options.properties.INFERENCE_PRECISION_HINT.*bf16/,
    );
    expect(propertiesUnder("AVX2", { INFERENCE_PRECISION_HINT: "F32" })).toMatchObject({
      INFERENCE_PRECISION_HINT: "f32",
    });
  });
});
