/** Entries of the cache that stay while somebody uses them: every user holds one, the last one takes it away. */
import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { codeOf } from "../errors/errors.js";
import { makeEntry, removeEntry, type MakeEntryOptions } from "./cache.js";
import { cacheTask, writing } from "../errors/system-errors.js";
import { beats, startBeating } from "./heartbeat.js";
import { lockEntry, type LockOptions } from "./process-lock.js";
import { newName, stateOf } from "./process-name.js";

/**
 * What a user wants to become of an entry that nobody uses any more. Whoever wants it kept prevails over the others, and
 * over those that come later; "leave" has no opinion.
 */
export type Afterwards = "keep" | "remove" | "leave";

/** An entry that stays until this user has released it. */
export interface HeldEntry {
  /**
   * Ends the use. The last user takes the entry away when one that used it at the same time wanted that.
   * @returns whether it is kept
   */
  release(afterwards: Afterwards): Promise<boolean>;
}

/** In the entry itself, so that they go with it: a file for each user that names its process, and what they want. */
const USERS = "users";
const AFTERWARDS = "afterwards";

/** Makes an entry where it is not there, as `makeEntry` does, and holds it. */
export async function makeHeldEntry(
  dest: string,
  make: (tmp: string) => Promise<void>,
  options: MakeEntryOptions = {},
): Promise<HeldEntry> {
  for (;;) {
    await makeEntry(dest, make, options);
    const held = await writing(cacheTask(dirname(dest)), () => holdEntry(dest, options));
    // Between the two, its last user may have taken it away.
    if (held !== null) return held;
  }
}

/**
 * Holds an entry that is there already; null when it is not. A process that has ended holds nothing.
 *
 * @param dest absolute path of the entry
 * @throws whatever the file system throws where the cache cannot be written to
 */
export async function holdEntry(
  dest: string,
  { signal }: Pick<LockOptions, "signal"> = {},
): Promise<HeldEntry | null> {
  const user = join(dest, USERS, randomUUID());
  let endUse: () => Promise<void>;
  try {
    await stat(dest);
    const lock = await lockEntry(dest, { signal });
    try {
      await mkdir(join(dest, USERS)).catch(ignore("EEXIST"));
      endUse = await startUse(user);
    } finally {
      await lock.release();
    }
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  }
  return {
    release: async (afterwards) => {
      let isKept = false;
      await endUse();
      await removeEntry(dest, async () => {
        await rm(user, { force: true });
        const settled = await settleAfterwards(dest, afterwards);
        isKept = settled === "keep";
        return settled === "remove" && !(await isUsed(dest));
      });
      return isKept;
    },
  };
}

/** What is wanted now that one more user has said what it wants; null where nobody has an opinion. */
async function settleAfterwards(dest: string, afterwards: Afterwards): Promise<string | null> {
  const file = join(dest, AFTERWARDS);
  const before = await readText(file);
  if (afterwards === "leave" || before === "keep" || before === afterwards) return before;
  await writeFile(file, afterwards).catch(ignore("ENOENT"));
  return afterwards;
}

/** Writes the file of a user. @returns ends its heartbeat */
async function startUse(user: string): Promise<() => Promise<void>> {
  const handle = await open(user, "wx");
  try {
    await handle.writeFile(`${await newName()}\n`);
  } catch (error) {
    await handle.close();
    throw error;
  }
  return startBeating(handle);
}

/** Whether a living process holds the entry. Those that cannot be seen from here are given time for a sign of life. */
async function isUsed(dest: string): Promise<boolean> {
  const folder = join(dest, USERS);
  const unseen: string[] = [];
  for (const name of (await readdir(folder).catch(ignore("ENOENT"))) ?? []) {
    const file = join(folder, name);
    const state = await stateOf((await readText(file)) ?? "");
    if (state === "lives") return true;
    if (state === "unseen") unseen.push(file);
  }
  return (await Promise.all(unseen.map(beats))).includes(true);
}

async function readText(file: string): Promise<string | null> {
  return (await readFile(file, "utf8").catch(ignore("ENOENT"))) ?? null;
}

/** Lets one error of the file system pass. */
function ignore(code: string): (error: unknown) => undefined {
  return (error) => {
    if (codeOf(error) !== code) throw error;
  };
}
