// The models of a real size: Llama 3.2 1B with random weights, as setup.mjs --real-size makes them, and the arms that run them.
import { existsSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { cacheDir } from "../../dist/cache/cache.js";
import { modelsDir } from "../../dist/models/store/resolve.js";
import { runTrial } from "../shared/trial.mjs";
import { here } from "./places.mjs";

export const GEOMETRY = "llama-3.2-1b";
/** How the 4-bit model is quantised. */
export const INT4 = { weightFormat: "int4", groupSize: 128, ratio: 1, sym: true };
/** The preset of the model whose activations are in 8 bits too. */
export const STATIC_INT8 = "amx-int8";

export function modelName(suffix) {
  return `${GEOMETRY}-random-${suffix}`;
}

/** What one decoding step reads: all weights, because the table of embeddings is the output matrix too. */
const MODELS = {
  q4: {
    title: "Q4_0",
    bits: 4,
    path: ggufPath("q4_0"),
  },
  q8: { title: "Q8_0", bits: 8, path: ggufPath("q8_0") },
  int4: {
    title: "INT4, groups of 128",
    bits: 4,
    path: join(modelsDir(), modelName("sym-g128-int4")),
  },
  int8: { title: "INT8 by rows", bits: 8, path: join(modelsDir(), modelName("int8")) },
  static: { title: "static INT8", bits: 8, path: join(modelsDir(), modelName(STATIC_INT8)) },
};

/** Settings of ours, by their key in an arm's name. */
const SETTINGS = {
  "": ["defaults", undefined],
  F32: ["f32", { INFERENCE_PRECISION_HINT: "f32" }],
  ...Object.fromEntries(
    [32, 64, 128].map((size) => [
      `F32g${size}`,
      [`f32, ${size}`, { INFERENCE_PRECISION_HINT: "f32", DYNAMIC_QUANTIZATION_GROUP_SIZE: String(size) }],
    ]),
  ),
};

/**
 * Arms by name: `llamaQ4`, `q4`, `q4F32`, `staticF32g128`, ...
 * @param {{ newTokens: number, contextSize: number }} size
 */
export function makeRealSizeArms({ newTokens, contextSize }) {
  const threads = availableParallelism();
  const arms = [];
  for (const [key, { title, bits, path }] of Object.entries(MODELS)) {
    const isGguf = path.endsWith(".gguf");
    const missing = existsSync(path)
      ? undefined
      : `${path} is not there; node benchmarks/peers/setup.mjs --real-size`;
    const add = (name, settings, file, parameters) =>
      arms.push({
        name,
        title: `${title}, ${settings}`,
        bits,
        bytes: missing === undefined ? weightBytes(path) : 0,
        missing,
        trial: (levels) =>
          runTrial(process.execPath, [join(here, file)], {
            input: JSON.stringify({ threads, newTokens, levels, ...parameters }),
          }),
      });
    if (isGguf) {
      add(`llama${key.toUpperCase()}`, "node-llama-cpp", "node-llama-cpp.mjs", { gguf: path, contextSize });
    }
    for (const [suffix, [settings, properties]] of Object.entries(SETTINGS)) {
      add(`${key}${suffix}`, settings, "ours.mjs", { model: path, engine: "batching", properties });
    }
  }
  return arms;
}

/** Bytes of the weights in a GGUF file or a folder with OpenVINO IR. */
function weightBytes(path) {
  return statSync(path.endsWith(".gguf") ? path : join(path, "openvino_model.bin")).size;
}

function ggufPath(format) {
  const name = modelName(format);
  return join(cacheDir(), "checkpoints", name, `${name}.gguf`);
}
