import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeEntry } from "../../../lib/cache/cache.js";
import { holdEntry, makeHeldEntry } from "../../../lib/cache/held-entry.js";
import { newName } from "../../../lib/cache/process-name.js";
import { AbortError } from "../../../lib/errors/errors.js";
import { temporaryFolder } from "../../helpers/chain.js";
import { ControlledProcess } from "../../helpers/controlled-process.js";

const PROGRAM = fileURLToPath(new URL("entry-user.mjs", import.meta.url));

let folder: string;
let dest: string;
let users: ControlledProcess[];
beforeEach(() => {
  folder = temporaryFolder();
  dest = join(folder, "entry");
  users = [];
});
afterEach(async () => {
  for (const user of users) await user.kill();
});

function user(): ControlledProcess {
  const process = new ControlledProcess(PROGRAM, [dest]);
  users.push(process);
  return process;
}

/** A process that has made the entry, and one that uses the same. */
async function twoUsers(): Promise<[ControlledProcess, ControlledProcess]> {
  const [first, second] = [user(), user()];
  expect(await first.ask("hold")).toBe("makes");
  expect(await first.ask("made")).toBe("holds");
  expect(await second.ask("hold")).toBe("holds");
  return [first, second];
}

const left = () => readdir(folder);
const content = () => readFile(join(dest, "file"), "utf8");

describe("two processes that use one entry", () => {
  test("the first to end leaves it to the other, the last one takes it away", async () => {
    const [first, second] = await twoUsers();
    expect(await first.ask("release remove")).toBe("not kept");
    expect(await content()).toBe("whole");
    expect(await second.ask("release remove")).toBe("not kept");
    expect(await left()).toEqual([]);
  });

  test("one that was killed is not counted", async () => {
    const [first, second] = await twoUsers();
    await first.kill();
    expect(await content()).toBe("whole");
    await second.ask("release remove");
    expect(await left()).toEqual([]);
  });

  test("what the last one left when it was killed is used by the next one, and goes with that", async () => {
    const [first, second] = await twoUsers();
    await first.ask("release remove");
    await second.kill();
    const third = user();
    expect(await third.ask("hold")).toBe("holds");
    await third.ask("release remove");
    expect(await left()).toEqual([]);
  });

  test.each([
    ["first", ["release keep", "release remove"]],
    ["last", ["release remove", "release keep"]],
  ])("is kept where the %s one wants it, and by those that come later too", async (_, [one, other]) => {
    const [first, second] = await twoUsers();
    await first.ask(one ?? "");
    expect(await second.ask(other ?? "")).toBe("kept");
    const third = user();
    expect(await third.ask("hold")).toBe("holds");
    expect(await third.ask("release remove")).toBe("kept");
    expect(await content()).toBe("whole");
  });

  test("one without an opinion takes it away only where another wanted that meanwhile", async () => {
    const [first, second] = await twoUsers();
    await second.ask("release leave");
    expect(await content()).toBe("whole");
    await second.ask("hold");
    await first.ask("release remove");
    expect(await content()).toBe("whole");
    await second.ask("release leave");
    expect(await left()).toEqual([]);
  });

  test("one makes it, the other waits and uses the same", async () => {
    const [first, second] = [user(), user()];
    expect(await first.ask("hold")).toBe("makes");
    expect(await second.ask("hold")).toBe("waits");
    expect(await first.ask("made")).toBe("holds");
    expect(await second.next()).toBe("holds");
    await first.ask("release remove");
    expect(await content()).toBe("whole");
  });

  test("one that is killed while it makes it leaves the making to the one that waits", async () => {
    const [first, second] = [user(), user()];
    expect(await first.ask("hold")).toBe("makes");
    expect(await second.ask("hold")).toBe("waits");
    await first.kill();
    expect(await second.next()).toBe("makes");
    expect(await second.ask("made")).toBe("holds");
    expect(await content()).toBe("whole");
    await second.ask("release remove");
    expect(await left()).toEqual([]);
  });

  test("an aborted one stops waiting and does not disturb the other", async () => {
    const first = user();
    expect(await first.ask("hold")).toBe("makes");
    const controller = new AbortController();
    const onWait = () => controller.abort(new Error("enough"));
    const waiting = makeHeldEntry(dest, () => Promise.reject(new Error("no")), {
      signal: controller.signal,
      onWait,
    });
    await expect(waiting).rejects.toThrow(AbortError);
    expect(await first.ask("made")).toBe("holds");
    expect(await left()).toEqual(["entry"]);
  });
});

test("an entry that is not there is not held", async () => {
  expect(await holdEntry(dest)).toBeNull();
  expect(await holdEntry(join(folder, "deep", "entry"))).toBeNull();
  expect(await left()).toEqual([]);
});

test("a user whose entry was deleted by hand leaves the new one to those that hold it", async () => {
  const make = (tmp: string) => writeFile(join(tmp, "file"), "whole");
  const first = await makeHeldEntry(dest, make);
  await rm(dest, { recursive: true });
  await first.release("remove");
  const second = await makeHeldEntry(dest, make);
  const third = await makeHeldEntry(dest, make);
  await rm(dest, { recursive: true });
  const fourth = await makeHeldEntry(dest, make);
  await second.release("remove");
  expect(await content()).toBe("whole");
  await fourth.release("remove");
  expect(await left()).toEqual([]);
  await third.release("remove");
});

test("a process whose id belongs to another one by now holds nothing", async () => {
  await makeEntry(dest, (tmp) => mkdir(join(tmp, "users")));
  const [pid, , ...rest] = (await newName()).split(" ");
  await writeFile(join(dest, "users", "gone"), [pid, "1", ...rest].join(" "));
  const held = await holdEntry(dest);
  await held?.release("remove");
  expect(await left()).toEqual([]);
});
