import { isJsonObject, type JsonObject } from "../files/json-file.js";

/** Says that a model has the sizes of a real one and random weights. */
export interface RandomWeights {
  /** What the numbers were made from; null where the manifest does not say. */
  readonly seed: number | null;
  /** Layers that it has of the real model's; null where it has them all. */
  readonly layers: number | null;
  /** Part of the real model's layers: 0 to 1. */
  readonly layersShare: number;
}

/** What a manifest says of random weights; null when it says nothing of them. */
export function randomWeightsOf(manifest: JsonObject | null): RandomWeights | null {
  // What was prepared from a checkpoint may keep that one's manifest as its source.
  const source = manifest?.["source"];
  const said = [manifest, isJsonObject(source) ? source : null].find(
    (part) => part?.["weights"] === "random",
  );
  if (said === null || said === undefined) return null;
  const number = (key: string) => (typeof said[key] === "number" ? said[key] : null);
  return { seed: number("seed"), layers: number("layers"), layersShare: number("layersShare") ?? 1 };
}
