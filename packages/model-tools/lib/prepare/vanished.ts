/** Sources that are deleted while a model is made of them. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { codeOf } from "openvino-llm/internal";
import { OpenVinoLlmError } from "openvino-llm";

/**
 * Reads files of a source.
 * @throws OpenVinoLlmError `ERR_MODEL_LOAD` when one of them has gone meanwhile
 */
export async function whileThere<Value>(read: () => Promise<Value>): Promise<Value> {
  try {
    return await read();
  } catch (cause) {
    if (codeOf(cause) !== "ENOENT") throw cause;
    throw vanished((cause as NodeJS.ErrnoException).path ?? "the source", cause);
  }
}

/**
 * Names what has gone of a source when a tool that was reading it has failed.
 * @throws OpenVinoLlmError `ERR_MODEL_LOAD` when one of the files is not there any more
 */
export async function checkStillThere(
  dir: string,
  files: readonly string[],
  failure: unknown,
): Promise<void> {
  for (const path of [dir, ...files.map((file) => join(dir, file))]) {
    if ((await stat(path).catch(() => null)) === null) throw vanished(path, failure);
  }
}

function vanished(path: string, cause: unknown): OpenVinoLlmError {
  return new OpenVinoLlmError(
    "ERR_MODEL_LOAD",
    `Expected ${path} to stay while a model is made from it, but it was deleted or moved meanwhile. Nothing half-made is ` +
      "left: put it back where it was your own, and run the same again.",
    { cause },
  );
}
