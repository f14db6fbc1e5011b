import { describe, errorAbout, type OpenVinoLlmError } from "../../errors/errors.js";
import type { MatMul } from "../ir/ir-matmuls.js";
import type { SafetensorsHeader, SafetensorsTensor } from "../files/safetensors.js";

/** Two matrices of an adapter, `B·A`, that belong to one module of the original model. */
export interface LoraPair {
  /** The module's path as GenAI compares it with layers, e.g. `model.layers.0.self_attn.q_proj`. */
  readonly module: string;
  /** `A`: as many rows as the rank, as many columns as the module has inputs. */
  readonly inputSize: number;
  /** `B`: as many rows as the module has outputs, as many columns as the rank. */
  readonly outputSize: number;
}

/** GenAI's patterns: of PEFT, of Kohya's trainer, and of two older ones. */
const PAIR_NAMES = {
  A: /^(?:(.*)[_.]lora[_.](?:A|down)\.weight|(.*lora[12])\.down\.weight)$/,
  B: /^(?:(.*)[_.]lora[_.](?:B|up)\.weight|(.*lora[12])\.up\.weight)$/,
} as const;

/** GenAI passes over every name that begins otherwise. */
const PREFIX = "base_model.model.";
const DTYPES: readonly string[] = ["F32", "F16", "BF16"];
/** Regular expressions of the C++ library overflow the stack on long texts. */
const MAX_NAME_LENGTH = 512;

/** What else a file may hold, by the names that PEFT and other trainers use, and what can be done about it. */
const UNSUPPORTED: readonly (readonly [name: RegExp, reason: string])[] = [
  [/lora_magnitude_vector/, "DoRA is not supported: merge the adapter into the model."],
  [/lora_embedding_[AB]/, "Adapters of embeddings are not supported: merge the adapter into the model."],
  [/lora_[AB]\.[^.]+\.weight$/, "Save the adapter by PEFT's save_pretrained, which leaves its name out."],
  [/\.alpha$/, "Remove the scalars, and pass their value divided by the rank as alpha."],
  [/\.bias$/, "Trained biases are not supported: merge the adapter into the model."],
];
const WHOLE_MATRICES =
  "Matrices that were trained whole (modules_to_save) are not supported: merge the adapter into the model.";

const EXAMPLE = `${PREFIX}model.layers.0.self_attn.q_proj.lora_A.weight`;
const PEFT_CURE = "Pass the adapter_model.safetensors that PEFT writes.";
const MODEL_CURE = "Take an adapter that was trained for this model.";

/**
 * The pairs of an adapter, sorted as GenAI sorts them. GenAI passes over what it does not recognise, so a file with
 * anything but whole pairs is refused.
 *
 * @throws OpenVinoLlmError `ERR_MODEL_LOAD` with the file and the first problem found.
 */
export function loraPairsOf({ path, tensors }: SafetensorsHeader): LoraPair[] {
  if (tensors.length === 0)
    throw failure(path, "Expected pairs of matrices but the file is empty.", PEFT_CURE);
  const halves = new Map<string, Partial<Record<"A" | "B", SafetensorsTensor>>>();
  const strange: string[] = [];
  for (const tensor of tensors) {
    const half = halfOf(tensor.name);
    if (half === null) {
      strange.push(tensor.name);
      continue;
    }
    const pair = halves.get(half.module) ?? {};
    if (pair[half.side] !== undefined) {
      throw failure(path, `${describe(tensor.name)} is there twice, in two spellings.`, PEFT_CURE);
    }
    halves.set(half.module, { ...pair, [half.side]: tensor });
  }
  if (strange.length > 0) {
    const problem = `Expected only pairs such as ${describe(EXAMPLE)} with its lora_B but received ${some(strange)}, which GenAI would ignore.`;
    throw failure(path, problem, cureFor(strange[0] ?? ""));
  }
  const modules = [...halves.keys()].sort();
  return modules.map((module) => pairOf(path, module, halves.get(module) ?? {}));
}

function halfOf(name: string): { module: string; side: "A" | "B" } | null {
  if (name.length > MAX_NAME_LENGTH || !/^[\x21-\x7e]+$/.test(name)) return null;
  for (const side of ["A", "B"] as const) {
    const match = PAIR_NAMES[side].exec(name);
    const module = match?.[1] ?? match?.[2];
    if (module !== undefined) return { module, side };
  }
  return null;
}

