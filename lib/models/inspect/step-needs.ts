import type { ExpertGeometry, ModelGeometry } from "./geometry.js";
import type { StoredTensor } from "./weights.js";

/** What one inference reads and computes, by the graph: the least that any kernels need for it. */
export interface StepNeeds {
  /** Bytes of all that every token is multiplied with, scales and zero points among them: read once in an inference. */
  readonly denseBytes: number;
  /** Multiply-adds of a token with these matrices. */
  readonly denseMultiplyAdds: number;
  /** Bytes of the experts of all layers; 0 for a model without experts. */
  readonly expertBytes: number;
  /** Multiply-adds of a token that every expert worked on. */
  readonly expertMultiplyAdds: number;
  /** Part of the experts that are active for a token: 0 to 1; 1 for a model without experts; null where no file has it. */
  readonly activeExpertShare: number | null;
  /** Of {@link denseMultiplyAdds} those of the logits, which a prompt needs for its last token alone; null: not known. */
  readonly outputMultiplyAdds: number | null;
  /** Multiply-adds of a token for each token that it looks back at, in all layers; null where the sizes are not known. */
  readonly attentionMultiplyAdds: number | null;
  /** Numbers that a token adds to the key-value cache; null where they are not known. */
  readonly cacheElements: number | null;
  /** Numbers of a key or value of one head; null where they are not known. */
  readonly headSize: number | null;
  /** Tokens that some or all layers look back at most; null: all. */
  readonly slidingWindow: number | null;
}

/** What is known of a model's constants and sizes. */
interface GraphParts {
  readonly tensors: readonly StoredTensor[];
  readonly geometry: ModelGeometry;
  readonly experts: ExpertGeometry | null;
  /** Numbers that a token adds to the cache, where the graph shows it. */
  readonly cacheElementsPerToken: number | null;
}

/** What an inference needs; null where nothing is multiplied with, or with constants whose format is not known. */
export function stepNeeds({
  tensors,
  geometry,
  experts,
  cacheElementsPerToken,
}: GraphParts): StepNeeds | null {
  const multiplied = tensors.filter(({ isMultiplied }) => isMultiplied === true);
  if (multiplied.length === 0 || multiplied.some(({ role }) => role === "other")) return null;
  const { layers, heads, headSize, hiddenSize, vocabSize, slidingWindow } = geometry;
  const read = tensors.filter(({ role, isLookup }) => role !== "other" && !isLookup);
  const [shared, ofExperts] = [false, true].map((isExpert) => ({
    bytes: total(
      read.filter((tensor) => tensor.isExpert === isExpert),
      ({ sizeBytes }) => sizeBytes,
    ),
    multiplyAdds: total(
      multiplied.filter((tensor) => tensor.isExpert === isExpert && tensor.role === "weight"),
      ({ elements }) => elements,
    ),
  })) as [Part, Part];
  const active = experts?.activeExperts ?? null;
  return {
    denseBytes: shared.bytes,
    denseMultiplyAdds: shared.multiplyAdds,
    expertBytes: ofExperts.bytes,
    expertMultiplyAdds: ofExperts.multiplyAdds,
    activeExpertShare: experts === null ? 1 : active === null ? null : active / experts.experts,
    outputMultiplyAdds: hiddenSize === null || vocabSize === null ? null : hiddenSize * vocabSize,
    // A query by each key, and its weight by each value.
    attentionMultiplyAdds:
      layers === null || heads === null || headSize === null ? null : 2 * layers * heads * headSize,
    cacheElements: cacheElementsPerToken,
    headSize,
    slidingWindow,
  };
}

interface Part {
  readonly bytes: number;
  readonly multiplyAdds: number;
}

function total(tensors: readonly StoredTensor[], numberOf: (tensor: StoredTensor) => number): number {
  return tensors.reduce((sum, tensor) => sum + numberOf(tensor), 0);
}
