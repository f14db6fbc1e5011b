import { mkdir, open, readdir, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { makeEntry } from "../../../lib/cache/cache.js";
import { beats, startBeating, Watch } from "../../../lib/cache/heartbeat.js";
import { holdEntry } from "../../../lib/cache/held-entry.js";
import { holderOf, newName, stateOf, type CacheHolder } from "../../../lib/cache/process-name.js";
import { temporaryFolder } from "../../helpers/chain.js";

// Those that poll do so without a pause between.
vi.mock("node:timers/promises", () => ({
  setTimeout: () => new Promise<void>((resolve) => setImmediate(resolve)),
}));

let folder: string;
let file: string;
beforeEach(async () => {
  folder = temporaryFolder();
  file = join(folder, "file");
});

/** The name of a process on another host, or in a container before the last start of this one. */
async function elsewhere(): Promise<string> {
  const [pid, start, id, , namespace] = (await newName()).split(" ");
  return [pid, start, id, "another-boot", namespace, "other-host"].join(" ");
}

describe("the name of a process", () => {
  test("says where its id holds, and who it is", async () => {
    const name = await newName();
    expect(await stateOf(name)).toBe("lives");
    expect(holderOf(name)).toEqual({ pid: process.pid, host: hostname() });
  });

  test("says nothing of life where its id does not hold", async () => {
    const [pid, start, id, boot, , host] = (await newName()).split(" ");
    const names = [
      await elsewhere(),
      [pid, start, id, boot, "pid:[1]", host].join(" "),
      [pid, start, id, "-", "-", host].join(" "),
      `${pid} ${start}`,
      "",
      "nonsense",
    ];
    for (const name of names) expect([name, await stateOf(name)]).toEqual([name, "unseen"]);
  });
});

describe("a watched file", () => {
  test("is still after 150 polls without a change, and not before", async () => {
    await writeFile(file, "name");
    const watch = new Watch(file);
    expect(await watch.poll()).toBe("name");
    for (let polls = 1; polls <= 150; polls++) {
      expect(watch.isStill).toBe(false);
      await watch.poll();
    }
    expect(watch.isStill).toBe(true);
    await utimes(file, 1, 1);
    await watch.poll();
    expect(watch.isStill).toBe(false);
  });

  test("is touched while its owner lives, whoever takes its name away", async () => {
    const handle = await open(file, "wx");
    await handle.writeFile("name");
    await utimes(file, 1, 1);
    const end = startBeating(handle);
    await vi.waitFor(async () => expect((await handle.stat()).mtimeMs).toBeGreaterThan(1000), 10_000);
    await end();
    await expect(handle.stat()).rejects.toMatchObject({ code: "EBADF" });
    expect(await beats(file)).toBe(false);
    expect(await beats(join(folder, "none"))).toBe(false);
  });
});

describe("a process that cannot be seen", () => {
  test("has its lock taken over when it gives no sign of life, and what it left is removed", async () => {
    const dest = join(folder, "entry");
    await mkdir(`${dest}.1-0123abcd.tmp`);
    await writeFile(`${dest}.lock`, await elsewhere());
    const waited: CacheHolder[] = [];
    const make = (tmp: string) => writeFile(join(tmp, "file"), "whole");
    expect(await makeEntry(dest, make, { onWait: (holder) => waited.push(holder) })).toBe(true);
    expect(waited).toEqual([{ pid: process.pid, host: "other-host" }]);
    expect(await readdir(folder)).toEqual(["entry"]);
  });

  test("keeps its lock while it gives signs of life", async () => {
    const dest = join(folder, "entry");
    await writeFile(`${dest}.lock`, await elsewhere());
    const controller = new AbortController();
    let polls = 0;
    // A new time at each poll, by way of the signal that is asked at each.
    const signal = new Proxy(controller.signal, {
      get(target, key) {
        if (key === "aborted") void utimes(`${dest}.lock`, ++polls, polls);
        if (polls > 1000) controller.abort();
        return Reflect.get(target, key, target) as unknown;
      },
    });
    const make = () => Promise.reject(new Error("made"));
    await expect(makeEntry(dest, make, { signal })).rejects.toMatchObject({ name: "AbortError" });
    expect(await readdir(folder)).toEqual(["entry.lock"]);
  });

  test("holds a shared entry no longer when it gives no sign of life", async () => {
    const dest = join(folder, "entry");
    await makeEntry(dest, (tmp) => mkdir(join(tmp, "users")));
    await writeFile(join(dest, "users", "unseen"), await elsewhere());
    await writeFile(join(dest, "users", "half-written"), "");
    const held = await holdEntry(dest);
    await held?.release("remove");
    expect(await readdir(folder)).toEqual([]);
  });
});
