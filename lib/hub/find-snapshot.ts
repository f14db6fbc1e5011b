/** Models in the hub's cache, found without asking anybody. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

import { cachedCommit, cachedIds, repositoryDir, snapshotDir } from "./layout.js";
import { MAIN, type HubModelName } from "./model-name.js";
import { hubCacheDir } from "./settings.js";
import { readTree, type HubFile } from "./tree.js";

/** A commit of a model in the cache. All of its files may be there, or some. */
export interface Snapshot {
  /** The folder with its files, absolute. */
  readonly dir: string;
  readonly commit: string;
  /** The commit's files; null where nothing in the cache lists them. */
  readonly tree: readonly HubFile[] | null;
}

/** What the cache has of a model: a snapshot; "begun" where none of the revision that is asked for; null for nothing. */
export async function findSnapshot(
  name: HubModelName,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Snapshot | "begun" | null> {
  const repository = repositoryDir(hubCacheDir(env), name.id);
  const commit = await cachedCommit(repository, name);
  const dir = commit === null ? null : snapshotDir(repository, commit);
  if (commit !== null && dir !== null && (await isFolder(dir))) {
    return { dir, commit, tree: await readTree(repository, commit) };
  }
  return (await isFolder(repository)) ? "begun" : null;
}

/** The main branches that are in the cache, by the ids of their models. */
export async function cachedSnapshots(
  env: NodeJS.ProcessEnv = process.env,
): Promise<ReadonlyMap<string, Snapshot>> {
  const found = new Map<string, Snapshot>();
  for (const id of await cachedIds(hubCacheDir(env))) {
    const snapshot = await findSnapshot({ id, revision: MAIN, quant: null }, env);
    if (snapshot !== null && snapshot !== "begun") found.set(id, snapshot);
  }
  return found;
}

/**
 * Those of `files` that a snapshot lacks, in their order: what has another size than the commit's file, and what is not
 * there. A file comes into the cache whole, so what is there of the right size is all of it.
 */
export async function missingOf(
  { dir, tree }: Pick<Snapshot, "dir" | "tree">,
  files: readonly string[],
): Promise<string[]> {
  const sizes = new Map(tree?.map(({ path, sizeBytes }) => [path, sizeBytes]));
  const missing: string[] = [];
  for (const file of files) {
    const stats = await stat(join(dir, file)).catch(() => null);
    const sizeBytes = sizes.get(file) ?? stats?.size;
    if (stats === null || !stats.isFile() || stats.size !== sizeBytes) missing.push(file);
  }
  return missing;
}

/** The names of the files directly in a snapshot. */
export function filesIn(dir: string): Promise<string[]> {
  return readdir(dir).catch(() => []);
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() === true;
}
