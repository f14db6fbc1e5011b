/** The cache folder: where fetched and converted files live, and how an entry gets there whole or not at all. */

import { randomUUID } from "node:crypto";
import { link, mkdir, open, readFile, readdir, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** How often a process that waits for another one's lock looks again. */
const POLL_MS = 100;

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

/** How {@link makeEntry} judges what it finds. */
export interface MakeEntryOptions {
  /** Whether the entry that exists can stay. Default: any can. One that cannot is made anew in its place. */
  isValid?: (dest: string) => Promise<boolean>;
}

/**
 * Makes the folder `dest` once, whole or not at all: `make` fills a temporary folder beside it, which is then renamed.
 *
 * A lock file lets only one process make the entry; others wait and then find it. The lock of a process that has ended
 * is taken over. When `make` fails nothing is left behind and its error is thrown.
 *
 * @param dest absolute path of the entry; the folders above it are created
 * @param make fills the empty folder `tmp`
 * @returns true when this call made the entry, false when it was there already
 */
export async function makeEntry(
  dest: string,
  make: (tmp: string) => Promise<void>,
  options: MakeEntryOptions = {},
): Promise<boolean> {
  const isThere = async () =>
    (await exists(dest)) && (options.isValid === undefined || (await options.isValid(dest)));
  if (await isThere()) return false;
  await mkdir(dirname(dest), { recursive: true });
  const release = await lock(`${dest}.lock`);
  try {
    if (await isThere()) return false;
    await removeLeftovers(dest);
    const tmp = temporaryName(dest);
    try {
      await mkdir(tmp);
      await make(tmp);
      return await put(tmp, dest, options.isValid);
    } catch (error) {
      await rm(tmp, { recursive: true, force: true });
      throw error;
    }
  } finally {
    await release();
  }
}

/**
 * Takes an entry away: it is renamed under its lock and then deleted, so that nobody finds half of it. What a killed
 * process leaves of it goes with the next one.
 *
 * @param dest absolute path of the entry
 * @returns false when there is none
 */
export async function removeEntry(dest: string): Promise<boolean> {
  if (!(await exists(dest))) return false;
  const release = await lock(`${dest}.lock`);
  try {
    await removeLeftovers(dest);
    const old = temporaryName(dest);
    try {
      await rename(dest, old);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
      throw error;
    }
    await rm(old, { recursive: true, force: true });
    return true;
  } finally {
    await release();
  }
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

/** Beside `dest`, so that a rename stays within one file system; the process id tells whose it is. */
function temporaryName(dest: string): string {
  return `${dest}.${process.pid}-${randomUUID().slice(0, 8)}.tmp`;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Temporary folders of processes that were killed while they made this entry. */
async function removeLeftovers(dest: string): Promise<void> {
  const prefix = `${basename(dest)}.`;
  for (const name of await readdir(dirname(dest))) {
    const pid = name.startsWith(prefix)
      ? /^(\d+)-[0-9a-f]{8}\.tmp$/.exec(name.slice(prefix.length))?.[1]
      : undefined;
    if (pid !== undefined && (await startOf(Number(pid))) === null) {
      await rm(join(dirname(dest), name), { recursive: true, force: true });
    }
  }
}

/** Takes the lock, waiting while a living process has it; the answer releases it. */
async function lock(file: string): Promise<() => Promise<void>> {
  const mine = `${process.pid} ${await startOf(process.pid)} ${randomUUID()}\n`;
  for (;;) {
    if (await create(file, mine)) {
      return async () => {
        // Not when another process has taken it over in the meantime.
        if ((await read(file)) === mine) await rm(file, { force: true });
      };
    }
    const holder = await read(file);
    // An empty lock is one that is being written: its owner has created it this instant, or died at that instant.
    if (holder !== null && (await isStale(file, holder))) await takeAway(file, holder);
    else await delay(POLL_MS);
  }
}

async function create(file: string, content: string): Promise<boolean> {
  try {
    const handle = await open(file, "wx");
    try {
      await handle.writeFile(content);
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function read(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** A lock names its process by id and start time, because ids are used again. */
async function isStale(file: string, holder: string): Promise<boolean> {
  const [pid, start] = holder.split(" ");
  if (pid === undefined || start === undefined) {
    const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: Date.now() }));
    return Date.now() - mtimeMs > 10_000;
  }
  return (await startOf(Number(pid))) !== start;
}

/**
 * Removes a stale lock by renaming it first: of two processes that judged the same lock, one gets it. When the file was
 * a new owner's by then, it is put back. Should that come too late, the entry is made twice, and the rename in
 * {@link put} still leaves one whole entry.
 */
async function takeAway(file: string, holder: string): Promise<void> {
  const away = `${file}.${process.pid}-${randomUUID().slice(0, 8)}`;
  try {
    await rename(file, away);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  if ((await read(away)) !== holder) await link(away, file).catch(() => undefined);
  await rm(away, { force: true });
}

/** When the process started (clock ticks since boot, field 22 of proc_pid_stat(5)), or null when there is none. */
async function startOf(pid: number): Promise<string | null> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  // The second field, the command in parentheses, may hold spaces and parentheses itself.
  return text?.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? null;
}
