import { realpath } from "node:fs/promises";
import { join, relative, sep } from "node:path";

import { cacheDir, holdEntry, codeOf } from "openvino-llm/internal";
import type { PrepareSource } from "./source.js";

/** What a cache that others look after answers: nobody who may not write there can take anything away either. */
const READ_ONLY = new Set(["EROFS", "EACCES", "EPERM"]);

/**
 * Holds a checkpoint of the cache while a model is made from it, so that it does not go with the `synthModel` call that
 * made it. Other sources are their owner's.
 *
 * @returns ends that
 */
export async function holdSource(
  source: PrepareSource,
  signal: AbortSignal | undefined,
  env: NodeJS.ProcessEnv = process.env,
): Promise<() => Promise<void>> {
  const entry = source.kind === "folder" ? await entryOf(source.path, env) : null;
  const held = entry === null ? null : await holdEntry(entry, { signal }).catch(nullIfReadOnly);
  return async () => {
    await held?.release("leave");
  };
}

/** The entry among the cache's checkpoints that a folder lies in. */
async function entryOf(path: string, env: NodeJS.ProcessEnv): Promise<string | null> {
  const [checkpoints, folder] = await Promise.all(
    [join(cacheDir(env), "checkpoints"), path].map((place) => realpath(place).catch(() => null)),
  );
  if (!checkpoints || !folder?.startsWith(checkpoints + sep)) return null;
  const [name = ""] = relative(checkpoints, folder).split(sep);
  return join(checkpoints, name);
}

function nullIfReadOnly(error: unknown): null {
  if (READ_ONLY.has(codeOf(error) ?? "")) return null;
  throw error;
}
