/**
 * What really ran: which kernels did the work of a model, and with what share of the time. Measured by a process of its
 * own, so that the benchmark itself runs without a profiler.
 */
import type { NativePhase, NativeProfile } from "../../native/native-profile.js";
import type { OneDnnIsa } from "./instruction-sets.js";
import {
  arithmeticKernels,
  highestInstructionSet,
  layerTypes,
  parseOneDnnLog,
  type OneDnnKernel,
} from "./onednn-log.js";

/** Layers that multiply by weights, of experts too. */
const WEIGHT_LAYER = /^(?:FullyConnected|GatherMatmul)/i;
/**
 * What OpenVINO makes of several such layers where the processor has AMX, for which the profiler has no name of their
 * own.
 */
const FUSED_LAYERS: ReadonlySet<string> = new Set(["LLMMLP", "QKVProjection"]);

/** Whether OpenVINO's type of a layer says that it multiplies by weights. */
export function isWeightLayer(nodeType: string): boolean {
  return isFusedLayer(nodeType) || WEIGHT_LAYER.test(nodeType);
}

/** Whether it is several weight layers that OpenVINO runs as one, in AMX tiles. */
export function isFusedLayer(nodeType: string): boolean {
  return FUSED_LAYERS.has(nodeType);
}

/** A kind of kernel in one phase. */
export interface KernelShare {
  /** OpenVINO's type of the layer: "FullyConnected", "PagedAttentionExtension", … */
  readonly nodeType: string;
  /**
   * What computed it, as OpenVINO names it, which is coarser than oneDNN's names: "brgemm_avx512_bf16", "jit_avx2_f32". OpenVINO's
   * own kernels may say "ref_any" and are no slow reference for that.
   */
  readonly kernel: string;
  /** How many layers of the model it computed. */
  readonly count: number;
  /** Part of the time of all layers: 0 to 1. */
  readonly timeShare: number;
}

/** One phase of generation, profiled. */
export interface PhaseProfile {
  /** Tokens that one inference took in: those of a prompt, or one of each sequence. */
  readonly tokens: number;
  /** Inferences that were profiled, after one that warmed up. */
  readonly inferences: number;
  /** Time of all layers in one inference, the mean, with the profiler on. */
  readonly totalMs: number;
  /** By share, the largest first; the shares add up to 1. Without layers that took no time, except weight layers. */
  readonly kernels: readonly KernelShare[];
}

/** Which kernels ran a model. */
export interface InferenceFacts {
  /** The kernels are known. */
  readonly ok: true;
  /** The highest instruction set among oneDNN's kernels that compute; null where no name has one. */
  readonly instructionSet: OneDnnIsa | null;
  /** The value of ONEDNN_MAX_CPU_ISA that was in force; null without a limit. */
  readonly isaLimit: string | null;
  /** Element types of the weight layers' activations, as oneDNN logs them: ["f32"], ["bf16"]. */
  readonly activationTypes: readonly string[];
  /** Element types of the weights as the kernels read them: ["u4", "u8"]. */
  readonly weightTypes: readonly string[];
  /** Weight layers quantise their activations to 8 bits on arrival and multiply in 8 bits. */
  readonly isDynamicallyQuantized: boolean;
  /** What the compiled model says of itself, so in force and not only asked for; null where it does not report it. */
  readonly inForce: {
    /** "f32", "bf16", "f16". */
    readonly inferencePrecision: string | null;
    /** "u8", "f16", … */
    readonly kvCachePrecision: string | null;
    /** Activations that share one scale; 0: no dynamic quantisation. */
    readonly dynamicQuantizationGroupSize: number | null;
    /** Threads that inference runs on. */
    readonly inferenceThreads: number | null;
  };
  /**
   * Which graph was profiled: "paged" is what `ContinuousBatchingPipeline` runs, "stateful" the one of the files. Only the
   * attention differs between them.
   */
  readonly graph: "paged" | "stateful";
  /** The phases of generation, each profiled by itself. */
  readonly phases: {
    /** A prompt, or as much of it as the scheduler lets into one step. */
    readonly prefill: PhaseProfile;
    /** One token of one sequence. */
    readonly decode: PhaseProfile;
    /** One token of each of as many sequences as the highest level has, where memory allows; null where that is one. */
    readonly batchDecode: PhaseProfile | null;
  };
  /** The kernels that compute, as oneDNN names them when it makes them; it reports no times. */
  readonly oneDnnKernels: readonly OneDnnKernel[];
  /** "3.13.0"; null where the log does not have it. */
  readonly oneDnnVersion: string | null;
  /** The best instruction set that oneDNN found, under the limit, in its own words. */
  readonly detected: string | null;
}

/** Why nothing is known of the kernels. */
export interface NoInferenceFacts {
  /** The kernels are not known. */
  readonly ok: false;
  /** What went wrong, or why it was not tried, in a sentence. */
  readonly message: string;
}

/**
 * Joins a profile and oneDNN's log of the same process. Pure.
 *
 * @throws Error where the profile lacks a phase
 */
export function inferenceFactsOf(
  profile: NativeProfile,
  log: string,
  isaLimit: string | null,
): InferenceFacts {
  const { version, detected, kernels } = parseOneDnnLog(log);
  const [prefill, decode, batchDecode] = profile.phases.map(phaseProfile);
  if (prefill === undefined || decode === undefined) throw new Error("A phase is missing in the profile.");
  return {
    ok: true,
    instructionSet: highestInstructionSet(kernels),
    isaLimit,
    ...layerTypes(kernels),
    inForce: inForce(profile.properties),
    graph: profile.paged ? "paged" : "stateful",
    phases: { prefill, decode, batchDecode: batchDecode ?? null },
    oneDnnKernels: arithmeticKernels(kernels),
    oneDnnVersion: version,
    detected,
  };
}

function phaseProfile({ tokens, inferences, kernels }: NativePhase): PhaseProfile {
  const totalMs = kernels.reduce((sum, { ms }) => sum + ms, 0);
  return {
    tokens,
    inferences,
    totalMs,
    kernels: kernels
      .filter(({ nodeType, ms }) => ms > 0 || isWeightLayer(nodeType))
      .map(({ ms, ...kernel }) => ({ ...kernel, timeShare: totalMs > 0 ? ms / totalMs : 0 }))
      .toSorted((a, b) => b.timeShare - a.timeShare),
  };
}

function inForce(properties: Readonly<Record<string, string>>): InferenceFacts["inForce"] {
  const number = (name: string) => {
    const value = Number(properties[name] ?? Number.NaN);
    return Number.isFinite(value) ? value : null;
  };
  return {
    inferencePrecision: properties["INFERENCE_PRECISION_HINT"] ?? null,
    kvCachePrecision: properties["KV_CACHE_PRECISION"] ?? null,
    dynamicQuantizationGroupSize: number("DYNAMIC_QUANTIZATION_GROUP_SIZE"),
    inferenceThreads: number("INFERENCE_NUM_THREADS"),
  };
}
