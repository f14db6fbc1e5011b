import { readdir, stat } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";

import { OpenVinoLlmError, invalidArgType } from "../../errors/errors.js";
import { readJsonObject, type JsonObject } from "../files/json-file.js";
import { modelsDir, resolveModel } from "../store/resolve.js";
import { safetensorsFiles } from "./checkpoint-facts.js";
import type { ExpertGeometry } from "./geometry.js";
import type { MixtureOfExperts, InspectedFile, ModelInspection } from "./inspection.js";
import { inspectCheckpoint } from "./inspect-checkpoint.js";
import { inspectGguf } from "./inspect-gguf.js";
import { MODEL_FILE, inspectIr } from "./inspect-ir.js";
import { kvCacheNeeds } from "./memory.js";
import type { InspectedParts } from "./parts.js";
import { stepNeeds } from "./step-needs.js";
import { randomWeightsOf } from "./random-weights.js";
import {
  activeParameterCount,
  censusOf,
  mainPrecision,
  parameterCount,
  quantizationOf,
  type StoredTensor,
} from "./weights.js";

/**
 * Describes a model by its files, without loading it: OpenVINO IR, GGUF, or a checkpoint of Hugging Face. What is
 * missing or damaged is said in {@link ModelInspection.notes}; the rest is there all the same.
 *
 * @param model - a folder; an `.xml`, `.gguf` or `.safetensors` file; or the name of a model in the cache
 * @throws TypeError when the argument is not a string or empty.
 * @throws OpenVinoLlmError `ERR_MODEL_NOT_FOUND` when nothing is there; `ERR_MODEL_LOAD` when it is no model at all, or
 * the one file that it consists of cannot be read.
 */
export async function inspectModel(
  model: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<ModelInspection> {
  if (typeof model !== "string" || model === "" || model.includes("\0")) {
    throw invalidArgType("model", "the path or name of a model", model);
  }
  const { path, name } = await find(model, env);
  // The file that a whole model is called by stands for its folder.
  const isFolder = (await stat(path)).isDirectory();
  const isWhole = isFolder || basename(path) === MODEL_FILE;
  const dir = isFolder ? path : dirname(path);
  const parts = await partsOf(dir, isFolder ? await mainFile(dir) : basename(path), isFolder);
  const read = async (file: string) =>
    isWhole ? await readJsonObject(join(dir, file)).catch(() => null) : null;
  return assemble(path, parts, {
    name,
    files: await filesOf(dir, isWhole && parts.format !== "gguf" ? null : parts.fileNames),
    manifest: await read("manifest.json"),
    generationConfig: (await read("generation_config.json")) ?? {},
  });
}

/** As for every other command: a path when something is there, else a name. */
async function find(
  model: string,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly path: string; readonly name?: string }> {
  const path = resolve(model);
  if ((await stat(path).catch(() => null)) !== null) return { path };
  const cached = join(modelsDir(env), model);
  const isName = basename(model) === model && !model.startsWith(".");
  if (isName && (await stat(cached).catch(() => null)) !== null) return { path: cached };
  const found = await resolveModel(model, env);
  // A folder of the hub's cache is called by its commit.
  return { path: found.kind === "ir" ? found.dir : found.path, name: found.name };
}

/** The file that a folder's model is known by. */
async function mainFile(dir: string): Promise<string> {
  const names = (await readdir(dir)).sort();
  const [gguf, xml] = [".gguf", ".xml"].map((end) => names.find((name) => name.toLowerCase().endsWith(end)));
  const [shard] = await safetensorsFiles(dir);
  const found = names.find((name) => name === MODEL_FILE) ?? shard ?? gguf ?? xml;
  if (found !== undefined) return found;
  if (names.includes("config.json")) return "config.json";
  throw new OpenVinoLlmError(
    "ERR_MODEL_LOAD",
    `Expected a model in ${dir} but there is no .xml, .safetensors or .gguf file. Pass the folder that holds one.`,
  );
}

async function partsOf(dir: string, file: string, isFolder: boolean): Promise<InspectedParts> {
  switch (extname(file).toLowerCase()) {
    case ".xml":
      return inspectIr(dir, file);
    case ".gguf":
      return inspectGguf(dir, file);
    case ".safetensors":
    case ".json":
      return inspectCheckpoint(dir, isFolder ? null : file);
    default:
      throw new OpenVinoLlmError(
        "ERR_MODEL_LOAD",
        `Expected a folder, or an .xml, .gguf or .safetensors file, but received ${join(dir, file)}. Pass one of those.`,
      );
  }
}

/** Files of a folder, or those of the given names that are there. */
async function filesOf(dir: string, names: readonly string[] | null): Promise<InspectedFile[]> {
  const files: InspectedFile[] = [];
  for (const name of (names ?? (await readdir(dir))).toSorted()) {
    const stats = await stat(join(dir, name)).catch(() => null);
    if (stats?.isFile() === true) files.push({ name, sizeBytes: stats.size });
  }
  return files;
}

interface CommonParts {
  /** What it was asked for by, where that says more than the name of its folder. */
  readonly name: string | undefined;
  readonly files: readonly InspectedFile[];
  readonly manifest: JsonObject | null;
  readonly generationConfig: JsonObject;
}

function assemble(path: string, parts: InspectedParts, common: CommonParts): ModelInspection {
  const { tensors, geometry, experts, cachePrecision, cacheElementsPerToken } = parts;
  const { files, manifest, generationConfig } = common;
  const name = manifest?.["name"];
  return {
    name: typeof name === "string" ? name : (common.name ?? parts.name),
    path,
    format: parts.format,
    files,
    sizeBytes: files.reduce((total, { sizeBytes }) => total + sizeBytes, 0),
    architecture: parts.architecture,
    modelClass: parts.modelClass,
    precision: mainPrecision(tensors),
    parameters: tensors.length === 0 ? null : parameterCount(tensors),
    geometry,
    mixture: experts === null ? null : mixtureOf(experts, tensors),
    weights: censusOf(tensors),
    quantization: quantizationOf(tensors),
    graph: parts.graph,
    tokenizer: parts.tokenizer,
    chatTemplate: parts.chatTemplate,
    generationConfig,
    memory: {
      weightsBytes: tensors.reduce((total, { sizeBytes }) => total + sizeBytes, 0),
      kvCache: kvCacheNeeds(geometry, cachePrecision, cacheElementsPerToken),
    },
    step: parts.graph === null ? null : stepNeeds(parts),
    randomWeights: randomWeightsOf(manifest),
    manifest,
    notes: parts.notes,
  };
}

function mixtureOf(
  { experts, activeExperts }: ExpertGeometry,
  tensors: readonly StoredTensor[],
): MixtureOfExperts {
  const isKnown = activeExperts !== null && tensors.some(({ isExpert }) => isExpert);
  return {
    experts,
    activeExperts,
    activeParameters: isKnown ? activeParameterCount(tensors, activeExperts / experts) : null,
  };
}
