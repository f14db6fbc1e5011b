import { realpath, rm, symlink } from "node:fs/promises";
import { basename, extname, join, resolve } from "node:path";

import { cacheDir, makeEntry } from "../../cache/cache.js";
import type { LockOptions } from "../../cache/process-lock.js";
import { OpenVinoLlmError } from "../../errors/errors.js";
import { EXPECTED_BUILDS } from "../../runtime/pins.js";
import { cacheTask, whyNotWritable } from "../../errors/system-errors.js";
import { hashFiles, hashModelFile } from "./file-hash.js";
import { checkGguf } from "../gguf/gguf-check.js";
import { readGgufHeader, type GgufHeader } from "../gguf/gguf.js";
import { checkIr } from "../ir/ir-check.js";
import { missingIrFiles } from "../ir/ir-files.js";
import { nameLayers } from "../ir/layer-names.js";
import { readManifest, writeManifest, type ModelManifest, type ModelSource } from "../files/manifest.js";

/** Of the rules by which a tokenizer is made from GGUF: another number, and conversions are made again. */
const TOKENIZER_VERSION = "2";

/** Converts the GGUF file at a path: the IR of model, tokenizer and detokenizer appears in the folder of that path. */
export type ConvertGguf = (gguf: string) => Promise<void>;

/**
 * The folder with the OpenVINO IR of a GGUF file: converted on the first call, found in the cache afterwards. The file
 * is known by its content, so a copy or a renamed file is not converted again.
 *
 * @param convert makes GenAI convert a file; it is called with a link, because GenAI writes beside the file it loads.
 * @param wait how another process that converts the same file is waited for
 * @throws OpenVinoLlmError `ERR_MODEL_NOT_FOUND` or `ERR_MODEL_LOAD` for a file that cannot be converted, and whatever
 * `convert` throws.
 */
export async function convertGguf(
  path: string,
  convert: ConvertGguf,
  env: NodeJS.ProcessEnv = process.env,
  wait: LockOptions = {},
): Promise<string> {
  const header = await readGgufHeader(path);
  checkGguf(header);
  const file = await realpath(path);
  const sha256 = await hashModelFile(file, env);
  const dir = join(cacheDir(env), "gguf", sha256);
  const name = basename(path, extname(path));
  const source = { file: basename(path), sha256, sizeBytes: header.fileSizeBytes };
  const make = async (tmp: string): Promise<void> => {
    await convertInto(tmp, header, { name, source }, convert);
    if ((await hashModelFile(file, env)) !== sha256) {
      throw new OpenVinoLlmError(
        "ERR_MODEL_LOAD",
        `${path} changed while it was converted. Try again when it is complete.`,
      );
    }
  };
  const purpose = `convert ${basename(path)}`;
  const neededBytes = leastConvertedBytes(header);
  await makeEntry(dir, make, { ...wait, isValid: isCurrentConversion, purpose, neededBytes });
  return dir;
}

/** A conversion keeps the weights as they are but may share what a file has twice: 67 % to 99 % of the file were seen. */
export function leastConvertedBytes({ fileSizeBytes }: GgufHeader): number {
  return Math.floor(fileSizeBytes * 0.5);
}

/** Converts the GGUF file of a checked header into an empty folder and writes the manifest beside the IR. */
export async function convertInto(
  dir: string,
  header: GgufHeader,
  about: { readonly name: string; readonly source: ModelSource },
  convert: ConvertGguf,
): Promise<void> {
  const { rebuildTokenizer, writeTokenizer } = await import("./rebuild-tokenizer.js");
  const tokenizer = await rebuildTokenizer(header);
  const link = join(dir, "model.gguf");
  await symlink(resolve(header.path), link);
  try {
    await convert(link);
    await checkConverted(dir, header);
    await writeTokenizer(dir, tokenizer);
  } catch (error) {
    // GenAI does not report that a file could not be written, or says 'basic_ios::clear'.
    const purpose = `convert ${basename(header.path)}`;
    const task = cacheTask(dir, { purpose, neededBytes: header.fileSizeBytes });
    throw (await whyNotWritable(task)) ?? error;
  }
  await rm(link);
  const { architecture, contextLength, vocabSize, bosTokenId, eosTokenId } = header;
  const created = new Date().toISOString();
  const figures = { architecture, contextLength, vocabSize, bosTokenId, eosTokenId };
  const tools = { ...EXPECTED_BUILDS, "gguf-tokenizer": TOKENIZER_VERSION };
  const manifest: ModelManifest = { ...about, ...figures, tools, created };
  await writeManifest(dir, manifest);
  await nameLayers(dir);
  await writeManifest(dir, { ...manifest, files: await hashFiles(dir) });
}

/** @throws OpenVinoLlmError `ERR_MODEL_LOAD` where files are missing or cut off */
async function checkConverted(dir: string, header: GgufHeader): Promise<void> {
  const missing = await missingIrFiles(dir);
  if (missing.length > 0) {
    throw new OpenVinoLlmError(
      "ERR_MODEL_LOAD",
      `Expected the conversion of ${header.path} to write OpenVINO IR but it did not write ${missing.join(", ")}.`,
    );
  }
  await checkIr(dir);
}

/**
 * A conversion by another GenAI, or with a tokenizer by other rules, is made again: the file is at hand, and the reader of
 * GGUF is still changing.
 */
async function isCurrentConversion(dir: string): Promise<boolean> {
  const tools = (await readManifest(dir).catch(() => null))?.tools;
  const isCurrent =
    tools?.["genai"] === EXPECTED_BUILDS.genai && tools["gguf-tokenizer"] === TOKENIZER_VERSION;
  return isCurrent && (await missingIrFiles(dir)).length === 0;
}
