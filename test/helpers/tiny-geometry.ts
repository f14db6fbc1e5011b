import type { Geometry } from "../../packages/model-tools/lib/synth/geometries.js";
import { GEOMETRIES } from "../../packages/model-tools/lib/synth/geometries.js";

/** A model of the same family and of a few thousand weights. */
export function tinyGeometry(name: "phi-4-mini" | "gpt-oss-20b" | "llama-3.2-1b"): Geometry {
  const real = GEOMETRIES.get(name);
  if (real === undefined) throw new Error(`No geometry goes by ${name}.`);
  const experts = real.sizes.experts === 0 ? 0 : 4;
  return {
    ...real,
    defaultLayers: 2,
    sizes: {
      layers: 4,
      hiddenSize: 64,
      intermediateSize: 96,
      heads: 4,
      kvHeads: 2,
      headSize: name === "gpt-oss-20b" ? 32 : 16,
      vocabSize: 320,
      experts,
      isTied: real.sizes.isTied,
    },
    config: { ...real.config, ...(name === "phi-4-mini" ? { rope_scaling: TINY_LONGROPE } : {}) },
  };
}

/** Three quarters of a head's 16 numbers rotate in pairs. */
const TINY_LONGROPE = {
  type: "longrope",
  long_factor: [1, 1.5, 2, 3, 4, 6],
  short_factor: [1, 1, 1, 1, 1, 1],
};
