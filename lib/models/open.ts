import { convertGgufNative } from "../native-convert.js";
import { readModelInfo, type ModelInfo as FolderInfo } from "./config.js";
import { convertGguf } from "./convert.js";
import { checkIr } from "./ir-check.js";
import { resolveModel } from "./resolve.js";

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
  const dir = resolved.kind === "ir" ? resolved.dir : await convertGguf(resolved.path, convertGgufNative);
  await checkIr(dir);
  return { ...(await readModelInfo(dir)), dir, name: resolved.name };
}
