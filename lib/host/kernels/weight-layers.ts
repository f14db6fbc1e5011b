/** Which kernels run a model's weight layers in each phase, and whether AMX takes part. Pure. */
import { isFusedLayer, isWeightLayer, type InferenceFacts, type PhaseProfile } from "./inference-facts.js";

/** A kind of kernel that runs weight layers. */
export interface WeightKernel {
  /** As OpenVINO names it, "brgemm_avx512_amx_bf16"; for layers that OpenVINO runs as one, their type: "LLMMLP". */
  readonly name: string;
  /** It multiplies in AMX tiles. */
  readonly usesAmx: boolean;
  /** Part of the time of all layers of the phase, those without weights included: 0 to 1. */
  readonly timeShare: number;
}

/** The weight layers of one phase. */
export interface WeightLayers {
  /** Tokens that one inference took in. */
  readonly tokens: number;
  /** The largest share first; empty where no weight layer was seen. */
  readonly kernels: readonly WeightKernel[];
  /**
   * "yes": kernels of AMX take half of the weight layers' time or more. "partly": less than that. "no": none is of AMX. Null
   * where no weight layer was seen.
   */
  readonly amx: "yes" | "partly" | "no" | null;
}

/** The weight layers of each phase of generation, as `InferenceFacts.phases` has them. */
export interface PhaseWeightLayers {
  /** A prompt. */
  readonly prefill: WeightLayers;
  /** One token of one sequence. */
  readonly decode: WeightLayers;
  /** One token of each of several sequences; null where that was not profiled. */
  readonly batchDecode: WeightLayers | null;
}

/** The weight layers of each phase. */
export function phaseWeightLayers({ phases }: Pick<InferenceFacts, "phases">): PhaseWeightLayers {
  const { prefill, decode, batchDecode } = phases;
  return {
    prefill: weightLayersOf(prefill),
    decode: weightLayersOf(decode),
    batchDecode: batchDecode === null ? null : weightLayersOf(batchDecode),
  };
}

/** The weight layers of a phase. */
export function weightLayersOf({ tokens, kernels }: PhaseProfile): WeightLayers {
  const layers = kernels.filter(({ nodeType }) => isWeightLayer(nodeType));
  const byName = new Map<string, WeightKernel & { count: number }>();
  for (const { nodeType, kernel, count, timeShare } of layers) {
    // Exists only where AMX does, and runs on tiles whatever it is called and however few the tokens are.
    const isFused = isFusedLayer(nodeType);
    const name = isFused ? nodeType : kernel;
    const same = byName.get(name) ?? { count: 0, timeShare: 0 };
    byName.set(name, {
      name,
      usesAmx: isFused || /amx/i.test(kernel),
      timeShare: same.timeShare + timeShare,
      count: same.count + count,
    });
  }
  const found = [...byName.values()];
  // Layers that are too short for the profiler's whole microseconds count by their number.
  const isTimed = found.some(({ timeShare }) => timeShare > 0);
  const weigh = ({ timeShare, count }: { timeShare: number; count: number }) => (isTimed ? timeShare : count);
  const total = found.reduce((sum, kernel) => sum + weigh(kernel), 0);
  const ofAmx = found.filter(({ usesAmx }) => usesAmx).reduce((sum, kernel) => sum + weigh(kernel), 0);
  return {
    tokens,
    kernels: found
      .toSorted((a, b) => weigh(b) - weigh(a))
      .map(({ name, usesAmx, timeShare }) => ({ name, usesAmx, timeShare })),
    amx: found.length === 0 ? null : useOf(ofAmx / total),
  };
}

function useOf(share: number): WeightLayers["amx"] {
  if (share >= 0.5) return "yes";
  return share > 0 ? "partly" : "no";
}
