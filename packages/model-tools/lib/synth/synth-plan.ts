/** What a synthesised model is made from, whatever form it takes. */
import { OpenVinoLlmError } from "openvino-llm";
import { invalidArgType, KNOWN_MODELS, outOfRange, type GgufTokenizer } from "openvino-llm/internal";

import type { CheckpointPlan } from "./checkpoint.js";
import { GEOMETRIES, type GeometryName } from "./geometries.js";
import { fetchTokenizer } from "./tokenizer-files.js";

/** What part of a model is made, and from which numbers. */
export interface SynthPlanOptions {
  /** Layers of the real model that are made: 1 to all. Default: all; of gpt-oss-20b 3 of 24, because of the export's memory. */
  readonly layers?: number;
  /** What the weights are made from: an integer from 0 to 2^31 - 1. The same seed gives the same weights. Default 0. */
  readonly seed?: number;
}

/** The random weights are being written now. */
export interface WeightsEvent {
  /** It comes to this part. */
  readonly type: "phase";
  /** Before the parts of a preparation. */
  readonly phase: "weights";
}

/** The tokenizer that goes with random weights; ids above its vocabulary have no text. */
const TOKENIZER_MODEL = "smollm2-135m-instruct";
const MAX_SEED = 2 ** 31 - 1;

/** @throws TypeError or RangeError naming the option. */
export function planOf(
  name: GeometryName,
  options: SynthPlanOptions & { readonly weightFormat: string },
  weightFormats: readonly string[],
): CheckpointPlan {
  const geometry = GEOMETRIES.get(name);
  if (geometry === undefined) {
    if (typeof name !== "string") throw invalidArgType("geometry", "the name of a geometry", name);
    throw outOfRange("geometry", `one of ${[...GEOMETRIES.keys()].join(", ")}`, name);
  }
  if (typeof options !== "object" || options === null) throw invalidArgType("options", "an object", options);
  const { weightFormat, layers = geometry.defaultLayers, seed = 0 } = options;
  if (!weightFormats.includes(weightFormat)) {
    throw outOfRange("options.weightFormat", `one of ${weightFormats.join(", ")}`, weightFormat);
  }
  checkInteger("options.layers", layers, 1, geometry.sizes.layers);
  checkInteger("options.seed", seed, 0, MAX_SEED);
  return { geometry, layers, seed };
}

function checkInteger(name: string, value: unknown, from: number, to: number): void {
  if (typeof value !== "number") throw invalidArgType(name, "an integer", value);
  if (!Number.isInteger(value) || value < from || value > to) {
    throw outOfRange(name, `an integer from ${from} to ${to}`, value);
  }
}

/** SmolLM2's, which is downloaded once. */
export async function smallTokenizer(): Promise<GgufTokenizer> {
  const model = KNOWN_MODELS.get(TOKENIZER_MODEL);
  if (model === undefined)
    throw new OpenVinoLlmError(
      "ERR_MODEL_NOT_FOUND",
      `Expected ${TOKENIZER_MODEL} to be a known model but it is not.`,
    );
  return fetchTokenizer(model);
}
