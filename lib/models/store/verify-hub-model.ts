/** Files of a model of the hub's cache, held against the hashes that the hub had of them. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";

import type { HashOptions } from "../../download/file-hash.js";
import { isFile } from "../../hub/blob-hash.js";
import type { Snapshot } from "../../hub/find-snapshot.js";

/** What came of it. */
export interface CheckedSnapshot {
  readonly problems: readonly string[];
  readonly fileCount: number;
  readonly sizeBytes: number;
}

/** Compares what is there; a file of the commit that was not pulled is no problem. */
export async function checkSnapshot({ dir, tree }: Snapshot, options: HashOptions): Promise<CheckedSnapshot> {
  const present = new Set(await readdir(dir, { recursive: true }));
  const files = (tree ?? []).filter(({ path }) => present.has(path));
  const problems: string[] = [];
  for (const file of files) {
    const isRight = await isFile(join(dir, ...file.path.split("/")), file, options);
    if (!isRight) problems.push(`${file.path} has another size or hash than the hub's`);
  }
  return {
    problems,
    fileCount: files.length,
    sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  };
}
