import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { temporaryFolder } from "../../helpers/chain.js";
import { findPidNamespaces, given } from "../../helpers/needs.js";
import { ControlledProcess } from "../../helpers/controlled-process.js";

// A cache that two containers share: each has processes of its own, none of which the other one sees.

const PROGRAM = fileURLToPath(new URL("entry-user.mjs", import.meta.url));
const namespaces = findPidNamespaces();

let folder: string;
let users: ControlledProcess[];
beforeEach(() => {
  folder = temporaryFolder();
  users = [];
});
afterEach(async () => {
  for (const user of users) await user.kill();
});

/** A process in a PID namespace of its own. */
function user(): ControlledProcess {
  const process = new ControlledProcess(PROGRAM, [join(folder, "entry")], {}, namespaces.starter ?? []);
  users.push(process);
  return process;
}

describe("two processes that do not see each other", { ...given(namespaces.need), timeout: 60_000 }, () => {
  test("one makes the entry, the other one waits for it, and the last one takes it away", async () => {
    const [first, second] = [user(), user()];
    expect(await first.ask("hold")).toBe("makes");
    expect(await second.ask("hold")).toBe("waits");
    expect(await first.ask("made")).toBe("holds");
    expect(await second.next()).toBe("holds");
    expect(await first.ask("release remove")).toBe("not kept");
    expect(await readFile(join(folder, "entry", "file"), "utf8")).toBe("whole");
    expect(await second.ask("release remove")).toBe("not kept");
    expect(await readdir(folder)).toEqual([]);
  });

  test("one that is killed while it makes the entry leaves the making to the other one", async () => {
    const [first, second] = [user(), user()];
    expect(await first.ask("hold")).toBe("makes");
    expect(await second.ask("hold")).toBe("waits");
    await first.kill();
    expect(await second.next()).toBe("makes");
    expect(await second.ask("made")).toBe("holds");
    expect((await readdir(folder)).sort()).toEqual(["entry"]);
    await second.ask("release remove");
    expect(await readdir(folder)).toEqual([]);
  });
});
