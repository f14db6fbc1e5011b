/** A model of the hub's cache is taken away with all its revisions, which share their files. */
import { randomUUID } from "node:crypto";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

import { lockEntry } from "../../cache/process-lock.js";
import { writing } from "../../errors/system-errors.js";
import { lockPath, repositoryDir } from "../../hub/layout.js";
import { hubCacheDir } from "../../hub/settings.js";

/**
 * Removes it, when no pull has it.
 *
 * @returns the folder that is gone; null where there is none
 */
export async function removeHubModel(id: string, env: NodeJS.ProcessEnv): Promise<string | null> {
  const cache = hubCacheDir(env);
  const dir = repositoryDir(cache, id);
  if ((await stat(dir).catch(() => null)) === null) return null;
  const task = { folder: cache, elsewhere: "with HF_HUB_CACHE", purpose: `remove ${id}` };
  await writing(task, async () => {
    const lockAt = lockPath(cache, id);
    await mkdir(dirname(lockAt), { recursive: true });
    const lock = await lockEntry(lockAt);
    try {
      // Renamed first, so that nobody finds half of it. What a killed process leaves goes with the next removal.
      const old = join(dirname(lockAt), `${randomUUID().slice(0, 8)}.removed`);
      await rename(dir, old);
      await rm(old, { recursive: true, force: true });
    } finally {
      await lock.release();
    }
    await rm(dirname(lockAt), { recursive: true, force: true });
  });
  return dir;
}
