/** The cache folder: where fetched and converted files live, and how an entry gets there whole or not at all. */

import { randomUUID } from "node:crypto";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";

import { lockEntry, lockUnlessUsed, type LockOptions } from "./process-lock.js";
import { codeOf } from "../errors/errors.js";
import { cacheTask, checkRoom, writing } from "../errors/system-errors.js";

/**
 * The cache folder, absolute; it need not exist yet.
 *
 * `OPENVINO_LLM_CACHE`, else `openvino-llm` under `XDG_CACHE_HOME`, else under `~/.cache`. A relative
 * `XDG_CACHE_HOME` is ignored, as the XDG base directory specification asks; a relative `OPENVINO_LLM_CACHE` counts
 * from the current folder. An empty variable counts as unset.
 */
export function cacheDir(env: NodeJS.ProcessEnv = process.env): string {
  const own = env["OPENVINO_LLM_CACHE"];
  if (own) return resolve(own);
  const xdg = env["XDG_CACHE_HOME"];
  return join(xdg?.startsWith("/") ? xdg : join(env["HOME"] || homedir(), ".cache"), "openvino-llm");
}

/** How {@link makeEntry} judges what it finds, and waits. */
export interface MakeEntryOptions extends LockOptions {
  /** Whether the entry that exists can stay. Default: any can. One that cannot is made anew in its place. */
  readonly isValid?: (dest: string) => Promise<boolean>;
  /** What the entry is made for, as errors say it behind "to". */
  readonly purpose?: string;
  /** Room on the disk without which it is not begun. Default: nothing is looked at. */
  readonly neededBytes?: number;
  /** How another folder is chosen, behind "choose another folder". Default: "by OPENVINO_LLM_CACHE". */
  readonly elsewhere?: string;
}

/**
 * Makes the folder `dest` once, whole or not at all: `make` fills a temporary folder beside it, which is then renamed.
 *
 * A lock file lets only one process make the entry; others wait and then find it, also from other containers and hosts.
 * The lock of a process that has ended is taken over. When `make` fails nothing is left behind and its error is thrown.
 *
 * @param dest absolute path of the entry; the folders above it are created
 * @param make fills the empty folder `tmp`
 * @returns true when this call made the entry, false when it was there already; then nothing was written
 * @throws OpenVinoLlmError ERR_DISK_FULL, ERR_NOT_WRITABLE, ERR_FILE_SYSTEM
 * @throws AbortError when the signal is aborted while another process makes the entry
 */
export async function makeEntry(
  dest: string,
  make: (tmp: string) => Promise<void>,
  options: MakeEntryOptions = {},
): Promise<boolean> {
  const isThere = async () =>
    (await exists(dest)) && (options.isValid === undefined || (await options.isValid(dest)));
  if (await isThere()) return false;
  const { purpose, neededBytes, elsewhere } = options;
  const task = cacheTask(dirname(dest), { purpose, neededBytes, ...(elsewhere && { elsewhere }) });
  return writing(task, async () => {
    await mkdir(dirname(dest), { recursive: true });
    for (;;) {
      const lock = await lockEntry(dest, options);
      try {
        if (await isThere()) return false;
        if (neededBytes !== undefined) checkRoom({ ...task, neededBytes });
        await removeLeftovers(dest);
        const tmp = temporaryName(dest);
        try {
          await mkdir(tmp);
          await make(tmp);
          return await put(tmp, dest, options.isValid);
        } catch (error) {
          await rm(tmp, { recursive: true, force: true });
          // One that took the lock over took the folder away, too, and makes the entry now.
          if (await lock.isHeld()) throw error;
        }
      } finally {
        await lock.release();
      }
    }
  });
}

/**
 * Takes an entry away: it is renamed under its lock and then deleted, so that nobody finds half of it. What a killed
 * process leaves of it goes with the next one.
 *
 * @param dest absolute path of the entry
 * @param mayGo asked under the lock whether it may go; default: it may
 * @returns false when there is none, or it may not go
 */
export async function removeEntry(
  dest: string,
  mayGo: () => Promise<boolean> = async () => true,
): Promise<boolean> {
  if (!(await exists(dest))) return false;
  return writing(cacheTask(dirname(dest), { purpose: "remove an entry" }), async () => {
    const lock = await lockEntry(dest);
    try {
      if (!(await mayGo())) return false;
      await removeLeftovers(dest);
      const old = temporaryName(dest);
      try {
        await rename(dest, old);
      } catch (error) {
        if (codeOf(error) === "ENOENT") return false;
        throw error;
      }
      await rm(old, { recursive: true, force: true });
      return true;
    } finally {
      await lock.release();
    }
  });
}

/** Takes away what killed processes have left beside an entry, unless a living one is making it. */
export async function clearLeftovers(dest: string): Promise<void> {
  await writing(cacheTask(dirname(dest), { purpose: "remove what was left unfinished" }), async () => {
    const lock = await lockUnlessUsed(dest);
    try {
      if (lock !== null) await removeLeftovers(dest);
    } finally {
      await lock?.release();
    }
  });
}

/** Renames `tmp` to `dest`; an entry that may not stay is moved aside first. False when another one stands there. */
async function put(
  tmp: string,
  dest: string,
  isValid?: (dest: string) => Promise<boolean>,
): Promise<boolean> {
  if (isValid !== undefined && (await exists(dest)) && !(await isValid(dest))) {
    const old = temporaryName(dest);
    await rename(dest, old);
    await rename(tmp, dest);
    await rm(old, { recursive: true, force: true });
    return true;
  }
  try {
    await rename(tmp, dest);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
    await rm(tmp, { recursive: true, force: true });
    return false;
  }
}

/** Beside `dest`, so that a rename stays within one file system. */
function temporaryName(dest: string): string {
  return `${dest}.${process.pid}-${randomUUID().slice(0, 8)}.tmp`;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** What processes left that were killed while they made this entry: nobody makes such folders without its lock. */
async function removeLeftovers(dest: string): Promise<void> {
  const prefix = `${basename(dest)}.`;
  for (const name of await readdir(dirname(dest))) {
    if (name.startsWith(prefix) && /^(?:lock\.)?\d+-[0-9a-f]{8}\.tmp$/.test(name.slice(prefix.length))) {
      await rm(join(dirname(dest), name), { recursive: true, force: true });
    }
  }
}
