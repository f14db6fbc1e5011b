/** The hashes by which the hub knows files. */
import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";

import { hashFile, type HashOptions } from "../download/file-hash.js";
import { blobKey, type HubFile } from "./tree.js";

/** A hash of a file's bytes from the first one on: SHA-256, or Git's SHA-1 of a blob, which begins with its length. */
export function startHash({ sha256, sizeBytes }: HubFile): Hash {
  return sha256 === null ? createHash("sha1").update(`blob ${sizeBytes}\0`) : createHash("sha256");
}

/** Whether the file at a path is the hub's. What SHA-256 was found is remembered as long as nothing about the file changes. */
export async function isFile(path: string, file: HubFile, options: HashOptions = {}): Promise<boolean> {
  const stats = await stat(path).catch(() => null);
  if (stats === null || !stats.isFile() || stats.size !== file.sizeBytes) return false;
  if (file.sha256 !== null) return (await hashFile(path, options)) === file.sha256;
  const hash = startHash(file);
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex") === blobKey(file);
}
