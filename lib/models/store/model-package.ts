/**
 * Models that npm has installed: packages `openvino-llm-model-<name>` with OpenVINO IR in the folder `model/`. They are found
 * and read, and nothing of them is run.
 *
 * They are looked for as Node looks for what an app imports: from this file upwards, then from the main script upwards,
 * because pnpm lets a package see its own dependencies alone and a model is none of ours. Never from the working folder,
 * which may be a stranger's: a model can be made so that reading it ends the process.
 */
import { readdirSync, statSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { requireAt } from "../../runtime/node-require.js";

const PREFIX = "openvino-llm-model-";
/** What npm lets a package be called. */
const NAME = /^[a-z0-9][a-z0-9._-]*$/;
const MODEL_FOLDER = "model";

/** Files from which packages are looked for, as paths or URLs, in this order. */
function lookUpFrom(): string[] {
  // The words after `node`, where they are no script: none for -e, "-" for what comes from stdin.
  const main = process.argv[1];
  return main !== undefined && isAbsolute(main) ? [import.meta.url, main] : [import.meta.url];
}

/** The npm package that would bring a model. */
export function modelPackage(name: string): string {
  return `${PREFIX}${name}`;
}

/** The folder of the package that brings a model; null where none is installed. */
function packageFolder(name: string, from: string): string | null {
  try {
    return dirname(requireAt(from).resolve(`${modelPackage(name)}/package.json`));
  } catch {
    return null;
  }
}

/**
 * The folder with the IR of an installed model. A package without that folder counts as absent: this repository has its own
 * packages as workspaces, which npm links and does not fill.
 *
 * @returns an absolute path; null where no such package is installed
 */
export function installedModel(name: string, from: readonly string[] = lookUpFrom()): string | null {
  if (!NAME.test(name)) return null;
  for (const file of from) {
    const folder = packageFolder(name, file);
    if (folder !== null && isFolder(join(folder, MODEL_FOLDER))) return join(folder, MODEL_FOLDER);
  }
  return null;
}

/** The names of all installed models. */
export function installedModels(from: readonly string[] = lookUpFrom()): string[] {
  const names = from
    .flatMap(placesOf)
    .flatMap(namesIn)
    .filter((name) => name.startsWith(PREFIX));
  const models = new Set(names.map((name) => name.slice(PREFIX.length)));
  return [...models].filter((name) => installedModel(name, from) !== null);
}

/** Whether the package is there, with the model or without. */
export function isModelPackageLinked(name: string, from: readonly string[] = lookUpFrom()): boolean {
  return NAME.test(name) && from.some((file) => packageFolder(name, file) !== null);
}

/** The folders in which packages are looked for; none where a bundler has left no place that this file is at. */
function placesOf(file: string): string[] {
  try {
    return requireAt(file).resolve.paths(PREFIX) ?? [];
  } catch {
    return [];
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
