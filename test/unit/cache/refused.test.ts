import { chmod, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeEntry, removeEntry } from "../../../lib/cache/cache.js";
import { makeHeldEntry } from "../../../lib/cache/held-entry.js";
import { checkRoom, systemError, whyNotWritable } from "../../../lib/errors/system-errors.js";
import { fillDisk, makeReadOnly, mounts, mountTmpfs } from "../../helpers/mounts.js";
import { given, needs } from "../../helpers/needs.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "openvino-llm-refused-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const fill = (bytes: number) => (tmp: string) => writeFile(join(tmp, "file"), Buffer.alloc(bytes, 1));
const nothing = () => Promise.resolve();

describe("a cache that cannot be written to", () => {
  test("is reported where a file stands in its place", async () => {
    const file = join(folder, "cache");
    await writeFile(file, "");
    await expect(makeEntry(join(file, "gguf", "entry"), nothing)).rejects.toMatchObject({
      code: "ERR_NOT_WRITABLE",
      message: expect.stringMatching(/cache is a file, not a folder\. .* with OPENVINO_LLM_CACHE\.$/),
      cause: { code: "ENOTDIR" },
    });
    await expect(makeEntry(join(file, "entry"), nothing)).rejects.toMatchObject({
      code: "ERR_NOT_WRITABLE",
      message: expect.stringContaining(`${file} is a file, not a folder`),
    });
  });

  test("is reported where it is read-only", given(mounts), async () => {
    const disk = mountTmpfs("size=256k");
    makeReadOnly(disk);
    await expect(
      makeEntry(join(disk, "gguf", "entry"), nothing, { purpose: "convert a.gguf" }),
    ).rejects.toMatchObject({
      code: "ERR_NOT_WRITABLE",
      message: expect.stringMatching(
        /^Expected to convert a\.gguf in .*gguf but its file system is read-only\. .* with OPENVINO_LLM_CACHE\.$/,
      ),
    });
  });

  test("is reported where another user owns it", given(needs.notRoot), async () => {
    await chmod(folder, 0o500);
    await expect(makeEntry(join(folder, "entry"), nothing)).rejects.toMatchObject({
      code: "ERR_NOT_WRITABLE",
      message: expect.stringMatching(/may not write to .* \(EACCES\)/),
    });
  });

  test("still gives what it has, and removes nothing", given(mounts), async () => {
    const disk = mountTmpfs("size=256k");
    const dest = join(disk, "entry");
    await makeEntry(dest, fill(10));
    makeReadOnly(disk);
    expect(await makeEntry(dest, nothing)).toBe(false);
    await expect(removeEntry(dest)).rejects.toMatchObject({ code: "ERR_NOT_WRITABLE" });
    await expect(makeHeldEntry(dest, nothing)).rejects.toMatchObject({ code: "ERR_NOT_WRITABLE" });
    expect(await readdir(dest)).toEqual(["file"]);
  });
});

describe("a full disk", () => {
  test("is reported before anything is made", given(mounts), async () => {
    const disk = mountTmpfs("size=256k");
    fillDisk(join(disk, "filling"));
    await expect(makeEntry(join(disk, "entry"), nothing)).rejects.toMatchObject({
      code: "ERR_DISK_FULL",
      message: expect.stringMatching(
        /its disk is full \(0 kB free\)\. Free space there, or choose another folder with OPENVINO_LLM_CACHE/,
      ),
    });
  });

  test("is reported when an entry does not fit, of which nothing stays", given(mounts), async () => {
    const disk = mountTmpfs("size=256k");
    const dest = join(disk, "gguf", "entry");
    await expect(makeEntry(dest, fill(1 << 20), { purpose: "convert a.gguf" })).rejects.toMatchObject({
      code: "ERR_DISK_FULL",
      message: expect.stringMatching(/^Expected room in .*gguf to convert a\.gguf but its disk is full/),
      cause: { code: "ENOSPC" },
    });
    expect(await readdir(join(disk, "gguf"))).toEqual([]);
    expect(await makeEntry(dest, fill(1000))).toBe(true);
  });

  test("is reported without beginning what is known not to fit", given(mounts), async () => {
    const disk = mountTmpfs("size=256k");
    const made = makeEntry(join(disk, "entry"), () => Promise.reject(new Error("begun")), {
      purpose: "convert a.gguf",
      neededBytes: 3_000_000_000,
    });
    await expect(made).rejects.toMatchObject({
      code: "ERR_DISK_FULL",
      message: expect.stringMatching(/to convert a\.gguf \(about 3\.0 GB\) but its disk has \d+ kB free/),
    });
    expect(() =>
      checkRoom({ folder: join(disk, "not", "there"), elsewhere: "", neededBytes: 1000 }),
    ).not.toThrow();
  });

  test("is found where what wrote does not say why it failed", given(mounts), async () => {
    const disk = mountTmpfs("size=2m");
    const task = { folder: disk, elsewhere: "by --out" };
    expect(await whyNotWritable(task)).toBeNull();
    fillDisk(join(disk, "filling"));
    expect(await whyNotWritable(task)).toMatchObject({ code: "ERR_DISK_FULL" });
    expect(await readdir(disk)).toEqual(["filling"]);
  });
});

describe("systemError", () => {
  test("passes errors on that are not about what was being written", async () => {
    const task = { folder, elsewhere: "with OPENVINO_LLM_CACHE" };
    const cause = await readdir("/nowhere").catch((error: unknown) => error);
    expect(systemError(cause, task)).toMatchObject({
      code: "ERR_FILE_SYSTEM",
      message: expect.stringMatching(
        /ENOENT: no such file or directory, scandir '\/nowhere'\. Check that the path/,
      ),
      cause,
    });
  });

  test.each([
    new Error("something"),
    Object.assign(new Error("connect"), { code: "ECONNREFUSED", syscall: "connect", errno: -111 }),
    Object.assign(new Error("spawn"), { code: "ENOENT", syscall: "spawn python3", errno: -2 }),
    null,
    "text",
  ])("leaves %s alone", (value) => {
    expect(systemError(value)).toBe(value);
  });
});
