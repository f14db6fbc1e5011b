import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";

import { OpenVinoLlmError } from "../../errors/errors.js";
import { checkPairs, loraPairsOf } from "./adapter-check.js";
import { trainedAlpha } from "./adapter-config.js";
import { matMulsOf, type MatMul } from "../ir/ir-matmuls.js";
import { readFailure } from "../files/json-file.js";
import { nameLayers } from "../ir/layer-names.js";
import { readSafetensorsHeader } from "../files/safetensors.js";

/** An adapter that is asked for: its absolute path, and its factor where the caller gave one. */
export interface WantedAdapter {
  readonly path: string;
  readonly alpha: number | undefined;
}

/** An adapter that fits its model. */
export interface OpenedAdapter {
  /** As it was asked for. */
  readonly path: string;
  /** The file with the tensors. */
  readonly file: string;
  readonly alpha: number;
}

/** What PEFT calls the file in the folder of an adapter. */
const PEFT_FILE = "adapter_model.safetensors";

/**
 * Finds adapters and judges whether GenAI can apply all of each to the model in a folder.
 *
 * @throws OpenVinoLlmError `ERR_MODEL_NOT_FOUND` for a missing file; `ERR_MODEL_LOAD` naming the file and the reason
 */
export async function openAdapters(
  modelDir: string,
  wanted: readonly WantedAdapter[],
): Promise<OpenedAdapter[]> {
  if (wanted.length === 0) return [];
  await nameLayers(modelDir);
  const layers = await readMatMuls(join(modelDir, "openvino_model.xml"));
  const opened: OpenedAdapter[] = [];
  for (const { path, alpha } of wanted) {
    const file = (await isFolder(path)) ? join(path, PEFT_FILE) : path;
    const twin = opened.find((other) => other.file === file);
    if (twin !== undefined) {
      throw new OpenVinoLlmError("ERR_MODEL_LOAD", `${file} is named twice, as ${twin.path} and as ${path}.`);
    }
    checkPairs(file, loraPairsOf(await readSafetensorsHeader(file)), modelDir, layers);
    opened.push({ path, file, alpha: alpha ?? (await trainedAlpha(file)) });
  }
  return opened;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() ?? false;
}

async function readMatMuls(path: string): Promise<MatMul[]> {
  const xml = await readFile(path, "utf8").catch((cause: unknown) => {
    throw readFailure(path, cause);
  });
  return matMulsOf(xml);
}
