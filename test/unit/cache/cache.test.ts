import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { cacheDir, makeEntry } from "../../../lib/cache/cache.js";
import { newName } from "../../../lib/cache/process-name.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));

describe("cacheDir", () => {
  test("is OPENVINO_LLM_CACHE where that is set, made absolute", () => {
    expect(cacheDir({ OPENVINO_LLM_CACHE: "/somewhere", XDG_CACHE_HOME: "/xdg" })).toBe("/somewhere");
    expect(cacheDir({ OPENVINO_LLM_CACHE: "relative" })).toBe(resolve("relative"));
  });

  test("is under XDG_CACHE_HOME where only that is set", () => {
    expect(cacheDir({ XDG_CACHE_HOME: "/xdg", HOME: "/home/me" })).toBe("/xdg/openvino-llm");
  });

  test("ignores a relative XDG_CACHE_HOME and empty variables", () => {
    expect(cacheDir({ OPENVINO_LLM_CACHE: "", XDG_CACHE_HOME: "xdg", HOME: "/home/me" })).toBe(
      "/home/me/.cache/openvino-llm",
    );
  });

  test("is under the home folder of the user when the environment is empty", () => {
    expect(cacheDir({})).toBe(join(homedir(), ".cache", "openvino-llm"));
  });
});

/** The name of another process that is, or was, here. */
async function nameOf(pid: number | string | undefined, start: string | undefined): Promise<string> {
  const [, , ...rest] = (await newName()).split(" ");
  return `${[pid, start, ...rest].join(" ")}\n`;
}

describe("makeEntry", () => {
  let folder: string;
  let dest: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "openvino-llm-cache-"));
    dest = join(folder, "deep", "entry");
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const fill = (text: string) => (tmp: string) => writeFile(join(tmp, "file"), text);
  const content = () => readFile(join(dest, "file"), "utf8");
  const siblings = () => readdir(dirname(dest));

  test("makes an entry once and leaves nothing beside it", async () => {
    expect(await makeEntry(dest, fill("first"))).toBe(true);
    expect(await makeEntry(dest, fill("second"))).toBe(false);
    expect(await content()).toBe("first");
    expect(await siblings()).toEqual(["entry"]);
  });

  test("gives a failing make's own error, leaves nothing behind, and makes the entry at the next call", async () => {
    const error = new Error("the disk is full");
    const failing = makeEntry(dest, async (tmp) => {
      await writeFile(join(tmp, "half"), "");
      throw error;
    });
    await expect(failing).rejects.toBe(error);
    expect(await siblings()).toEqual([]);
    expect(await makeEntry(dest, fill("second"))).toBe(true);
  });

  test("makes the entry once for callers that come at the same time", async () => {
    let made = 0;
    const make = async (tmp: string) => {
      made++;
      await fill("whole")(tmp);
    };
    const answers = await Promise.all([makeEntry(dest, make), makeEntry(dest, make), makeEntry(dest, make)]);
    expect(made).toBe(1);
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(await siblings()).toEqual(["entry"]);
  });

  test("makes the entry once for processes that come at the same time", async () => {
    const log = join(folder, "log");
    const script = `
      import { appendFile, writeFile } from "node:fs/promises";
      import { makeEntry } from ${JSON.stringify(pathToFileURL(join(root, "dist", "cache", "cache.js")).href)};
      const made = await makeEntry(${JSON.stringify(dest)}, async (tmp) => {
        await appendFile(${JSON.stringify(log)}, "made\\n");
        await writeFile(tmp + "/file", "whole");
      });
      process.stdout.write(String(made));
    `;
    const answers = await Promise.all(
      [1, 2, 3].map(async () => {
        const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
          stdio: ["ignore", "pipe", "inherit"],
        });
        let said = "";
        child.stdout.on("data", (chunk) => (said += chunk));
        await once(child, "close");
        return said;
      }),
    );
    expect(answers.toSorted()).toEqual(["false", "false", "true"]);
    expect(await readFile(log, "utf8")).toBe("made\n");
  });

  test("takes over the lock of a process that has ended and removes what it left", async () => {
    const child = spawn(process.execPath, ["-e", ""]);
    await once(child, "exit");
    await mkdir(`${dest}.${child.pid}-0123abcd.tmp`, { recursive: true });
    await writeFile(`${dest}.lock`, await nameOf(child.pid, "12345"));
    expect(await makeEntry(dest, fill("mine"))).toBe(true);
    expect(await siblings()).toEqual(["entry"]);
  });

  test("takes over the lock of a process that has ended but stays listed, because its parent does not ask", async () => {
    const program =
      "import os, sys; pid = os.fork(); pid or os._exit(0); print(pid, flush=True); sys.stdin.read()";
    const parent = spawn("python3", ["-c", program], { stdio: ["pipe", "pipe", "inherit"] });
    try {
      const [pid] = (await once(parent.stdout.setEncoding("utf8"), "data")) as [string];
      const fields = await vi.waitFor(async () => {
        const text = await readFile(`/proc/${pid.trim()}/stat`, "utf8");
        expect(text).toContain(") Z ");
        return text.slice(text.lastIndexOf(")") + 2).split(" ");
      });
      await mkdir(dirname(dest), { recursive: true });
      await writeFile(`${dest}.lock`, await nameOf(pid.trim(), fields[19]));
      expect(await makeEntry(dest, fill("mine"))).toBe(true);
    } finally {
      parent.stdin.end();
      await once(parent, "close");
    }
  });

  test("takes over a lock whose process id belongs to another process by now", async () => {
    await mkdir(dirname(dest), { recursive: true });
    await writeFile(`${dest}.lock`, await nameOf(process.pid, "1"));
    expect(await makeEntry(dest, fill("mine"))).toBe(true);
  });

  test("goes on with the entry of the one that has taken its lock over and its folder away", async () => {
    const made = await makeEntry(dest, async (tmp) => {
      await rm(tmp, { recursive: true });
      await writeFile(`${dest}.lock`, await nameOf(process.pid, "1"));
      await mkdir(dest);
      await fill("another one's")(dest);
      await fill("mine")(tmp);
    });
    expect(made).toBe(false);
    expect(await content()).toBe("another one's");
    expect(await siblings()).toEqual(["entry"]);
  });

  test("replaces an entry that is not valid any more, and keeps it when the new one fails", async () => {
    const isValid = async () => (await content()) === "new";
    await makeEntry(dest, fill("old"));
    const failing = makeEntry(dest, () => Promise.reject(new Error("no network")), { isValid });
    await expect(failing).rejects.toThrow("no network");
    expect(await content()).toBe("old");
    expect(await makeEntry(dest, fill("new"), { isValid })).toBe(true);
    expect(await makeEntry(dest, fill("newer"), { isValid })).toBe(false);
    expect(await content()).toBe("new");
    expect(await siblings()).toEqual(["entry"]);
  });
});
