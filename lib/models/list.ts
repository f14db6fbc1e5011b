import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { missingIrFiles } from "./ir-files.js";
import { KNOWN_MODELS } from "./known-models.js";
import { modelsDir } from "./resolve.js";

/** A model that goes by a name. */
export interface ListedModel {
  readonly name: string;
  /** Its folder; null when it is not on this machine. */
  readonly dir: string | null;
  /** Whether it can be fetched by its name. */
  readonly isFetchable: boolean;
}

/** The models in the cache and those that can be fetched, by name. */
export async function listModels(env: NodeJS.ProcessEnv = process.env): Promise<ListedModel[]> {
  const folder = modelsDir(env);
  const entries = (await readdir(folder).catch(() => [])).filter((name) => !name.endsWith(".tmp"));
  const names = [...new Set([...KNOWN_MODELS.keys(), ...entries])].sort();
  const listed = await Promise.all(
    names.map(async (name) => {
      const dir = join(folder, name);
      const isWhole = (await missingIrFiles(dir)).length === 0;
      return { name, dir: isWhole ? dir : null, isFetchable: KNOWN_MODELS.has(name) };
    }),
  );
  return listed.filter(({ dir, isFetchable }) => dir !== null || isFetchable);
}
