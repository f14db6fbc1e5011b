/** What the cache holds, and what of it nobody misses. */
import type { Stats } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

import { cacheDir, clearLeftovers, removeEntry } from "./cache.js";
import { codeOf } from "../errors/errors.js";

/** An entry of the cache. */
export interface CacheEntry {
  /** The folder of the cache that it is in: "models", "downloads" and so on. */
  readonly folder: string;
  /** Its own name there; empty for remembered hashes, which are one entry. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** Of its files. */
  readonly sizeBytes: number;
  /** When a file of it was last read or written, as far as the file system keeps that: ISO 8601, UTC. Null without files. */
  readonly lastUsed: string | null;
  /** Left by a process that was killed, or being made just now. */
  readonly isUnfinished: boolean;
}

/** What {@link cleanCache} did. */
export interface CleanedCache {
  /** Entries that are gone. */
  readonly removed: readonly CacheEntry[];
  /** Entries that a living process is making or using. */
  readonly inUse: readonly CacheEntry[];
  /** Bytes of what was removed. */
  readonly freedBytes: number;
}

/** Wheels: what was fetched from them stands elsewhere. */
const DOWNLOADS = "downloads";
/** What `hashFile` remembers: a small file for each file. */
const HASHES = "hashes";
/** An entry, and what `makeEntry` puts beside it. */
const UNFINISHED = /^(.+?)(?:\.lock)?\.\d+-[0-9a-f]{8}\.tmp$/;
const LOCK = /^(.+)\.lock$/;

/** All entries, the largest first. Locks are none. */
export async function listCache(env: NodeJS.ProcessEnv = process.env): Promise<CacheEntry[]> {
  const entries: CacheEntry[] = [];
  for (const [folder, name] of await namesIn(cacheDir(env))) {
    if (LOCK.test(name) || folder === HASHES) continue;
    const path = join(cacheDir(env), folder, name);
    entries.push({ folder, name, path, ...(await measure(path)), isUnfinished: UNFINISHED.test(name) });
  }
  const hashes = join(cacheDir(env), HASHES);
  const sizes = await measure(hashes);
  if (sizes.lastUsed !== null) {
    entries.push({ folder: HASHES, name: "", path: hashes, ...sizes, isUnfinished: false });
  }
  return entries.sort((a, b) => b.sizeBytes - a.sizeBytes);
}

/**
 * Removes the downloads, and what processes have left that were killed. Models, the runtime and all else that was made stay.
 *
 * @throws whatever the file system throws where the cache cannot be written to
 */
export async function cleanCache(env: NodeJS.ProcessEnv = process.env): Promise<CleanedCache> {
  const before = await listCache(env);
  for (const dest of await madePlaces(env)) await clearLeftovers(dest);
  for (const { folder, path, isUnfinished } of before) {
    if (folder === DOWNLOADS && !isUnfinished) await removeEntry(path);
  }
  const left = new Set((await listCache(env)).map(({ path }) => path));
  const removed = before.filter(({ path }) => !left.has(path));
  return {
    removed,
    inUse: before.filter(({ path, isUnfinished }) => isUnfinished && left.has(path)),
    freedBytes: removed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  };
}

/** Places of entries beside which there is a lock or something unfinished. */
async function madePlaces(env: NodeJS.ProcessEnv): Promise<Set<string>> {
  const places = new Set<string>();
  for (const [folder, name] of await namesIn(cacheDir(env))) {
    const entry = (UNFINISHED.exec(name) ?? LOCK.exec(name))?.[1];
    if (entry !== undefined) places.add(join(cacheDir(env), folder, entry));
  }
  return places;
}

/** Names in the folders of the cache: pairs of folder and name. */
async function namesIn(cache: string): Promise<Array<[string, string]>> {
  const names: Array<[string, string]> = [];
  for (const folder of await readdir(cache).catch(noneIfMissing)) {
    for (const name of await readdir(join(cache, folder)).catch(noneIfMissing)) names.push([folder, name]);
  }
  return names;
}

/** A file that has several names counts once; links are not followed. */
async function measure(path: string): Promise<Pick<CacheEntry, "sizeBytes" | "lastUsed">> {
  let [sizeBytes, lastMs] = [0, 0];
  const seen = new Set<number>();
  const add = async (file: string): Promise<void> => {
    const stats: Stats | null = await lstat(file).catch(() => null);
    if (stats?.isDirectory() === true) {
      for (const name of await readdir(file).catch(() => [])) await add(join(file, name));
    } else if (stats !== null && !seen.has(stats.ino)) {
      seen.add(stats.ino);
      sizeBytes += stats.size;
      lastMs = Math.max(lastMs, stats.atimeMs, stats.mtimeMs);
    }
  };
  await add(path);
  return { sizeBytes, lastUsed: lastMs === 0 ? null : new Date(lastMs).toISOString() };
}

function noneIfMissing(error: unknown): string[] {
  const code = codeOf(error);
  if (code === "ENOENT" || code === "ENOTDIR") return [];
  throw error;
}
