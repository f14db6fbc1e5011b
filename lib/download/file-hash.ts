import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { cacheDir } from "../cache/cache.js";
import { codeOf } from "../errors/errors.js";
import { sha256OfFile } from "./sha256.js";

/** What shows whether a file is still the one that was read. All as text: nanoseconds are too large for a double. */
interface FileState {
  readonly device: string;
  readonly inode: string;
  readonly sizeBytes: string;
  readonly mtimeNs: string;
  /** Last change of the inode, which no call can set: it shows a change that put the time of modification back. */
  readonly ctimeNs: string;
}

/** Options of {@link hashFile}. */
export interface HashOptions {
  /** Reads the file even where its hash is remembered: a disk may lose what nobody changed. Default false. */
  readonly rehash?: boolean | undefined;
  readonly env?: NodeJS.ProcessEnv;
}

/** A file that was changed so lately may change again within the same tick of the file system's clock. */
const UNSETTLED_MS = 2000;

/**
 * The SHA-256 of a file in lower-case hex; null when it changes while it is read. It is remembered as long as nothing about
 * the file changes, because hashing gigabytes takes seconds: in the cache, where there is one.
 */
export async function hashFile(
  path: string,
  { rehash = false, env = process.env }: HashOptions = {},
): Promise<string | null> {
  const state = await stateOf(path);
  const memo = join(cacheDir(env), "hashes", `${state.device}-${state.inode}.json`);
  const known = rehash ? null : await remembered(memo, state);
  if (known !== null) return known;
  const sha256 = await sha256OfFile(path);
  if (!isSame(await stateOf(path), state)) return null;
  if (Date.now() - Number(BigInt(state.ctimeNs) / 1_000_000n) > UNSETTLED_MS) {
    await remember(memo, { ...state, sha256 });
  }
  return sha256;
}

async function stateOf(path: string): Promise<FileState> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  return {
    device: String(dev),
    inode: String(ino),
    sizeBytes: String(size),
    mtimeNs: String(mtimeNs),
    ctimeNs: String(ctimeNs),
  };
}

function isSame(a: Partial<Record<keyof FileState, unknown>>, b: FileState): boolean {
  return (Object.keys(b) as (keyof FileState)[]).every((key) => a[key] === b[key]);
}

async function remembered(memo: string, state: FileState): Promise<string | null> {
  try {
    const entry = JSON.parse(await readFile(memo, "utf8")) as Partial<Record<string, unknown>>;
    const { sha256 } = entry;
    return typeof sha256 === "string" && /^[0-9a-f]{64}$/.test(sha256) && isSame(entry, state)
      ? sha256
      : null;
  } catch {
    // A memo that cannot be read is as good as none.
    return null;
  }
}

async function remember(memo: string, entry: FileState & { readonly sha256: string }): Promise<void> {
  const temporary = `${memo}.${randomUUID()}`;
  try {
    await mkdir(dirname(memo)).catch(ignoreExisting);
    await writeFile(temporary, JSON.stringify(entry));
    await rename(temporary, memo);
  } catch {
    // Where the cache is read-only, or not there, the hash is taken anew each time, which is slow and right.
  }
}

function ignoreExisting(error: unknown): void {
  if (codeOf(error) !== "EEXIST") throw error;
}
