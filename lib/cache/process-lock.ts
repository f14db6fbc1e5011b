/** Locks that name their process, so that one whose process has ended is known as such and taken over. */
import { randomUUID } from "node:crypto";
import { link, open, readFile, rename, rm, stat } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

import { AbortError } from "../errors.js";

/** How often a process that waits for another one's lock looks again. */
const POLL_MS = 100;

/** How one waits for a lock. */
export interface LockOptions {
  /** Ends the waiting; whoever has the lock is not disturbed. */
  readonly signal?: AbortSignal | undefined;
  /** Told once, when a living process has the lock. */
  readonly onWait?: () => void;
}

/** A process by its id and start time, because ids are used again. */
export async function ownName(): Promise<string> {
  return `${process.pid} ${await startOf(process.pid)}`;
}

/** Whether the process of that name lives. */
export async function lives(name: string): Promise<boolean> {
  const [pid, start] = name.trim().split(" ");
  return start !== undefined && (await startOf(Number(pid))) === start;
}

/**
 * When the process started (clock ticks since boot, field 22 of proc_pid_stat(5)), or null when there is none. One that
 * has ended stays listed as a zombie until its parent asks for its exit code, which some never do.
 */
export async function startOf(pid: number): Promise<string | null> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  // The second field, the command in parentheses, may hold spaces and parentheses itself.
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ") ?? [];
  return fields[0] === "Z" ? null : (fields[19] ?? null);
}

/**
 * Takes the lock of an entry of the cache, waiting while a living process has it; the answer releases it.
 *
 * @throws AbortError when the signal is aborted before
 */
export async function lockEntry(
  dest: string,
  { signal, onWait }: LockOptions = {},
): Promise<() => Promise<void>> {
  const file = `${dest}.lock`;
  const mine = `${await ownName()} ${randomUUID()}\n`;
  let isWaiting = false;
  for (;;) {
    if (signal?.aborted === true) {
      throw new AbortError(`Waiting for ${file} was aborted.`, signal.reason, undefined);
    }
    if (await create(file, mine)) {
      return async () => {
        // Not when another process has taken it over in the meantime.
        if ((await read(file)) === mine) await rm(file, { force: true });
      };
    }
    const holder = await read(file);
    if (holder !== null && (await isStale(file, holder))) {
      await takeAway(file, holder);
      continue;
    }
    if (!isWaiting) onWait?.();
    isWaiting = true;
    await delay(POLL_MS);
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

/** An empty lock is one that is being written: its owner has created it this instant, or died at that instant. */
async function isStale(file: string, holder: string): Promise<boolean> {
  if (holder.includes(" ")) return !(await lives(holder));
  const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: Date.now() }));
  return Date.now() - mtimeMs > 10_000;
}

/**
 * Removes a stale lock by renaming it first: of two processes that judged the same lock, one gets it. When the file was
 * a new owner's by then, it is put back. Should that come too late, the entry is made twice, and the rename in
 * `makeEntry` still leaves one whole entry.
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
