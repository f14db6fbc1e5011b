/** The package that makes models, found where it is installed beside this one: this package does not depend on it. */
import { importFrom, MODEL_TOOLS } from "openvino-llm/internal";
import type { FormatOptions } from "./weight-formats.js";

/** What of it is used. */
export interface ModelTools {
  /** Makes OpenVINO IR of a checkpoint, or finds it made. */
  prepareModel(
    source: string,
    options: FormatOptions & {
      readonly name: string;
      readonly signal?: AbortSignal;
    },
  ): Promise<{ readonly dir: string; readonly isNew: boolean }>;
}

/** @throws (by rejection) OpenVinoLlmError ERR_PACKAGE_NOT_FOUND saying how to get it */
export async function loadModelTools(): Promise<ModelTools> {
  return (await importFrom(MODEL_TOOLS, "")) as ModelTools;
}
