import { readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

import { cachedSnapshots } from "../hub/find-snapshot.js";
import { randomWeightsOf, type RandomWeights } from "./inspect/random-weights.js";
import { storedPrecision } from "./inspect/stored-precision.js";
import { missingIrFiles, TEXT_MODEL_FILES } from "./ir/ir-files.js";
import { isJsonObject, readJsonObject, type JsonObject } from "./files/json-file.js";
import { ggufsOf } from "./store/hub-model.js";
import { KNOWN_MODELS } from "./store/known-models.js";
import { installedModel, installedModels } from "./store/model-package.js";
import { modelsDir, resolveHubModel } from "./store/resolve.js";

/** A model that goes by a name. */
export interface ListedModel {
  /** What it is asked for by; of a model in the hub's cache `org/name`. */
  readonly name: string;
  /** Its folder, or that of its GGUF file; null when it is not on this machine. */
  readonly dir: string | null;
  /** Whether it can be fetched by its name. */
  readonly isFetchable: boolean;
  /** Of all its files; null when it is not on this machine. */
  readonly sizeBytes: number | null;
  /**
   * What the weights are stored as, by the manifest, else what most of them are: `INT4`, `FP16`; null when that is not
   * known.
   */
  readonly precision: string | null;
  /** Null for a model with weights that somebody trained. */
  readonly randomWeights: RandomWeights | null;
  /** Where it came from, in a few words: a package, a file, an id on the hub; null when it is not known. */
  readonly source: string | null;
}

/**
 * The models in the cache, those that npm has installed, those in the hub's cache that can be loaded, and those that come as
 * a package of PyPI, by name.
 */
export async function listModels(env: NodeJS.ProcessEnv = process.env): Promise<ListedModel[]> {
  const folder = modelsDir(env);
  const entries = (await readdir(folder).catch(() => [])).filter((name) => !/\.(?:lock|tmp)$/.test(name));
  const names = [...new Set([...KNOWN_MODELS.keys(), ...entries, ...installedModels()])].sort();
  const listed: ListedModel[] = [];
  for (const name of names) {
    const isFetchable = KNOWN_MODELS.has(name);
    const dir = await firstWhole([join(folder, name), installedModel(name)]);
    if (dir !== null) listed.push({ name, dir, isFetchable, ...(await detailsOf(dir)) });
    else if (isFetchable) listed.push({ name, dir: null, isFetchable, ...NOT_HERE });
  }
  return [...listed, ...(await hubModels(env))];
}

/** Those of which all is there, by their main branch. */
async function hubModels(env: NodeJS.ProcessEnv): Promise<ListedModel[]> {
  const listed: ListedModel[] = [];
  for (const [id, { dir, tree }] of await cachedSnapshots(env)) {
    const names =
      tree === null
        ? []
        : ggufsOf(
            { quant: null },
            tree.map(({ path }) => path),
          ).choices.map((quant) => `${id}:${quant}`);
    for (const name of [id, ...names]) {
      const found = await resolveHubModel(name, env, TEXT_MODEL_FILES).catch(() => null);
      if (found === null) continue;
      const about = { name, isFetchable: true, source: HUB };
      if (found.kind === "ir") listed.push({ ...(await detailsOf(dir)), ...about, dir });
      else if (name !== id || names.length === 0) {
        const sizeBytes = (await stat(found.path)).size;
        listed.push({ ...NOT_HERE, ...about, dir: dirname(found.path), sizeBytes });
      }
    }
  }
  return listed;
}

const HUB = "Hugging Face hub";

/** As `load()` chooses, but for what is not whole. */
async function firstWhole(dirs: readonly (string | null)[]): Promise<string | null> {
  for (const dir of dirs) if (dir !== null && (await missingIrFiles(dir)).length === 0) return dir;
  return null;
}

const NOT_HERE = { sizeBytes: null, precision: null, randomWeights: null, source: null };

async function detailsOf(dir: string) {
  const manifest = await readJsonObject(join(dir, "manifest.json")).catch(() => null);
  const asked = manifest?.["weightFormat"];
  return {
    sizeBytes: await folderBytes(dir),
    precision:
      typeof asked === "string"
        ? asked.toUpperCase()
        : await storedPrecision(join(dir, "openvino_model.xml")).catch(() => null),
    randomWeights: randomWeightsOf(manifest),
    source: sourceOf(manifest),
  };
}

async function folderBytes(dir: string): Promise<number> {
  let total = 0;
  for (const name of await readdir(dir)) {
    const stats = await stat(join(dir, name)).catch(() => null);
    if (stats?.isFile() === true) total += stats.size;
  }
  return total;
}

function sourceOf(manifest: JsonObject | null): string | null {
  const { source, geometry } = manifest ?? {};
  // Of a model with random weights only the sizes are somebody's.
  if (isJsonObject(geometry) && typeof geometry["of"] === "string") return `sizes of ${geometry["of"]}`;
  if (!isJsonObject(source)) return null;
  const names = [source["package"], source["file"]];
  return names.find((value) => typeof value === "string") ?? null;
}
