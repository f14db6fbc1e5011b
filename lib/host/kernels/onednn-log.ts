/**
 * Reads the log that oneDNN writes with `ONEDNN_VERBOSE=profile_create`: which kernels were made, and for which
 * instruction set. Pure. The format is described at https://uxlfoundation.github.io/oneDNN/dev_guide_verbose.html
 */
import { rankOf, type OneDnnIsa } from "./instruction-sets.js";

/** One kind of kernel that oneDNN made. */
export interface OneDnnKernel {
  /** What it computes, such as "inner_product" or "matmul". */
  readonly operation: string;
  /** oneDNN's name for it, such as "brgemm:avx512_core_bf16". */
  readonly implementation: string;
  /** The instruction set in that name; null where the name has none ("simple:any"). */
  readonly instructionSet: OneDnnIsa | null;
  /** Element types of its operands, such as `{ src: "bf16", wei: "u4", dst: "bf16" }`. */
  readonly types: Readonly<Record<string, string>>;
  /** It multiplies in 8 bits: activations are quantised when they arrive, in small groups. */
  readonly isDynamicallyQuantized: boolean;
  /** How many of them the model asked for; a kernel that was made before is taken again. */
  readonly count: number;
}

/** What the log has. */
export interface OneDnnLog {
  /** "3.13.0"; null where the log has no such line. */
  readonly version: string | null;
  /** The best instruction set that oneDNN found on this processor, in its own words. */
  readonly detected: string | null;
  /** In the order of their first appearance. */
  readonly kernels: readonly OneDnnKernel[];
}

/** The operations that inference spends its time in; the others move data. */
const ARITHMETIC: ReadonlySet<string> = new Set(["inner_product", "matmul", "convolution", "deconvolution"]);

/** Reads a log; lines of other origin are skipped. */
export function parseOneDnnLog(text: string): OneDnnLog {
  const kernels = new Map<string, OneDnnKernel>();
  let version: string | null = null;
  let detected: string | null = null;
  for (const line of text.split("\n")) {
    version ??= /^onednn_verbose,v1,info,oneDNN v([\w.]+)/.exec(line)?.[1] ?? null;
    detected ??= /^onednn_verbose,v1,info,cpu,isa:(.*\S)/.exec(line)?.[1] ?? null;
    const kernel = parseCreation(line);
    if (kernel === null) continue;
    const key = JSON.stringify(kernel);
    kernels.set(key, { ...kernel, count: (kernels.get(key)?.count ?? 0) + 1 });
  }
  return { version, detected, kernels: [...kernels.values()] };
}

/** The kernels that compute, without those that only move data. */
export function arithmeticKernels(kernels: readonly OneDnnKernel[]): OneDnnKernel[] {
  return kernels.filter(({ operation }) => ARITHMETIC.has(operation));
}

/** The best instruction set among the kernels that compute; null where none of them names one. */
export function highestInstructionSet(kernels: readonly OneDnnKernel[]): OneDnnIsa | null {
  const sets = arithmeticKernels(kernels).flatMap(({ instructionSet }) => instructionSet ?? []);
  return sets.toSorted((a, b) => rankOf(b) - rankOf(a)).at(0) ?? null;
}

/**
 * What the model's weight layers take: activations, whose type is the inference precision, and weights. Types are
 * sorted and without repetition.
 */
export function layerTypes(kernels: readonly OneDnnKernel[]): {
  activationTypes: string[];
  weightTypes: string[];
  isDynamicallyQuantized: boolean;
} {
  const layers = kernels.filter(({ operation }) => operation === "inner_product");
  const typesOf = (operand: string) =>
    [...new Set(layers.flatMap(({ types }) => types[operand] ?? []))].toSorted();
  return {
    activationTypes: typesOf("src"),
    weightTypes: typesOf("wei"),
    isDynamicallyQuantized: layers.some(({ isDynamicallyQuantized }) => isDynamicallyQuantized),
  };
}

/** `onednn_verbose,v1,primitive,create:cache_miss,cpu,<operation>,<implementation>,<kind>,<operands>,…`, else null. */
function parseCreation(line: string): Omit<OneDnnKernel, "count"> | null {
  const fields = line.split(",");
  const [marker, , component, event, engine, operation, implementation, , operands] = fields;
  if (marker !== "onednn_verbose" || component !== "primitive" || engine !== "cpu") return null;
  // "create:dispatch" says why a kernel was passed over.
  if (event === undefined || !/^create:(cache_miss|cache_hit|persistent_cache_hit)$/.test(event)) return null;
  if (operation === undefined || implementation === undefined) return null;
  return {
    operation,
    implementation,
    instructionSet: instructionSetIn(implementation),
    types: operandTypes(operands ?? ""),
    isDynamicallyQuantized: line.includes("src_dyn_quant_group_size:"),
  };
}

/** The instruction set stands last in a name, after a colon: "brg_matmul:avx10_1_512_amx". */
function instructionSetIn(implementation: string): OneDnnIsa | null {
  const last = implementation.split(":").at(-1) ?? "";
  return rankOf(last) < 0 ? null : (last as OneDnnIsa);
}

/** `src:bf16::blocked:ab::f0 wei:u4:a:blocked:…` → the types; what is absent has the type "undef". */
function operandTypes(operands: string): Record<string, string> {
  const pairs = operands.split(" ").flatMap((operand) => {
    const [name, type] = operand.split(":");
    return name !== undefined && type !== undefined && type !== "undef" ? [[name, type] as const] : [];
  });
  return Object.fromEntries(pairs);
}
