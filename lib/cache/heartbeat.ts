/**
 * Files that their owner touches while it lives, so that others know of it where they cannot see the process: from another
 * PID namespace, from another host.
 */
import { open, type FileHandle } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

import { codeOf } from "../errors/errors.js";

/** How often an owner touches its file. */
const BEAT_MS = 1000;
/** How often one that waits polls. */
export const POLL_INTERVAL_MS = 100;
/**
 * So many polls without a change mean that the owner has gone. Polls are counted and not time, so that one that was
 * stopped itself, as a whole machine is, judges nobody by the time that it slept; and no clock is compared with another
 * one.
 */
const POLLS_UNTIL_GONE = 150;

/**
 * Touches a file every second from now on, without keeping the process alive. The handle stays that of this file, whoever
 * puts another one into its place.
 *
 * @returns ends that and closes the handle
 */
export function startBeating(handle: FileHandle): () => Promise<void> {
  let beat: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    const now = new Date();
    beat = handle.utimes(now, now).catch(() => undefined);
  }, BEAT_MS).unref();
  return async () => {
    clearInterval(timer);
    await beat;
    await handle.close();
  };
}

/** Polls a file. */
export class Watch {
  readonly #file: string;
  #seen = "";
  #polls = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** Whether the last polls saw no sign of life. */
  get isStill(): boolean {
    return this.#polls > POLLS_UNTIL_GONE;
  }

  /** Whether the last poll saw another file, content or time than the one before. */
  get hasChanged(): boolean {
    return this.#polls === 1;
  }

  /** Polls once. @returns what the file holds; null when there is none */
  async poll(): Promise<string | null> {
    // A network file system asks its server anew when a file is opened, and may answer stat() from memory.
    const handle = await open(this.#file).catch(nullIfMissing);
    if (handle === null) return null;
    try {
      const { ino, mtimeNs } = await handle.stat({ bigint: true });
      const content = await handle.readFile("utf8");
      const seen = `${ino} ${mtimeNs} ${content}`;
      this.#polls = seen === this.#seen ? this.#polls + 1 : 1;
      this.#seen = seen;
      return content;
    } finally {
      await handle.close();
    }
  }
}

/** Whether the owner of a file gives a sign of life: at once where it does, after 15 s where it does not. */
export async function beats(file: string): Promise<boolean> {
  const watch = new Watch(file);
  await watch.poll();
  for (;;) {
    await delay(POLL_INTERVAL_MS);
    if ((await watch.poll()) === null || watch.isStill) return false;
    if (watch.hasChanged) return true;
  }
}

function nullIfMissing(error: unknown): null {
  if (codeOf(error) === "ENOENT") return null;
  throw error;
}
