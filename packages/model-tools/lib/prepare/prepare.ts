import { mkdir, readdir } from "node:fs/promises";
import { dirname } from "node:path";

import {
  makeEntry,
  sha256OfFile,
  codeOf,
  writing,
  hashFiles,
  hashModelFile,
  readGgufHeader,
  missingIrFiles,
  readManifest,
} from "openvino-llm/internal";
import type { CacheHolder, ModelManifest } from "openvino-llm/models";
import { AbortError, OpenVinoLlmError } from "openvino-llm";
import { checkGroupSize, readCheckpoint } from "./checkpoint.js";
import { holdSource } from "./hold-source.js";
import { ensureEnvironment } from "./environment.js";
import { givenOptions } from "./export-options.js";
import { hashOfFiles } from "./result.js";
import { makeModel } from "./make-model.js";
import { resolvePreparation, type PrepareModelOptions, type ResolvedPreparation } from "./prepare-options.js";
import { RunLog } from "./run-log.js";
import { throwIfAborted } from "./stage.js";
import { whileThere } from "./vanished.js";

/** A model that is ready to be loaded. */
export interface PreparedModel {
  /** Its name in the cache; with `out` the name that was given, else the folder's own. */
  readonly name: string;
  /** The folder with the OpenVINO IR, absolute. */
  readonly dir: string;
  /** False when it was there already, made from the same source with the same options, or another process made it meanwhile. */
  readonly isNew: boolean;
  /** What is known of it. */
  readonly manifest: ModelManifest;
}

/**
 * Makes a model ready for OpenVINO GenAI: a checkpoint of Hugging Face (a folder, or a model on the hub) or a GGUF file
 * becomes a folder with OpenVINO IR, its weights quantised as asked, by Optimum Intel's exporter in a Python environment
 * of its own. The environment is made in the cache on the first call: Python 3.11 to 3.13 and 9.5 GB of disk are needed
 * for that, 6.5 GB stay.
 *
 * The model appears whole or not at all. When the tools fail, their log stays beside where the model would be. Of calls
 * that would make the same model at the same time, in whichever process, one makes it and the others wait for that.
 *
 * @param source an id on the hub (owner/name), a checkpoint folder or a .gguf file; undefined takes the preset's
 * @throws TypeError, RangeError for options; a group size that does not divide the model's width, too
 * @throws OpenVinoLlmError `ERR_MODEL_NOT_FOUND` when the source is not there; `ERR_DOWNLOAD` when Python, its packages,
 * the checkpoint or the data set cannot be had; `ERR_DISK_FULL`, `ERR_OUT_OF_MEMORY` when disk or memory are too small;
 * `ERR_NOT_WRITABLE` when the folder cannot be written to; `ERR_MODEL_LOAD` when the source is no checkpoint, when it is
 * damaged, when it is deleted meanwhile, when another model stands in the place, or when the exporter fails
 * @throws AbortError when the signal is aborted
 */
export async function prepareModel(
  source: string | undefined,
  options: PrepareModelOptions = {},
): Promise<PreparedModel> {
  throwIfAborted(options.signal);
  const request = await resolvePreparation(source, options);
  const release = await holdSource(request.source, options.signal);
  try {
    return await prepare(request, options);
  } finally {
    await release();
  }
}

/** How the user chooses another place for the model. */
const ELSEWHERE = "with --out or OPENVINO_LLM_CACHE";

