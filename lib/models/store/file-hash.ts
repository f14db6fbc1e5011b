import { mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";

import { cacheDir } from "../../cache/cache.js";
import { hashFile } from "../../download/file-hash.js";
import { OpenVinoLlmError } from "../../errors/errors.js";
import { MANIFEST_FILE, type ModelFile } from "../files/manifest.js";

/**
 * The SHA-256 of a file in lower-case hex, remembered as `hashFile` does.
 *
 * @throws OpenVinoLlmError `ERR_MODEL_LOAD` when the file changes while it is read.
 */
export async function hashModelFile(path: string, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  // In a cache that cannot be made, nothing is remembered.
  await mkdir(cacheDir(env), { recursive: true }).catch(() => undefined);
  const sha256 = await hashFile(path, { env });
  if (sha256 !== null) return sha256;
  throw new OpenVinoLlmError(
    "ERR_MODEL_LOAD",
    `${path} changed while it was read. Try again when its download is over.`,
  );
}

/** Name, size and SHA-256 of the files of a folder, by name. Links are followed: the hub's cache is made of them. */
export async function hashFiles(dir: string): Promise<ModelFile[]> {
  const names = (await readdir(dir)).filter((name) => name !== MANIFEST_FILE).sort();
  const files: ModelFile[] = [];
  for (const name of names) {
    const stats = await stat(join(dir, name));
    if (stats.isFile())
      files.push({ name, sizeBytes: stats.size, sha256: await hashModelFile(join(dir, name)) });
  }
  return files;
}
