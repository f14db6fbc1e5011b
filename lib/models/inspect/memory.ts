import { isQuantized, openVinoType } from "./element-types.js";
import type { ModelGeometry } from "./geometry.js";

/** What a model needs of memory. */
export interface MemoryNeeds {
  /** All tensors as they are stored. The plugin may keep a second copy in another order while it loads. */
  readonly weightsBytes: number;
  /** The key-value cache; null where the sizes are not known. */
  readonly kvCache: KvCacheNeeds | null;
}

/** The memory of the key-value cache. */
export interface KvCacheNeeds {
  /** OpenVINO's name of the type that keys and values are assumed to be kept in, e.g. `u8`: with scales and zero points. */
  readonly precision: string;
  /** `model`: the model asks for that precision. `default`: what the CPU plugin takes where nobody asks. */
  readonly precisionFrom: "model" | "default";
  /** A key and a value of every layer and head. */
  readonly bytesPerToken: number;
  /** A thousand times that. */
  readonly bytesPer1000Tokens: number;
  /** Of a sequence as long as the context; null where that is not known. */
  readonly bytesPerSequence: number | null;
}

/** What the CPU plugin keeps keys and values in where neither the model nor a property says otherwise. */
const DEFAULT_PRECISION = "u8";
/** A scale and a zero point in 32 bits: for each value of a head, and for each place in the keys of a block of tokens. */
const QUANTIZATION_BYTES = 8;
const BLOCK_TOKENS = 32;

/**
 * What the cache needs: a key and a value of every layer and head for each token. A sliding window saves none of it:
 * both pipelines keep all tokens.
 *
 * @param asked - the precision that the model asks for; null where it leaves that to the plugin
 * @param elementsPerToken - where the graph has it; null to take it from the sizes
 */
export function kvCacheNeeds(
  { layers, kvHeads, headSize, contextLength }: ModelGeometry,
  asked: string | null,
  elementsPerToken: number | null = null,
): KvCacheNeeds | null {
  const bySizes =
    layers !== null && kvHeads !== null && headSize !== null ? 2 * layers * kvHeads * headSize : null;
  const elements = elementsPerToken ?? bySizes;
  const precision = (asked ?? DEFAULT_PRECISION).toLowerCase();
  if (elements === null || headSize === null) return null;
  const bytesPerToken = cacheBytesPerToken(elements, headSize, precision);
  if (bytesPerToken === null) return null;
  return {
    precision,
    precisionFrom: asked === null ? "default" : "model",
    bytesPerToken,
    bytesPer1000Tokens: bytesPerToken * 1000,
    bytesPerSequence: contextLength === null ? null : bytesPerToken * contextLength,
  };
}

/**
 * What a token takes in the cache.
 *
 * @param elements - keys and values that it adds, as many of each
 * @param precision - OpenVINO's name of the type that they are kept in
 * @returns null for a type that is not known
 */
export function cacheBytesPerToken(elements: number, headSize: number, precision: string): number | null {
  const type = openVinoType(precision.toLowerCase());
  if (type === null) return null;
  const [keys, values] = [elements / 2, elements / 2];
  const quantization = QUANTIZATION_BYTES * (keys / BLOCK_TOKENS + values / headSize);
  return (elements * type.bits) / 8 + (isQuantized(type) ? quantization : 0);
}
