/** What is said of kernels in a line or two. Pure. */
import { instructionSetName } from "./instruction-sets.js";
import type { InferenceFacts, NoInferenceFacts, PhaseProfile } from "./inference-facts.js";
import { phaseWeightLayers, type WeightLayers } from "./weight-layers.js";

/** How many kernels a line names. */
const NAMED = 3;
/** Kernels of weight layers are named until they make up this part of the layers' time. */
const MOST = 0.9;

/** What is in force, and the kernels that took most of the time; none where nobody looked. */
export function kernelLines(inference: InferenceFacts | NoInferenceFacts | null | undefined): string[] {
  if (inference === null || inference === undefined) return [];
  if (!inference.ok) return [inference.message];
  const { phases } = inference;
  return [
    inForceLine(inference),
    amxSentence(inference),
    phaseLine("prefill", phases.prefill),
    phaseLine("decode", phases.decode),
    ...(phases.batchDecode === null ? [] : [phaseLine("decode of many", phases.batchDecode)]),
  ];
}

/** What AMX is used for: "AMX: prefill of 128 tokens yes (brgemm_avx512_amx_bf16 86 %), 1 token no (…), 8 tokens yes (…)". */
export function amxSentence(inference: InferenceFacts): string {
  const phases = namedPhases(inference).map(
    ({ name, layers }) => `${name} ${layers.amx ?? "unknown"}${inBrackets(layers)}`,
  );
  return `AMX: ${phases.join(", ")}`;
}

/** A line for each phase: "1 token: no AMX (brgemm_avx512_bf16 96 %)". */
export function weightLayerLines(inference: InferenceFacts): string[] {
  return namedPhases(inference).map(
    ({ name, layers }) => `${name}: ${AMX_WORDS[layers.amx ?? "unknown"]}${inBrackets(layers)}`,
  );
}

/** What the weight layers take: "u4 and u8 weights, bf16 activations, not quantised". */
export function layerTypesText(inference: InferenceFacts): string {
  const { weightTypes } = inference;
  return [
    ...(weightTypes.length === 0 ? [] : [`${weightTypes.join(" and ")} weights`]),
    activationsText(inference),
  ].join(", ");
}

const AMX_WORDS = {
  yes: "AMX",
  partly: "AMX in part",
  no: "no AMX",
  unknown: "no weight layer was seen",
} as const;

function namedPhases(inference: InferenceFacts): Array<{ name: string; layers: WeightLayers }> {
  const { prefill, decode, batchDecode } = phaseWeightLayers(inference);
  const tokens = (layers: WeightLayers) => `${layers.tokens} ${layers.tokens === 1 ? "token" : "tokens"}`;
  return [
    { name: `prefill of ${tokens(prefill)}`, layers: prefill },
    { name: tokens(decode), layers: decode },
    ...(batchDecode === null ? [] : [{ name: tokens(batchDecode), layers: batchDecode }]),
  ];
}

/** The kernels that take most of the weight layers' time, with their shares of the time of all layers. */
function inBrackets({ kernels }: WeightLayers): string {
  const total = kernels.reduce((sum, { timeShare }) => sum + timeShare, 0);
  let named = 0;
  const most = kernels.filter(({ timeShare }, index) => {
    const isNamed = index === 0 || (index < NAMED && named < MOST * total);
    named += timeShare;
    return isNamed;
  });
  if (most.length === 0) return "";
  return ` (${most.map(({ name, timeShare }) => `${name} ${(timeShare * 100).toFixed(0)} %`).join(", ")})`;
}

/** Static quantisation shows in the types. */
function activationsText({ activationTypes, isDynamicallyQuantized, inForce }: InferenceFacts): string {
  const types = activationTypes.join(" and ") || (inForce.inferencePrecision ?? "unknown");
  const group = inForce.dynamicQuantizationGroupSize;
  if (isDynamicallyQuantized) {
    return `${types} activations, quantised to 8 bits${group === null ? "" : ` in groups of ${group}`}`;
  }
  const isStatic = activationTypes.some((type) => /^[su]8$/.test(type));
  return isStatic ? `${types} activations` : `${types} activations, not quantised`;
}

function inForceLine(inference: InferenceFacts): string {
  const { inForce, instructionSet, isaLimit, weightTypes, graph, oneDnnKernels } = inference;
  const layers = oneDnnKernels.filter(({ operation }) => operation === "inner_product");
  const names = [...new Set(layers.map(({ implementation }) => implementation))].join(", ");
  return [
    `kernels of ${instructionSet === null ? "an unknown instruction set" : instructionSetName(instructionSet)}` +
      (names === "" ? "" : ` (${names})`),
    ...(isaLimit === null ? [] : [`limited to ${isaLimit}`]),
    `inference in ${inForce.inferencePrecision ?? "unknown"}`,
    `KV cache in ${inForce.kvCachePrecision ?? "unknown"}`,
    ...(weightTypes.length === 0 ? [] : [`weights in ${weightTypes.join(" and ")}`]),
    activationsText(inference),
    ...(graph === "paged" ? [] : ["profiled without the paged cache that GenAI uses"]),
  ].join(", ");
}

function phaseLine(name: string, { tokens, totalMs, kernels }: PhaseProfile): string {
  const shares = kernels
    .slice(0, NAMED)
    .map(({ nodeType, kernel, timeShare }) => `${nodeType} ${kernel} ${(timeShare * 100).toFixed(1)} %`);
  return `${name} (${tokens} ${tokens === 1 ? "token" : "tokens"}, ${totalMs.toFixed(1)} ms): ${shares.join(", ")}`;
}
