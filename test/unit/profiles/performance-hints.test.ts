import { describe, expect, it } from "vitest";
import type { WeightFormat } from "../../../lib/models/ir/weight-format.js";
import type { CpuFeatures } from "../../../lib/native/binding.js";
import {
  cpuKindOf,
  hasHints,
  hintProperties,
  type PerformanceHint,
} from "../../../lib/profiles/performance-hints.js";

const NONE: CpuFeatures = {
  avx2: true,
  fma: true,
  f16c: true,
  avxVnni: false,
  avx512f: false,
  avx512bw: false,
  avx512vnni: false,
  avx512bf16: false,
  avx512fp16: false,
  amxTile: false,
  amxInt8: false,
  amxBf16: false,
  amxFp16: false,
  amxPermitted: false,
};

function format(
  type: WeightFormat["type"],
  groupSize: number | null,
  more: Partial<WeightFormat> = {},
): WeightFormat {
  return { type, groupSize, leastGroupSize: groupSize, isSymmetric: true, isStatic: false, ...more };
}

/** "precision group" of what is chosen on AMX. */
function chosen(weights: WeightFormat, hint: PerformanceHint): string {
  const properties = hintProperties("amx", weights, hint)?.properties ?? {};
  return [properties["INFERENCE_PRECISION_HINT"], properties["DYNAMIC_QUANTIZATION_GROUP_SIZE"]].join(" ");
}

describe("the kind of a processor", () => {
  it.each<[string, Partial<CpuFeatures>]>([
    ["avx2", {}],
    ["avx2_vnni", { avxVnni: true }],
    ["avx512_vnni", { avx512vnni: true, avxVnni: true }],
    ["avx512_vnni", { avx512vnni: true, amxTile: true }],
    ["amx", { avx512vnni: true, amxTile: true, amxPermitted: true }],
  ])("%s", (kind, features) => {
    expect(cpuKindOf({ ...NONE, ...features }, null)).toBe(kind);
  });

  it("is unknown under a limit of the instruction sets", () => {
    expect(cpuKindOf({ ...NONE, amxTile: true, amxPermitted: true }, "AVX512_CORE_VNNI")).toBeNull();
  });
});

describe("a hint on AMX", () => {
  it.each<[string, WeightFormat, string, string]>([
    ["int8 by rows", format("int8", null), "f32 128", "f32 128"],
    ["int4 by rows", format("int4", null), "f32 128", "f32 128"],
    ["int4 in groups of 128", format("int4", 128), "f32 128", "f32 128"],
    ["int4 in groups of 64", format("int4", 64), "f32 64", "f32 64"],
    ["int4 in groups of 32", format("int4", 32), "f32 32", " "],
    ["int8 in groups of 128", format("int8", 128), "f32 128", "f32 128"],
    ["int8 in groups of 64", format("int8", 64), "f32 64", "f32 64"],
    ["int8 in groups of 32", format("int8", 32), "f32 32", " "],
    ["int4 in groups of 16", format("int4", 16), " ", " "],
    ["static int8", format("int8", null, { isStatic: true }), " ", " "],
    ["f16", format("f16", null), " ", " "],
    ["bf16", format("bf16", null), " ", " "],
    ["other", format("other", 64), " ", " "],
  ])("%s", (_, weights, latency, throughput) => {
    expect(chosen(weights, "latency")).toBe(latency);
    expect(chosen(weights, "throughput")).toBe(throughput);
  });

  it("does not ask whether weights are symmetric", () => {
    expect(chosen(format("int8", null, { isSymmetric: false }), "latency")).toBe("f32 128");
  });

  it("quantises activations in groups no larger than any of the weights", () => {
    expect(chosen(format("int4", 128, { leastGroupSize: 32 }), "latency")).toBe("f32 32");
    expect(chosen(format("int8", null, { leastGroupSize: 256 }), "latency")).toBe("f32 128");
  });
});

it("other processors have the engine's defaults", () => {
  for (const cpu of ["avx512_vnni", "avx2_vnni", "avx2"] as const) {
    for (const hint of ["latency", "throughput"] as const) {
      expect(hasHints(cpu, hint)).toBe(false);
      expect(hintProperties(cpu, format("int8", null), hint)).toBeNull();
    }
  }
  expect(hasHints("amx", "latency")).toBe(true);
});
