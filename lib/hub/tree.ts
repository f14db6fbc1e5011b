/** The list of a commit's files, as the cache keeps it: what is there is held against it. */
import { readFile } from "node:fs/promises";

import { treePath } from "./layout.js";

/** A file of a commit. */
export interface HubFile {
  /** Below the repository's root, with slashes. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Git's SHA-1 of the blob, in lower-case hex. Of a large file it is that of the pointer that stands for it. */
  readonly gitSha1: string;
  /** SHA-256 of a large file, in lower-case hex; null for a small one. */
  readonly sha256: string | null;
}

const FORMAT_VERSION = 1;

/** What a file is called in `blobs/`. */
export function blobKey({ sha256, gitSha1 }: Pick<HubFile, "sha256" | "gitSha1">): string {
  return sha256 ?? gitSha1;
}

/** The kept list of a commit; null where there is none that can be read. */
export async function readTree(repository: string, commit: string): Promise<HubFile[] | null> {
  try {
    const text = await readFile(treePath(repository, commit), "utf8");
    const { format_version: version, files } = JSON.parse(text) as Partial<Record<string, unknown>>;
    if (version !== FORMAT_VERSION || typeof files !== "object" || files === null) return null;
    return Object.entries(files).map(([path, entry]) => fileOf(path, entry as Record<string, unknown>));
  } catch {
    // Whatever is wrong with it, the hub has it anew.
    return null;
  }
}

/** The text of the file that keeps a list: the form that huggingface_hub 2 writes and reads. */
export function treeText(files: readonly HubFile[]): string {
  const entries = files
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, sizeBytes, gitSha1, sha256 }) => [
      path,
      {
        size: sizeBytes,
        blob_id: gitSha1,
        ...(sha256 === null ? {} : { lfs_sha256: sha256, lfs_size: sizeBytes }),
      },
    ]);
  return JSON.stringify(
    { format_version: FORMAT_VERSION, files: Object.fromEntries(entries) as object },
    null,
    1,
  );
}

function fileOf(path: string, entry: Record<string, unknown>): HubFile {
  const { size, blob_id: gitSha1, lfs_sha256: sha256 = null, lfs_size: lfsSize } = entry;
  const sizeBytes = sha256 === null ? size : (lfsSize ?? size);
  if (typeof sizeBytes !== "number" || typeof gitSha1 !== "string") throw new TypeError(path);
  return { path, sizeBytes, gitSha1, sha256: typeof sha256 === "string" ? sha256 : null };
}
