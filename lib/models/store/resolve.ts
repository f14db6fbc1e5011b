import type { Stats } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, extname, join, resolve } from "node:path";

import { cacheDir } from "../../cache/cache.js";
import { codeOf, OpenVinoLlmError, describe, invalidArgType } from "../../errors/errors.js";
import { findSnapshot } from "../../hub/find-snapshot.js";
import { repositoryDir } from "../../hub/layout.js";
import { parseHubName } from "../../hub/model-name.js";
import { hubCacheDir } from "../../hub/settings.js";
import { IR_FILES, missingIrFiles } from "../ir/ir-files.js";
import { pullCommand, wholeModel } from "./hub-model.js";
import { KNOWN_MODELS, commandsToGetModel } from "./known-models.js";
import { installedModel, modelPackage } from "./model-package.js";

/** A model that is on this machine. */
export type ResolvedModel =
  | {
      /** A folder with OpenVINO IR. */
      readonly kind: "ir";
      /** The folder's own name, or the one that the model was asked for by. */
      readonly name: string;
      /** The folder, absolute. */
      readonly dir: string;
    }
  | {
      /** A GGUF file. */
      readonly kind: "gguf";
      /** The file's name without `.gguf`. */
      readonly name: string;
      /** The file, absolute. */
      readonly path: string;
    };

/** Names are single path segments that cannot climb out of the models folder; what starts with `.` or `/` is none. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** The folder that holds the models which go by a name. */
export function modelsDir(env: NodeJS.ProcessEnv = process.env): string {
  return join(cacheDir(env), "models");
}

/**
 * Finds a model, of which `files` are needed. The argument is a path when it is absolute, starts with `.` or exists;
 * otherwise it is the name of a model in the cache, of one that npm has installed (`openvino-llm-model-<name>`), or of one in
 * the hub's cache (`org/name`), in this order. Nothing is downloaded.
 *
 * @param task what an export of it is for, by the exporter's name
 *
 * @throws TypeError when the argument is not a string or empty.
 * @throws OpenVinoLlmError `ERR_MODEL_NOT_FOUND` naming the places tried; `ERR_MODEL_LOAD` naming the files that a
 * folder or a model of the hub lacks, or when a file is no GGUF file.
 */
export async function resolveModel(
  model: string,
  env: NodeJS.ProcessEnv = process.env,
  files: readonly string[] = IR_FILES,
  task = "text-generation-with-past",
): Promise<ResolvedModel> {
  if (typeof model !== "string" || model === "" || model.includes("\0")) {
    throw invalidArgType("model", "the path or name of a model", model);
  }
  const path = resolve(model);
  const stats = await statIfThere(path);
  if (stats !== null) return resolveExisting(path, stats, files, task);
  if (NAME.test(model)) {
    const cached = join(modelsDir(env), model);
    const cachedStats = await statIfThere(cached);
    if (cachedStats !== null) return resolveExisting(cached, cachedStats, files, task);
    const installed = installedModel(model);
    if (installed !== null) return { ...(await resolveFolder(installed, files, task)), name: model };
    const ofHub = await resolveHubModel(model, env, files);
    if (ofHub !== null) return ofHub;
    const places = `nothing is at ${path} nor at ${cached}, and the package ${modelPackage(model)} is not installed`;
    throw notFound(model, places);
  }
  const ofHub = model.startsWith(".") ? null : await resolveHubModel(model, env, files);
  if (ofHub === null) throw notFound(model, `nothing is at ${path}`);
  return ofHub;
}

/**
 * The model of a hub's name in the hub's cache; null where it has nothing of that name.
 *
 * @throws OpenVinoLlmError `ERR_MODEL_NOT_FOUND` where the name can be no other one's; `ERR_MODEL_LOAD` where it is not whole
 */
export async function resolveHubModel(
  model: string,
  env: NodeJS.ProcessEnv,
  files: readonly string[],
): Promise<ResolvedModel | null> {
  const name = parseHubName(model);
  if (name === null) return null;
  const snapshot = await findSnapshot(name, env);
  if (snapshot !== null && snapshot !== "begun") return wholeModel(name, snapshot, files);
  if (snapshot === null && !name.id.includes("/")) return null;
  const folder = repositoryDir(hubCacheDir(env), name.id);
  const found =
    snapshot === null
      ? `nothing is at ${resolve(model)} nor at ${folder}`
      : `${folder} has no whole one of it`;
  throw new OpenVinoLlmError(
    "ERR_MODEL_NOT_FOUND",
    `Expected a model but ${found} (received ${describe(model)}). Get it from the hub: ${pullCommand(name)}`,
  );
}

async function resolveExisting(
  path: string,
  stats: Stats,
  files: readonly string[],
  task: string,
): Promise<ResolvedModel> {
  if (stats.isDirectory()) return resolveFolder(path, files, task);
  const extension = extname(path);
  if (stats.isFile() && extension.toLowerCase() === ".gguf") {
    return { kind: "gguf", name: basename(path, extension), path };
  }
  throw new OpenVinoLlmError(
    "ERR_MODEL_LOAD",
    `Expected a folder with OpenVINO IR or a .gguf file but received the file ${path}. ` +
      "Pass the folder that holds openvino_model.xml, or a GGUF file.",
  );
}

async function resolveFolder(dir: string, files: readonly string[], task: string): Promise<ResolvedModel> {
  const missing = await missingIrFiles(dir, files);
  if (missing.length === 0) return { kind: "ir", name: basename(dir), dir };
  const gguf = (await readdir(dir)).filter((file) => file.toLowerCase().endsWith(".gguf")).sort()[0];
  const cure =
    gguf !== undefined
      ? `The folder holds a GGUF file; to load that, pass ${join(dir, gguf)}.`
      : `Export the model with its tokenizer: optimum-cli export openvino --task ${task}.`;
  throw new OpenVinoLlmError(
    "ERR_MODEL_LOAD",
    `Expected a folder with OpenVINO IR at ${dir} but ${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} ` +
      `missing or empty. ${cure}`,
  );
}

async function statIfThere(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch (cause) {
    const code = codeOf(cause);
    if (code === "ENOENT" || code === "ENOTDIR" || code === "ENAMETOOLONG") return null;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OpenVinoLlmError(
      "ERR_MODEL_LOAD",
      `Expected a readable model at ${path} but received ${reason}.`,
      { cause },
    );
  }
}

function notFound(model: string, tried: string): OpenVinoLlmError {
  const known = [...KNOWN_MODELS.keys()];
  const cure = KNOWN_MODELS.has(model)
    ? `Get it with: ${commandsToGetModel(model)}`
    : "Pass the path of a folder with OpenVINO IR or of a .gguf file, or get a model that goes by a name: " +
      `npx openvino-llm models pull ORG/NAME (from the hub) or ${known.map(commandsToGetModel).join(" or ")}`;
  return new OpenVinoLlmError(
    "ERR_MODEL_NOT_FOUND",
    `Expected a model but ${tried} (received ${describe(model)}). ${cure}`,
  );
}