async function prepare(request: ResolvedPreparation, options: PrepareModelOptions): Promise<PreparedModel> {
  const standing = await standingModel(request);
  if (standing !== null && options.overwrite !== true) {
    if (await isSame(standing, request)) return { ...placeOf(request), isNew: false, manifest: standing };
    throw madeOtherwise(request.dir);
  }
  await checkBeforehand(request);

  const task = { folder: dirname(request.dir), purpose: `make ${request.name}`, elsewhere: ELSEWHERE };
  await writing(task, () => mkdir(task.folder, { recursive: true }));
  const { onEvent } = options;
  const log = new RunLog(`${request.dir}.log`, (line) => onEvent?.({ type: "log", line }));
  try {
    const environment = await ensureEnvironment({
      log,
      signal: options.signal,
      onEvent,
      force: options.force === true,
    });
    // Whether another process has made the same since this one looked.
    const isValid = async (): Promise<boolean> => {
      const manifest = await standingModel(request);
      if (manifest === null || manifest.created === standing?.created) return false;
      if (await isSame(manifest, request)) return true;
      if (options.overwrite === true) return false;
      throw madeOtherwise(request.dir);
    };
    const make = (tmp: string): Promise<void> => makeModel(tmp, { request, options, environment, log });
    const onWait = (holder: CacheHolder): void => onEvent?.({ type: "phase", phase: "wait", holder });
    const isNew = await makeEntry(request.dir, make, {
      isValid,
      signal: options.signal,
      onWait,
      purpose: task.purpose,
      elsewhere: ELSEWHERE,
    });
    await (isNew ? log.remove() : log.discard());
    const manifest = await standingModel(request);
    if (manifest === null) throw occupied(request.dir, "was changed while the model was prepared");
    return { ...placeOf(request), isNew, manifest };
  } catch (error) {
    await (error instanceof AbortError ? log.discard() : log.close());
    throw error;
  }
}

function placeOf({ name, dir }: ResolvedPreparation): Pick<PreparedModel, "name" | "dir"> {
  return { name, dir };
}

/**
 * The manifest of the model that stands where the new one is to be; null when there is none and the place is free.
 * @throws OpenVinoLlmError when something else stands there, which is never replaced
 */
async function standingModel({ dir }: ResolvedPreparation): Promise<ModelManifest | null> {
  let entries: string[];
  try {
    entries = await readdir(dir);
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return null;
    throw occupied(dir, "is not a folder");
  }
  if (entries.length === 0) return null;
  const manifest = await readManifest(dir);
  if (manifest !== null && (await missingIrFiles(dir)).length === 0) return manifest;
  throw occupied(dir, "holds something that this library did not make");
}

function madeOtherwise(dir: string): OpenVinoLlmError {
  return occupied(dir, "holds a model that was made otherwise. Pass overwrite (--overwrite) to replace it");
}

function occupied(dir: string, what: string): OpenVinoLlmError {
  return new OpenVinoLlmError(
    "ERR_MODEL_LOAD",
    `Expected a free place for the model but ${dir} ${what}. Choose another name or folder (--name, --out).`,
  );
}

/** Whether a model was made from this source with these options. */
async function isSame(
  { source, preparation }: ModelManifest,
  request: ResolvedPreparation,
): Promise<boolean> {
  const asked = request.source;
  if (preparation === undefined || source.kind !== asked.kind) return false;
  const { options, extraArguments, recipe, datasetSha256 } = preparation;
  const isAsked =
    JSON.stringify(sorted(options)) === JSON.stringify(sorted(givenOptions(request.options))) &&
    JSON.stringify(extraArguments) === JSON.stringify(request.extraArguments) &&
    (recipe === null || recipe === request.recipe);
  if (!isAsked) return false;
  if (datasetSha256 !== (request.samples === null ? null : await sha256OfFile(request.samples))) return false;
  switch (asked.kind) {
    case "hub":
      return source.file === asked.id && ["main", source.revision].includes(request.revision);
    case "folder":
      return source.sha256 === hashOfFiles(await whileThere(() => hashFiles(asked.path)));
    case "gguf":
      return source.sha256 === (await whileThere(() => hashModelFile(asked.path)));
  }
}

function sorted(options: Readonly<Record<string, unknown>>): Array<[string, unknown]> {
  return Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** What is wrong with a local source is said before an environment is made for it. */
async function checkBeforehand({ source, options }: ResolvedPreparation): Promise<void> {
  if (source.kind === "gguf") await readGgufHeader(source.path);
  if (source.kind === "folder") checkGroupSize((await readCheckpoint(source.path)).config, options);
}
