/**
 * Locks that name their process, so that one whose process has ended is known as such and taken over. Where the process
 * cannot be seen, in another container or on another host, its heartbeat decides.
 */
import { randomUUID } from "node:crypto";
import { link, open, readFile, rename, rm, type FileHandle } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

import { AbortError, codeOf } from "../errors/errors.js";
import { POLL_INTERVAL_MS, startBeating, Watch } from "./heartbeat.js";
import { holderOf, newName, stateOf, type CacheHolder } from "./process-name.js";

/** Polls, a second in all, after which `onWait` is called. */
const POLLS_UNTIL_REPORTED = 10;

/** How one waits for a lock. */
export interface LockOptions {
  /** Ends the waiting; whoever has the lock is not disturbed. */
  readonly signal?: AbortSignal | undefined;
  /** Called once, when another process has held the lock for a second. */
  readonly onWait?: ((holder: CacheHolder) => void) | undefined;
  /** Called at each poll that sees another process alive with the lock. */
  readonly onAlive?: (() => void) | undefined;
}

/** A lock that was taken. */
export interface EntryLock {
  /** False where another one has taken it over, because it saw no sign of life of this process. */
  isHeld(): Promise<boolean>;
  /** Gives it back. */
  release(): Promise<void>;
}

/**
 * Takes the lock of an entry of the cache, waiting while a living process has it.
 *
 * @throws AbortError when the signal is aborted before
 */
export async function lockEntry(
  dest: string,
  { signal, onWait, onAlive }: LockOptions = {},
): Promise<EntryLock> {
  const file = `${dest}.lock`;
  const mine = `${await newName()}\n`;
  const watch = new Watch(file);
  for (let polls = 1; ; polls++) {
    if (signal?.aborted === true) {
      throw new AbortError(`Waiting for ${file} was aborted.`, signal.reason, undefined);
    }
    const handle = await create(file, mine);
    if (handle !== null) return lockOf(file, mine, handle);
    const holder = await watch.poll();
    if (holder === null) continue;
    const state = await stateOf(holder);
    if (state === "gone" || (state === "unseen" && watch.isStill)) {
      await takeAway(file, holder);
      continue;
    }
    if (state === "lives" || (state === "unseen" && polls > 1 && watch.hasChanged)) onAlive?.();
    if (polls === POLLS_UNTIL_REPORTED) onWait?.(holderOf(holder));
    await delay(POLL_INTERVAL_MS);
  }
}

/** The same without waiting for a living process: null where one has the lock. */
export async function lockUnlessUsed(dest: string): Promise<EntryLock | null> {
  const controller = new AbortController();
  const onAlive = () => controller.abort();
  return lockEntry(dest, { signal: controller.signal, onAlive }).catch((error: unknown) => {
    if (controller.signal.aborted) return null;
    throw error;
  });
}

function lockOf(file: string, mine: string, handle: FileHandle): EntryLock {
  const endBeating = startBeating(handle);
  const isHeld = async () => (await read(file)) === mine;
  return {
    isHeld,
    release: async () => {
      await endBeating();
      if (await isHeld()) await rm(file, { force: true });
    },
  };
}

/** Null when there is one already. */
async function create(file: string, content: string): Promise<FileHandle | null> {
  let handle: FileHandle;
  try {
    handle = await open(file, "wx");
  } catch (error) {
    if (codeOf(error) === "EEXIST") return null;
    throw error;
  }
  try {
    await handle.writeFile(content);
    return handle;
  } catch (error) {
    await handle.close();
    await rm(file, { force: true });
    throw error;
  }
}

async function read(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  }
}

/**
 * Removes a stale lock by renaming it first: of two processes that judged the same lock, one gets it. When the file was
 * a new owner's by then, it is put back. Should that come too late, the entry is made twice, and the rename in
 * `makeEntry` still leaves one whole entry.
 */
async function takeAway(file: string, holder: string): Promise<void> {
  const away = `${file}.${process.pid}-${randomUUID().slice(0, 8)}.tmp`;
  try {
    await rename(file, away);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    throw error;
  }
  if ((await read(away)) !== holder) await link(away, file).catch(() => undefined);
  await rm(away, { force: true });
}
