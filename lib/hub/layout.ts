/**
 * Where things lie in the hub's cache: the layout that Hugging Face's clients share. A file lies in `blobs/` under its hash;
 * `snapshots/<commit>/` has links to them by their names, `refs/<revision>` the commit of a branch or tag, and
 * `trees/<commit>.json` what files a commit has.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { codeOf } from "../errors/errors.js";
import { COMMIT, MAIN, type HubModelName } from "./model-name.js";

const FOLDER = /^models--(.+)$/;

/** The folder of a model. */
export function repositoryDir(cache: string, id: string): string {
  return join(cache, `models--${id.replaceAll("/", "--")}`);
}

/** The ids of the models that the cache has folders of, by name. */
export async function cachedIds(cache: string): Promise<string[]> {
  const names = await readdir(cache).catch(() => []);
  return names
    .flatMap((name) => FOLDER.exec(name)?.[1]?.replace("--", "/") ?? [])
    .sort((a, b) => (a < b ? -1 : 1));
}

/** Where a file lies by its hash. */
export function blobPath(repository: string, key: string): string {
  return join(repository, "blobs", key);
}

/** The folder that is loaded. */
export function snapshotDir(repository: string, commit: string): string {
  return join(repository, "snapshots", commit);
}

/** The file that holds the commit of a branch or tag. */
export function refPath(repository: string, revision: string): string {
  return join(repository, "refs", ...revision.split("/"));
}

/** The file that lists a commit's files. */
export function treePath(repository: string, commit: string): string {
  return join(repository, "trees", `${commit}.json`);
}

/** What the lock of a model is named by; it lies where Hugging Face's clients have theirs. */
export function lockPath(cache: string, id: string): string {
  return join(cache, ".locks", `models--${id.replaceAll("/", "--")}`, "openvino-llm");
}

/** The commit that a name stands for in the cache; null where it is not known. */
export async function cachedCommit(
  repository: string,
  { revision }: Pick<HubModelName, "revision">,
): Promise<string | null> {
  if (revision !== null && COMMIT.test(revision)) return revision;
  try {
    const commit = (await readFile(refPath(repository, revision ?? MAIN), "utf8")).trim();
    return COMMIT.test(commit) ? commit : null;
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR" || code === "ENAMETOOLONG") return null;
    throw error;
  }
}
