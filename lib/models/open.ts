import { convertGgufNative } from "../native-convert.js";
import { readModelInfo, type ModelInfo as FolderInfo } from "./config.js";
import { convertGguf } from "./convert.js";
import { checkIr, TOKENIZER_PARTS } from "./ir-check.js";
import { TOKENIZER_FILES } from "./ir-files.js";
import { resolveModel, type ResolvedModel } from "./resolve.js";

/** A model that is ready to load, with what its files tell. */
export interface ModelInfo extends FolderInfo {
  /** The folder with the OpenVINO IR. */
  readonly dir: string;
}

/**
 * Finds a model, converts it once where it is a GGUF file, and checks its files.
 *
 * @throws OpenVinoLlmError ERR_MODEL_NOT_FOUND, ERR_MODEL_LOAD
 */
export async function openModel(model: string): Promise<ModelInfo> {
  const resolved = await resolveModel(model);
  const dir = await folderOf(resolved);
  await checkIr(dir);
  return { ...(await readModelInfo(dir)), dir, name: resolved.name };
}

/**
 * The same of a model of which only the tokenizer is wanted: the model itself may be missing, and is not looked at.
 *
 * @throws OpenVinoLlmError ERR_MODEL_NOT_FOUND, ERR_MODEL_LOAD
 */
export async function openTokenizer(model: string): Promise<ModelInfo> {
  const resolved = await resolveModel(model, process.env, TOKENIZER_FILES);
  const dir = await folderOf(resolved);
  await checkIr(dir, TOKENIZER_PARTS);
  return { ...(await readModelInfo(dir)), dir, name: resolved.name };
}

async function folderOf(resolved: ResolvedModel): Promise<string> {
  return resolved.kind === "ir" ? resolved.dir : await convertGguf(resolved.path, convertGgufNative);
}
