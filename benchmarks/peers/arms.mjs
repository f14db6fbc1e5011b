// What is compared: this library and its peers, each trial in a process of its own.
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { findPythonGenai } from "../shared/python-genai.mjs";
import { runTrial } from "../shared/trial.mjs";
import { ggufFile, here, onnxFolder } from "./places.mjs";

const SETUP = "this installs it: node benchmarks/peers/setup.mjs";

/**
 * One of those that are compared.
 * @typedef {object} Arm
 * @property {string} name the key in the results
 * @property {string} title
 * @property {number[] | undefined} levels the numbers of streams that it takes part in, where not in all
 * @property {string | undefined} missing why it cannot run here
 * @property {(levels: object[]) => Promise<object>} trial
 */

/** @returns {Promise<Arm[]>} */
export async function makeArms({ model, newTokens, contextSize }) {
  const threads = availableParallelism();
  const node = (file, parameters) => (levels) =>
    runTrial(process.execPath, [join(here, file)], {
      input: JSON.stringify({ threads, newTokens, levels, ...parameters }),
    });
  const genai = await findPythonGenai();
  const python = (engine) => (levels) =>
    runTrial(genai.python, [join(here, "genai.py")], {
      env: genai.env,
      input: JSON.stringify({ model, engine, newTokens, levels }),
    });
  const llama = missingPackage("node-llama-cpp", ggufFile);
  const transformers = (dtype, file) => ({
    missing: missingPackage("@huggingface/transformers", join(onnxFolder, "onnx", file)),
    calls: node("transformers-js.mjs", { onnx: onnxFolder, dtype, batched: false }),
    batch: node("transformers-js.mjs", { onnx: onnxFolder, dtype, batched: true }),
  });
  const fp32 = transformers("fp32", "model.onnx");
  const q8 = transformers("q8", "model_quantized.onnx");
  const q4 = transformers("q4", "model_q4.onnx");
  return [
    {
      name: "ours",
      title: "ContinuousBatchingPipeline",
      trial: node("ours.mjs", { model, engine: "batching" }),
    },
    {
      name: "oursPipeline",
      title: "LLMPipeline",
      levels: [1],
      trial: node("ours.mjs", { model, engine: "pipeline" }),
    },
    {
      name: "llama",
      title: "node-llama-cpp",
      missing: llama,
      trial: node("node-llama-cpp.mjs", { gguf: ggufFile, contextSize }),
    },
    { name: "tjsFp32", title: "transformers.js fp32", levels: [1], missing: fp32.missing, trial: fp32.calls },
    { name: "tjsQ8", title: "transformers.js q8", levels: [1], missing: q8.missing, trial: q8.calls },
    { name: "tjsQ4", title: "transformers.js q4", levels: [1, 8], missing: q4.missing, trial: q4.calls },
    {
      name: "tjsQ8Batch",
      title: "transformers.js q8, one call",
      levels: [8, 32],
      missing: q8.missing,
      trial: q8.batch,
    },
    {
      name: "tjsQ4Batch",
      title: "transformers.js q4, one call",
      levels: [8, 32],
      missing: q4.missing,
      trial: q4.batch,
    },
    {
      name: "genai",
      title: "Python ContinuousBatchingPipeline",
      missing: genai.missing,
      trial: python("batching"),
    },
    {
      name: "genaiPipeline",
      title: "Python LLMPipeline",
      levels: [1],
      missing: genai.missing,
      trial: python("pipeline"),
    },
  ];
}

/** The versions of the packages, where they are installed. */
export function versions() {
  return Object.fromEntries(
    ["node-llama-cpp", "@huggingface/transformers", "onnxruntime-node"].flatMap((name) => {
      const file = join(packageFolder(name), "package.json");
      return existsSync(file) ? [[name, JSON.parse(readFileSync(file, "utf8")).version]] : [];
    }),
  );
}

function missingPackage(name, file) {
  if (!existsSync(packageFolder(name)))
    return `the package is not in benchmarks/peers/node_modules; ${SETUP}`;
  return existsSync(file) ? undefined : `${file} is not there; ${SETUP}`;
}

function packageFolder(name) {
  return join(here, "node_modules", name);
}
