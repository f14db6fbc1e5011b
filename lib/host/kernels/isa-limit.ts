/**
 * Limits of the instruction set, to see what an instruction set gains: oneDNN leaves out what is above the value of
 * ONEDNN_MAX_CPU_ISA (https://uxlfoundation.github.io/oneDNN/dev_guide_cpu_dispatcher_control.html), which it reads once in a process.
 */
import { openBinding } from "../../native/binding.js";
import { outOfRange } from "../../errors/errors.js";
import { FORMER_ISA_VARIABLE, ISA_VARIABLE } from "../isa-variable.js";
import { canRun, instructionSetName, rankOf, type CpuFlags, type OneDnnIsa } from "./instruction-sets.js";
import type { Properties } from "../../options/properties.js";

/** A limit, by the variable's own names. */
export type IsaLimit =
  | "AVX2"
  | "AVX2_VNNI"
  | "AVX512_CORE"
  | "AVX512_CORE_VNNI"
  | "AVX512_CORE_BF16"
  | "AVX512_CORE_FP16"
  | "AVX512_CORE_AMX";

interface Limit {
  /** The highest instruction set that is left, as the names of oneDNN's kernels have it. */
  readonly highest: OneDnnIsa;
  /** Where processors have more, a limit to it changes the kernels of language models. */
  readonly isStep: boolean;
  /**
   * OpenVINO asks the processor and not oneDNN what it can do, and then asks oneDNN for kernels that it is not allowed to
   * make. So a limited run asks for what a processor of that kind gets by itself.
   */
  readonly properties: Readonly<Record<string, string | number>>;
}

const F32 = { INFERENCE_PRECISION_HINT: "f32" };
const NO_VNNI = { ...F32, DYNAMIC_QUANTIZATION_GROUP_SIZE: 0 };

/** From the lowest to the highest. Below AVX2 OpenVINO does not run. */
const LIMITS: Readonly<Record<IsaLimit, Limit>> = {
  AVX2: { highest: "avx2", isStep: true, properties: NO_VNNI },
  AVX2_VNNI: { highest: "avx2_vnni", isStep: false, properties: F32 },
  AVX512_CORE: { highest: "avx512_core", isStep: true, properties: NO_VNNI },
  AVX512_CORE_VNNI: { highest: "avx512_core_vnni", isStep: true, properties: F32 },
  AVX512_CORE_BF16: { highest: "avx512_core_bf16", isStep: true, properties: {} },
  AVX512_CORE_FP16: { highest: "avx10_1_512", isStep: false, properties: {} },
  AVX512_CORE_AMX: { highest: "avx10_1_512_amx", isStep: false, properties: {} },
};

/** Every limit, from the lowest to the highest. */
export const ISA_LIMITS = Object.keys(LIMITS) as readonly IsaLimit[];

/** The limits that make a difference on a processor: each step below the best that it can run. */
export function isaSteps(flags: CpuFlags): IsaLimit[] {
  const runnable = ISA_LIMITS.filter((limit) => canRun(LIMITS[limit].highest, flags));
  return runnable.slice(0, -1).filter((limit) => LIMITS[limit].isStep);
}

/** The limits that make a difference on this processor, for `isaCompare`. Opens the libraries. */
export function isaStepsHere(): IsaLimit[] {
  return isaSteps(openBinding().core.cpuFeatures());
}

/** The highest instruction set under a limit. */
export function highestUnder(limit: IsaLimit): OneDnnIsa {
  return LIMITS[limit].highest;
}

/** What people call a limit: "AVX-512 VNNI". */
export function isaLimitName(limit: IsaLimit): string {
  return instructionSetName(LIMITS[limit].highest);
}

/** Whether kernels of an instruction set may run under a limit. */
export function isUnder(isa: OneDnnIsa, limit: IsaLimit): boolean {
  return rankOf(isa) <= rankOf(LIMITS[limit].highest);
}

/** The variables of a process with a limit. */
export function limitedEnvironment(limit: IsaLimit): Record<string, string> {
  return { [ISA_VARIABLE]: limit, [FORMER_ISA_VARIABLE]: limit };
}

/** The variables of a process without a limit, for a child of one that has it. */
export const UNLIMITED_ENVIRONMENT: Readonly<Record<string, undefined>> = {
  [ISA_VARIABLE]: undefined,
  [FORMER_ISA_VARIABLE]: undefined,
};

/**
 * The properties of a limited run.
 *
 * @throws RangeError where a given one asks for what the limit rules out
 */
export function propertiesUnder(limit: IsaLimit | null, given: Properties, where = "options"): Properties {
  if (limit === null) return given;
  const { properties } = LIMITS[limit];
  for (const [name, value] of Object.entries(properties)) {
    const own = given[name];
    if (own !== undefined && String(own).toLowerCase() !== String(value)) {
      throw outOfRange(`${where}.properties.${name}`, `${value} or no value under the limit ${limit}`, own);
    }
  }
  return { ...given, ...properties };
}
