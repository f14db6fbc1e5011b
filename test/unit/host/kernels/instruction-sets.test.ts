import { describe, expect, test } from "vitest";
import {
  canRun,
  describeFlags,
  flagsFromKernel,
  instructionSetName,
  rankOf,
  type CpuFlags,
} from "../../../../lib/host/kernels/instruction-sets.js";

const NONE = flagsFromKernel(new Set());
const HASWELL = flagsFromKernel(new Set(["avx2", "fma", "f16c"]));
const SAPPHIRE_RAPIDS: CpuFlags = {
  ...flagsFromKernel(
    new Set(
      "avx2 fma f16c avx_vnni avx512f avx512bw avx512_vnni avx512_bf16 avx512_fp16 amx_tile amx_int8 amx_bf16".split(
        " ",
      ),
    ),
  ),
  amxPermitted: true,
};

describe("flagsFromKernel", () => {
  test("reads Linux's names and knows nothing of AMX permission", () => {
    expect(HASWELL).toMatchObject({ avx2: true, fma: true, f16c: true, avxVnni: false, avx512f: false });
    expect(HASWELL.amxPermitted).toBeNull();
    expect(Object.values(NONE).filter(Boolean)).toEqual([]);
  });
});

describe("describeFlags", () => {
  test("groups the parts of AVX-512 and AMX", () => {
    expect(describeFlags(SAPPHIRE_RAPIDS)).toBe(
      "AVX2, FMA, F16C, AVX-VNNI, AVX-512 (F, BW, VNNI, BF16, FP16), AMX (TILE, INT8, BF16)",
    );
    expect(describeFlags(HASWELL)).toBe("AVX2, FMA, F16C");
    expect(describeFlags(NONE)).toBe("");
  });
});

describe("oneDNN's instruction sets", () => {
  test("are ranked from SSE4.1 to AMX", () => {
    const order = ["sse41", "avx2", "avx512_core", "avx512_core_vnni", "avx512_core_bf16", "avx10_1_512_amx"];
    expect(order.toSorted((a, b) => rankOf(a) - rankOf(b))).toEqual(order);
    expect(rankOf("any")).toBe(-1);
    expect(rankOf("toString")).toBe(-1);
  });

  test("have the names that people use", () => {
    expect(instructionSetName("avx512_core_vnni")).toBe("AVX-512 VNNI");
    expect(instructionSetName("avx10_1_512_amx")).toBe("AMX");
  });

  test("run where the processor has what they need", () => {
    expect(canRun("avx2", HASWELL)).toBe(true);
    expect(canRun("avx512_core", HASWELL)).toBe(false);
    expect(canRun("avx10_1_512_amx", SAPPHIRE_RAPIDS)).toBe(true);
    expect(canRun("avx10_1_512_amx_fp16", SAPPHIRE_RAPIDS)).toBe(false);
    expect(canRun("sse41", NONE)).toBe(true);
  });

  test("of AMX do not run where the kernel refuses the tiles", () => {
    expect(canRun("avx10_1_512_amx", { ...SAPPHIRE_RAPIDS, amxPermitted: false })).toBe(false);
  });
});
