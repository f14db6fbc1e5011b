/** What is said of kernels in a line or two. Pure. */
import { instructionSetName } from "./instruction-sets.js";
import type { InferenceFacts, NoInferenceFacts, PhaseProfile } from "./inference-facts.js";

/** How many kernels a line names. */
const NAMED = 3;

/** What is in force, and the kernels that took most of the time; none where nobody looked. */
export function kernelLines(inference: InferenceFacts | NoInferenceFacts | null | undefined): string[] {
  if (inference === null || inference === undefined) return [];
  if (!inference.ok) return [inference.message];
  const { phases } = inference;
  return [
    inForceLine(inference),
    phaseLine("prefill", phases.prefill),
    phaseLine("decode", phases.decode),
    ...(phases.batchDecode === null ? [] : [phaseLine("decode of many", phases.batchDecode)]),
  ];
}

function inForceLine({ inForce, ...facts }: InferenceFacts): string {
  const { instructionSet, isaLimit, isDynamicallyQuantized, weightTypes, graph } = facts;
  const group = inForce.dynamicQuantizationGroupSize;
  const layers = facts.oneDnnKernels.filter(({ operation }) => operation === "inner_product");
  const names = [...new Set(layers.map(({ implementation }) => implementation))].join(", ");
  return [
    `kernels of ${instructionSet === null ? "an unknown instruction set" : instructionSetName(instructionSet)}` +
      (names === "" ? "" : ` (${names})`),
    ...(isaLimit === null ? [] : [`limited to ${isaLimit}`]),
    `inference in ${inForce.inferencePrecision ?? "unknown"}`,
    `KV cache in ${inForce.kvCachePrecision ?? "unknown"}`,
    ...(weightTypes.length === 0 ? [] : [`weights in ${weightTypes.join(" and ")}`]),
    isDynamicallyQuantized
      ? `activations quantised to 8 bits${group === null ? "" : ` in groups of ${group}`}`
      : "activations not quantised",
    ...(graph === "paged" ? [] : ["profiled without the paged cache that GenAI uses"]),
  ].join(", ");
}

function phaseLine(name: string, { tokens, totalMs, kernels }: PhaseProfile): string {
  const shares = kernels
    .slice(0, NAMED)
    .map(({ nodeType, kernel, timeShare }) => `${nodeType} ${kernel} ${(timeShare * 100).toFixed(1)} %`);
  return `${name} (${tokens} ${tokens === 1 ? "token" : "tokens"}, ${totalMs.toFixed(1)} ms): ${shares.join(", ")}`;
}
