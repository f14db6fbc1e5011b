import { stat } from "node:fs/promises";
import { join } from "node:path";

import { errorAbout } from "../../errors/errors.js";
import { RUNTIME_VERSION, RUNTIME_WHEELS } from "../../runtime/pins.js";
import { isNewer, scanIr } from "./ir-scan.js";
import { fileError, readFailure } from "../files/json-file.js";
import { checkStringTables } from "./string-tables.js";

/** The three models that a text model's folder holds. */
const PARTS = ["openvino_model", "openvino_tokenizer", "openvino_detokenizer"] as const;
/** Those of them that make a tokenizer. */
export const TOKENIZER_PARTS = PARTS.slice(1);
/** Those of them that make a model which gives numbers and no text. */
export const TEXT_MODEL_PARTS = PARTS.slice(0, 2);

/**
 * Judges the IR in a folder by what is known without loading it, where loading it would end the process or fail with a
 * message that names no file: IR of a newer OpenVINO than the runtime, `.bin` files that are too short for their
 * `.xml`, and tables of a tokenizer that point outside themselves. It finds damage and mix-ups; it is no defence
 * against a file that was made to do harm.
 *
 * @returns the properties that the model brings along, such as `KV_CACHE_PRECISION`.
 * @throws OpenVinoLlmError `ERR_MODEL_LOAD` for the first thing found.
 */
export async function checkIr(
  dir: string,
  parts: readonly (typeof PARTS)[number][] = PARTS,
): Promise<ReadonlyMap<string, string>> {
  const options = new Map<string, string>();
  for (const part of parts) {
    const [xml, bin] = [join(dir, `${part}.xml`), join(dir, `${part}.bin`)];
    const { versions, weightsEndBytes, runtimeOptions } = await scanIr(xml);
    checkVersions(xml, versions);
    const { size } = await stat(bin).catch((cause: unknown) => {
      throw readFailure(bin, cause);
    });
    if (weightsEndBytes > size) {
      const problem = `The file is truncated, or is of another model: it has ${size} bytes but ${part}.xml reaches to byte ${weightsEndBytes}.`;
      throw fileError(bin, problem);
    }
    if (part !== "openvino_model") await checkStringTables(xml, bin);
    for (const [name, value] of runtimeOptions) options.set(name, value);
  }
  return options;
}

/**
 * Judges by which OpenVINO the graph in a file was written, as {@link checkIr} does.
 *
 * @throws OpenVinoLlmError `ERR_MODEL_LOAD` for a newer one than the runtime
 */
export async function checkIrVersion(xml: string): Promise<void> {
  checkVersions(xml, (await scanIr(xml)).versions);
}

function checkVersions(xml: string, versions: ReadonlyMap<string, string>): void {
  for (const [writer, version] of versions) checkVersion(xml, writer, version);
}

/** OpenVINO may end the process on operations that it does not know yet, instead of refusing them. */
function checkVersion(path: string, writer: string, version: string): void {
  if (!isNewer(version, RUNTIME_VERSION)) return;
  const pinned = Object.values(RUNTIME_WHEELS).map(({ requirement }) => requirement);
  throw errorAbout(
    "ERR_MODEL_LOAD",
    path,
    `Expected an IR by OpenVINO ${RUNTIME_VERSION} (the runtime of this package) or older but received one by ${writer} ${version}.`,
    `Export the model with ${pinned.join(" ")}, or update openvino-llm.`,
  );
}
