import { join } from "node:path";
import { OpenVinoLlmError } from "../errors/errors.js";
import { convertGgufNative } from "../native/native-convert.js";
import { readModelInfo, type ModelInfo as FolderInfo } from "./config.js";
import { convertGguf } from "./store/convert.js";
import { checkIr, TEXT_MODEL_PARTS, TOKENIZER_PARTS } from "./ir/ir-check.js";
import { TEXT_MODEL_FILES, TOKENIZER_FILES } from "./ir/ir-files.js";
import { readJsonObject } from "./files/json-file.js";
import { systemError } from "../errors/system-errors.js";
import { resolveModel, type ResolvedModel } from "./store/resolve.js";

/** A model that is ready to load, with what is known by its files. */
export interface ModelInfo extends FolderInfo {
  /** The folder with the OpenVINO IR. */
  readonly dir: string;
  /** Properties that it brings along, which hold where the caller sets none. */
  readonly runtimeOptions: ReadonlyMap<string, string>;
}

/**
 * Finds a model, converts it once where it is a GGUF file, and checks its files.
 *
 * @throws OpenVinoLlmError ERR_MODEL_NOT_FOUND, ERR_MODEL_LOAD; ERR_DISK_FULL, ERR_NOT_WRITABLE, ERR_FILE_SYSTEM
 */
export function openModel(model: string): Promise<ModelInfo> {
  return withSystemErrors(async () => {
    const resolved = await resolveModel(model);
    const dir = await folderOf(resolved);
    const runtimeOptions = await checkIr(dir);
    return { ...(await readModelInfo(dir)), dir, name: resolved.name, runtimeOptions };
  });
}

/**
 * The same of a model of which only the tokenizer is wanted: the model itself may be missing, and is not looked at.
 *
 * @throws OpenVinoLlmError ERR_MODEL_NOT_FOUND, ERR_MODEL_LOAD
 */
export function openTokenizer(model: string): Promise<ModelInfo> {
  return withSystemErrors(async () => {
    const resolved = await resolveModel(model, process.env, TOKENIZER_FILES);
    const dir = await folderOf(resolved);
    const runtimeOptions = await checkIr(dir, TOKENIZER_PARTS);
    return { ...(await readModelInfo(dir)), dir, name: resolved.name, runtimeOptions };
  });
}

/** A model that gives numbers for texts. */
export interface TextModelInfo extends ModelInfo {
  /** `model_type` of its `config.json`; null where there is none. */
  readonly modelType: string | null;
}

/**
 * The same of a model that gives numbers for texts; `task` is what it is exported for. Whether it does is not looked at.
 *
 * @throws OpenVinoLlmError ERR_MODEL_NOT_FOUND, ERR_MODEL_LOAD
 */
export function openTextModel(model: string, task: string): Promise<TextModelInfo> {
  return withSystemErrors(async () => {
    const resolved = await resolveModel(model, process.env, TEXT_MODEL_FILES, task);
    if (resolved.kind === "gguf") {
      throw new OpenVinoLlmError(
        "ERR_MODEL_LOAD",
        `Expected a folder with OpenVINO IR but received the GGUF file ${resolved.path}, which GenAI takes for text ` +
          `generation only. Export the model from its checkpoint: optimum-cli export openvino --task ${task}.`,
      );
    }
    const { dir, name } = resolved;
    const runtimeOptions = await checkIr(dir, TEXT_MODEL_PARTS);
    const modelType = (await readJsonObject(join(dir, "config.json")))?.["model_type"];
    return {
      ...(await readModelInfo(dir)),
      dir,
      name,
      runtimeOptions,
      modelType: typeof modelType === "string" ? modelType : null,
    };
  });
}

/** Runs `open`; what the system refuses is thrown as an error with a code. */
async function withSystemErrors<T>(open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    throw systemError(error);
  }
}

async function folderOf(resolved: ResolvedModel): Promise<string> {
  return resolved.kind === "ir" ? resolved.dir : await convertGguf(resolved.path, convertGgufNative);
}
