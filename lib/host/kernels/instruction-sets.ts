/** The instruction sets that matter to inference: as the processor reports them and as oneDNN names them. */
import type { CpuFeatures } from "../../native/binding.js";

/** What a processor has; `amxPermitted` is null where it could not be asked for. */
export type CpuFlags = Omit<CpuFeatures, "amxPermitted"> & { readonly amxPermitted: boolean | null };

type FlagName = Exclude<keyof CpuFeatures, "amxPermitted">;

/** The flags as Linux names them in /proc/cpuinfo, which lists only what the kernel enables. */
const KERNEL_NAMES: Readonly<Record<FlagName, string>> = {
  avx2: "avx2",
  fma: "fma",
  f16c: "f16c",
  avxVnni: "avx_vnni",
  avx512f: "avx512f",
  avx512bw: "avx512bw",
  avx512vnni: "avx512_vnni",
  avx512bf16: "avx512_bf16",
  avx512fp16: "avx512_fp16",
  amxTile: "amx_tile",
  amxInt8: "amx_int8",
  amxBf16: "amx_bf16",
  amxFp16: "amx_fp16",
};

/** An instruction set as oneDNN names it. */
export type OneDnnIsa =
  | "sse41"
  | "avx"
  | "avx2"
  | "avx2_vnni"
  | "avx2_vnni_2"
  | "avx512_core"
  | "avx512_core_vnni"
  | "avx512_core_bf16"
  | "avx10_1_512"
  | "avx10_2"
  | "avx10_1_512_amx"
  | "avx10_1_512_amx_fp16"
  | "avx10_2_amx_2";

interface InstructionSet {
  /** What people call it. */
  readonly name: string;
  /** Whether a processor can run it. */
  readonly needs: (flags: CpuFlags) => boolean;
}

const amx = (flags: CpuFlags): boolean => flags.amxTile && flags.amxPermitted !== false;

/** oneDNN's names, as they stand in the names of its kernels, from the lowest to the highest. */
const ONEDNN_ISAS = {
  sse41: { name: "SSE4.1", needs: () => true },
  avx: { name: "AVX", needs: () => true },
  avx2: { name: "AVX2", needs: (flags) => flags.avx2 },
  avx2_vnni: { name: "AVX-VNNI", needs: (flags) => flags.avxVnni },
  avx2_vnni_2: { name: "AVX-VNNI-INT8", needs: (flags) => flags.avxVnni },
  avx512_core: { name: "AVX-512", needs: (flags) => flags.avx512bw },
  avx512_core_vnni: { name: "AVX-512 VNNI", needs: (flags) => flags.avx512vnni },
  avx512_core_bf16: { name: "AVX-512 BF16", needs: (flags) => flags.avx512bf16 },
  avx10_1_512: { name: "AVX-512 FP16", needs: (flags) => flags.avx512fp16 },
  avx10_2: { name: "AVX10.2", needs: (flags) => flags.avx512fp16 },
  avx10_1_512_amx: { name: "AMX", needs: amx },
  avx10_1_512_amx_fp16: { name: "AMX FP16", needs: (flags) => amx(flags) && flags.amxFp16 },
  avx10_2_amx_2: { name: "AMX (second generation)", needs: amx },
} as const satisfies Record<OneDnnIsa, InstructionSet>;

const RANKS: readonly string[] = Object.keys(ONEDNN_ISAS);

/** Place in the order from the lowest to the highest; -1 for what is no instruction set. */
export function rankOf(isa: string): number {
  return RANKS.indexOf(isa);
}

/** What people call it: "AVX-512 BF16" for "avx512_core_bf16". */
export function instructionSetName(isa: OneDnnIsa): string {
  return ONEDNN_ISAS[isa].name;
}

/** Whether a processor with these flags can run the instruction set. */
export function canRun(isa: OneDnnIsa, flags: CpuFlags): boolean {
  const set: InstructionSet = ONEDNN_ISAS[isa];
  return set.needs(flags);
}

/** The flags from what Linux lists, for when the processor cannot be asked: it knows nothing of AMX permission. */
export function flagsFromKernel(listed: ReadonlySet<string>): CpuFlags {
  const flags = Object.fromEntries(
    Object.entries(KERNEL_NAMES).map(([flag, kernelName]) => [flag, listed.has(kernelName)]),
  ) as Record<FlagName, boolean>;
  return { ...flags, amxPermitted: null };
}

/** For people: "AVX2, FMA, F16C, AVX-512 (F, BW, VNNI, BF16)". Empty where there is none. */
export function describeFlags(flags: CpuFlags): string {
  const family = (name: string, parts: ReadonlyArray<readonly [string, boolean]>): string[] => {
    const present = parts.flatMap(([part, has]) => (has ? [part] : []));
    return present.length === 0 ? [] : [`${name} (${present.join(", ")})`];
  };
  const single = (name: string, has: boolean): string[] => (has ? [name] : []);
  return [
    ...single("AVX2", flags.avx2),
    ...single("FMA", flags.fma),
    ...single("F16C", flags.f16c),
    ...single("AVX-VNNI", flags.avxVnni),
    ...family("AVX-512", [
      ["F", flags.avx512f],
      ["BW", flags.avx512bw],
      ["VNNI", flags.avx512vnni],
      ["BF16", flags.avx512bf16],
      ["FP16", flags.avx512fp16],
    ]),
    ...family("AMX", [
      ["TILE", flags.amxTile],
      ["INT8", flags.amxInt8],
      ["BF16", flags.amxBf16],
      ["FP16", flags.amxFp16],
    ]),
  ].join(", ");
}
