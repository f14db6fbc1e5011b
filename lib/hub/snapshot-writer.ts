/** Files of a commit by their names: links to `blobs/`, or the files themselves where there are no links. */
import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, lstat, mkdir, readlink, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";

import { codeOf } from "../errors/errors.js";
import { blobPath, refPath, snapshotDir, treePath } from "./layout.js";
import { COMMIT } from "./model-name.js";
import { blobKey, treeText, type HubFile } from "./tree.js";

/** How files end that are being written; what a killed process leaves of them is nobody's. */
export const TEMPORARY = ".openvino-llm.tmp";

/** What a file system says that has no links, or gives none to this user. */
const NO_LINKS: ReadonlySet<string | undefined> = new Set([
  "EPERM",
  "ENOSYS",
  "EOPNOTSUPP",
  "ENOTSUP",
  "EINVAL",
]);

/**
 * Puts a file that is in `blobs/` into the snapshot.
 *
 * @returns false where it is a copy there, so that it need not be in both places
 */
export async function place(
  repository: string,
  commit: string,
  file: HubFile,
  mayLink: boolean,
): Promise<boolean> {
  const path = join(snapshotDir(repository, commit), ...file.path.split("/"));
  const blob = blobPath(repository, blobKey(file));
  const target = relative(dirname(path), blob);
  if ((await linkAt(path)) === target) return true;
  await mkdir(dirname(path), { recursive: true });
  const temporary = temporaryName(path);
  const isLinked = mayLink && (await hasLinked(symlink(target, temporary)));
  // What stood there before goes at the same moment.
  if (!isLinked) await copyFile(blob, temporary, constants.COPYFILE_FICLONE);
  await rename(temporary, path).catch(async (error: unknown) => {
    await rm(temporary, { force: true });
    throw error;
  });
  return isLinked;
}

/** Writes what files a commit has. */
export async function writeTree(
  repository: string,
  commit: string,
  files: readonly HubFile[],
): Promise<void> {
  await writeWhole(treePath(repository, commit), treeText(files));
}

/** Writes which commit a branch or tag is. From then on the model is found by its name. */
export async function writeRef(repository: string, revision: string, commit: string): Promise<void> {
  if (!COMMIT.test(revision)) await writeWhole(refPath(repository, revision), commit);
}

/** The target of a link; null where there is none. */
async function linkAt(path: string): Promise<string | null> {
  const stats = await lstat(path).catch(() => null);
  return stats?.isSymbolicLink() === true ? readlink(path) : null;
}

/** False where there are no links. */
async function hasLinked(linking: Promise<void>): Promise<boolean> {
  try {
    await linking;
    return true;
  } catch (error) {
    if (NO_LINKS.has(codeOf(error))) return false;
    throw error;
  }
}

async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = temporaryName(path);
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(temporary, text);
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}

function temporaryName(path: string): string {
  return `${path}.${randomUUID().slice(0, 8)}${TEMPORARY}`;
}
