import { createHash, randomUUID } from "node:crypto";
import { mkdir, rename, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { cacheDir } from "../cache.js";
import { OpenVinoLlmError } from "../errors.js";
import { sha256OfFile } from "../download/wheels.js";
import { readJsonObject } from "./json-file.js";

/** What tells whether a file is still the one that was read. */
interface FileState {
  readonly path: string;
  readonly sizeBytes: number;
  /** Last modification in nanoseconds, too large for a double. */
  readonly mtimeNs: string;
}

/**
 * The SHA-256 of a file in lower-case hex. It is remembered in the cache by path, size and modification time, because
 * hashing gigabytes takes seconds.
 *
 * @throws OpenVinoLlmError `ERR_MODEL_LOAD` when the file changes while it is read.
 */
export async function hashModelFile(path: string, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const state = await stateOf(path);
  const memo = join(
    cacheDir(env),
    "gguf",
    "hashes",
    `${createHash("sha256").update(path).digest("hex")}.json`,
  );
  const known = await remembered(memo, state);
  if (known !== null) return known;
  const sha256 = await sha256OfFile(path);
  if (!isSame(await stateOf(path), state)) {
    throw new OpenVinoLlmError(
      "ERR_MODEL_LOAD",
      `${path} changed while it was read. Try again when its download is over.`,
    );
  }
  await remember(memo, { ...state, sha256 });
  return sha256;
}

async function stateOf(path: string): Promise<FileState> {
  const stats = await stat(path, { bigint: true });
  return { path, sizeBytes: Number(stats.size), mtimeNs: String(stats.mtimeNs) };
}

function isSame(a: FileState, b: FileState): boolean {
  return a.path === b.path && a.sizeBytes === b.sizeBytes && a.mtimeNs === b.mtimeNs;
}

async function remembered(memo: string, state: FileState): Promise<string | null> {
  // A memo that cannot be read is as good as none.
  const entry = await readJsonObject(memo).catch(() => null);
  const { path, sizeBytes, mtimeNs, sha256 } = entry ?? {};
  if (typeof sha256 !== "string" || !/^[0-9a-f]{64}$/.test(sha256)) return null;
  return path === state.path && sizeBytes === state.sizeBytes && mtimeNs === state.mtimeNs ? sha256 : null;
}

async function remember(memo: string, entry: FileState & { readonly sha256: string }): Promise<void> {
  const temporary = `${memo}.${randomUUID()}`;
  try {
    await mkdir(dirname(memo), { recursive: true });
    await writeFile(temporary, JSON.stringify(entry));
    await rename(temporary, memo);
  } catch {
    // In a read-only cache the hash is taken anew each time, which is slow and right.
  }
}
