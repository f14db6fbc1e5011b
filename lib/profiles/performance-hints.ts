/**
 * What tuning showed, by kind of processor and format of the weights; the evidence of each row is in docs/performance.md,
 * "Profiles and hints". Pure.
 */
import { weightFormatText, type WeightFormat } from "../models/ir/weight-format.js";
import type { CpuFeatures } from "../native/binding.js";

/** What to choose properties for: the answers of one request, or the tokens of many at once. */
export type PerformanceHint = "latency" | "throughput";

/** Processors whose kernels are alike. */
export type CpuKind = "amx" | "avx512_vnni" | "avx2_vnni" | "avx2";

/** "dynamic": f32 with 8-bit activations by groups (on AMX that is VNNI in place of bf16); "engine": OpenVINO's default. */
type Arithmetic = "dynamic" | "engine";

interface HintRow {
  readonly cpu: CpuKind;
  /** As `weightFormatText()` begins. */
  readonly weights: string;
  readonly latency: Arithmetic;
  readonly throughput: Arithmetic;
}

const DYNAMIC = { latency: "dynamic", throughput: "dynamic" } as const;
/** With many tokens at once bf16 on AMX is the faster one. */
const FEW_AT_ONCE = { latency: "dynamic", throughput: "engine" } as const;

/**
 * A format or processor without a row has the engine's defaults. Without a hint all have: "dynamic" is faster, but its
 * answers are a little further from exact arithmetic than those in bf16.
 */
const HINTS: readonly HintRow[] = [
  { cpu: "amx", weights: "int8 by rows", ...DYNAMIC },
  { cpu: "amx", weights: "int8 in groups of 128", ...DYNAMIC },
  { cpu: "amx", weights: "int8 in groups of 64", ...DYNAMIC },
  { cpu: "amx", weights: "int8 in groups of 32", ...FEW_AT_ONCE },
  { cpu: "amx", weights: "int4 by rows", ...DYNAMIC },
  { cpu: "amx", weights: "int4 in groups of 128", ...DYNAMIC },
  { cpu: "amx", weights: "int4 in groups of 64", ...DYNAMIC },
  { cpu: "amx", weights: "int4 in groups of 32", ...FEW_AT_ONCE },
];

/** Larger ones are no faster. */
const MAX_GROUP = 128;

/** Properties for a format; null where the engine's defaults are left as they are. */
export interface HintProperties {
  readonly properties: Readonly<Record<string, string>>;
  /** What they are for: "int8 by rows on AMX". */
  readonly about: string;
}

/** The kind of a processor; null where a variable limits its instruction sets, of which nothing was measured. */
export function cpuKindOf(features: CpuFeatures, isaLimit: string | null): CpuKind | null {
  if (isaLimit !== null) return null;
  const { amxTile, amxPermitted, avx512vnni, avxVnni } = features;
  if (amxTile && amxPermitted) return "amx";
  if (avx512vnni) return "avx512_vnni";
  return avxVnni ? "avx2_vnni" : "avx2";
}

/** Whether any format has properties on a kind of processor: else there is no need to know it. */
export function hasHints(cpu: CpuKind, hint: PerformanceHint): boolean {
  return HINTS.some((row) => row.cpu === cpu && row[hint] !== "engine");
}

/** What a hint means for a format. */
export function hintProperties(
  cpu: CpuKind,
  format: WeightFormat,
  hint: PerformanceHint,
): HintProperties | null {
  const weights = weightFormatText(format).split(",", 1)[0] ?? "";
  const row = HINTS.find((candidate) => candidate.cpu === cpu && candidate.weights === weights);
  if (row === undefined || row[hint] === "engine") return null;
  // A group that is larger than one of the weights' own switches dynamic quantisation off.
  const group = Math.min(format.leastGroupSize ?? MAX_GROUP, MAX_GROUP);
  return {
    properties: { INFERENCE_PRECISION_HINT: "f32", DYNAMIC_QUANTIZATION_GROUP_SIZE: String(group) },
    about: `${weights} on ${CPU_NAMES[cpu]}`,
  };
}

const CPU_NAMES: Readonly<Record<CpuKind, string>> = {
  amx: "AMX",
  avx512_vnni: "AVX-512 VNNI",
  avx2_vnni: "AVX-VNNI",
  avx2: "AVX2",
};