function cureFor(name: string): string {
  return UNSUPPORTED.find(([pattern]) => pattern.test(name))?.[1] ?? WHOLE_MATRICES;
}

function pairOf(path: string, module: string, half: Partial<Record<"A" | "B", SafetensorsTensor>>): LoraPair {
  const { A, B } = half;
  if (A === undefined || B === undefined) {
    const [there, missing] = A === undefined ? ["lora_B", "lora_A"] : ["lora_A", "lora_B"];
    throw failure(path, `${describe(module)} has ${there} but not ${missing}.`, PEFT_CURE);
  }
  if (!module.startsWith(PREFIX)) {
    const problem = `Expected names that begin with ${describe(PREFIX)} but received ${describe(A.name)}, which GenAI would ignore.`;
    throw failure(path, problem, PEFT_CURE);
  }
  for (const { name, dtype } of [A, B]) {
    if (DTYPES.includes(dtype)) continue;
    const problem = `Expected ${DTYPES.join(", ")} for ${describe(name)} but received ${dtype}.`;
    throw failure(path, problem, "Save the adapter as one of these.");
  }
  const [rank = 0, inputSize = 0] = A.shape;
  const [outputSize = 0, otherRank = 0] = B.shape;
  const areMatrices = A.shape.length === 2 && B.shape.length === 2 && inputSize > 0 && outputSize > 0;
  if (!areMatrices || rank !== otherRank || rank === 0 || A.dtype !== B.dtype) {
    const problem = `Expected lora_A [rank, inputs] and lora_B [outputs, rank] of one type for ${describe(module)} but received ${pictureOf(A)} and ${pictureOf(B)}.`;
    throw failure(path, problem, PEFT_CURE);
  }
  return { module: module.slice(PREFIX.length), inputSize, outputSize };
}

function pictureOf({ dtype, shape }: SafetensorsTensor): string {
  return `${dtype} [${shape.join(", ")}]`;
}

/**
 * Judges whether each pair finds its layers in a model, by GenAI's own rule: a layer belongs to the first pair whose
 * module is part of the layer's name. GenAI prints a warning for the others and goes on without them, and fails in the
 * first generation where sizes differ.
 *
 * @throws OpenVinoLlmError `ERR_MODEL_LOAD` naming the file, the modules and what the model has.
 */
export function checkPairs(
  path: string,
  pairs: readonly LoraPair[],
  modelDir: string,
  layers: readonly MatMul[],
): void {
  const used = new Set<LoraPair>();
  for (const { name, sizes } of layers) {
    const underscored = name.replaceAll(".", "_");
    const pair = pairs.find(({ module }) => name.includes(module) || underscored.includes(module));
    if (pair === undefined) continue;
    used.add(pair);
    if (sizes?.input === pair.inputSize && sizes.output === pair.outputSize) continue;
    const found = sizes === null ? "no matrix of a fixed size" : `${sizes.input} and ${sizes.output}`;
    const problem = `${describe(pair.module)} is made for ${pair.inputSize} inputs and ${pair.outputSize} outputs but the layer ${describe(name)} of ${modelDir} has ${found}.`;
    throw failure(path, problem, MODEL_CURE);
  }
  const unused = pairs.filter((pair) => !used.has(pair)).map(({ module }) => module);
  if (unused.length === 0) return;
  const names = layers.filter(({ sizes }) => sizes !== null).map(({ name }) => name);
  if (names.every((name) => /^(?:MatMul|Convolution)_\d+$/.test(name))) {
    const problem = `${modelDir} does not say which layer is which: it was made from a GGUF file by GenAI.`;
    throw failure(path, problem, "Load the GGUF file itself, or export the model with Optimum Intel.");
  }
  const problem = `${modelDir} has no layers for ${some(unused)}, which GenAI would ignore; its layers are ${some(names)}.`;
  throw failure(path, problem, MODEL_CURE);
}

/** The first of some names and how many follow. */
function some(names: readonly string[]): string {
  const [first = ""] = names;
  return names.length > 1 ? `${describe(first)} and ${names.length - 1} more` : describe(first);
}

function failure(path: string, problem: string, cure: string): OpenVinoLlmError {
  return errorAbout("ERR_MODEL_LOAD", path, problem, cure);
}
