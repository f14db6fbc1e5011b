/** What `models prepare` can begin with: a checkpoint folder, a GGUF file, or a model on the Hugging Face hub. */
import { stat } from "node:fs/promises";
import { basename, extname, isAbsolute, resolve } from "node:path";
import { OpenVinoLlmError } from "openvino-llm";
import { describe, invalidArgType } from "openvino-llm/internal";

/** Where a model comes from. Paths are absolute. */
export type PrepareSource =
  | { readonly kind: "folder"; readonly name: string; readonly path: string }
  | { readonly kind: "gguf"; readonly name: string; readonly path: string }
  | { readonly kind: "hub"; readonly name: string; readonly id: string };

/** Owner and name, as the hub allows them. */
const HUB_ID = /^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/;

/**
 * Classifies a source: a path when it is absolute, starts with `.` or exists; otherwise an id on the hub.
 *
 * @throws TypeError when it is no string or empty
 * @throws OpenVinoLlmError `ERR_MODEL_NOT_FOUND` when there is no such path and it is no id; `ERR_MODEL_LOAD` for a file
 * that is no GGUF file
 */
export async function resolveSource(source: string): Promise<PrepareSource> {
  if (typeof source !== "string" || source === "" || source.includes("\0")) {
    throw invalidArgType("source", "an id on the hub, a checkpoint folder or a .gguf file", source);
  }
  const path = resolve(source);
  const stats = await stat(path).catch(() => null);
  if (stats === null) {
    if (!isAbsolute(source) && !source.startsWith(".") && HUB_ID.test(source)) {
      return { kind: "hub", name: basename(source), id: source };
    }
    throw new OpenVinoLlmError(
      "ERR_MODEL_NOT_FOUND",
      `Expected a checkpoint folder, a .gguf file or an id on the hub (owner/name) but received ${describe(source)}, and ` +
        `nothing is at ${path}.`,
    );
  }
  if (stats.isDirectory()) return { kind: "folder", name: basename(path), path };
  const extension = extname(path);
  if (stats.isFile() && extension.toLowerCase() === ".gguf") {
    return { kind: "gguf", name: basename(path, extension), path };
  }
  throw new OpenVinoLlmError(
    "ERR_MODEL_LOAD",
    `Expected a checkpoint folder or a .gguf file but received ${path}. Pass the folder that holds config.json.`,
  );
}
