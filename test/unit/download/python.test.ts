import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { findPython, pipDownload, unzipWheel } from "../../../lib/download/python.js";
import { fillDisk, makeReadOnly, mounts, mountTmpfs } from "../../helpers/mounts.js";
import { given } from "../../helpers/needs.js";
import { writeTinyWheel } from "../../helpers/tiny-wheel.js";

let folder: string;
let links: string;
let dest: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "openvino-llm-python-"));
  links = join(folder, "links");
  dest = join(folder, "dest");
  await mkdir(dest);
  // pip takes its packages from this folder and asks no index.
  vi.stubEnv("PIP_NO_INDEX", "1");
  vi.stubEnv("PIP_FIND_LINKS", links);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

describe("findPython", () => {
  test("finds the machine's Python", async () => {
    expect(["python3", "python"]).toContain(await findPython());
  });

  test("says how to get Python when PATH has none", async () => {
    await expect(findPython({ PATH: folder })).rejects.toMatchObject({
      code: "ERR_DOWNLOAD",
      message: expect.stringMatching(/Expected a working Python 3 on PATH.*apt install python3 python3-pip/),
    });
  });

  test("names a wrong OPENVINO_LLM_PYTHON instead of taking another", async () => {
    const env = { ...process.env, OPENVINO_LLM_PYTHON: "/nowhere/python3" };
    await expect(findPython(env)).rejects.toThrow("OPENVINO_LLM_PYTHON=/nowhere/python3");
  });
});

describe("pipDownload", () => {
  test("downloads what matches its hash and passes on what pip says", async () => {
    const wheel = await writeTinyWheel(links);
    const lines: string[] = [];
    await pipDownload(`${wheel.requirement} --hash=sha256:${wheel.sha256}\n`, dest, {
      onLine: (line) => lines.push(line),
    });
    expect(await readFile(join(dest, wheel.file))).toEqual(await readFile(wheel.path));
    expect(lines.join("\n")).toContain("tiny-wheel-for-tests");
  });

  test("refuses what does not match its hash", async () => {
    const wheel = await writeTinyWheel(links);
    await expect(
      pipDownload(`${wheel.requirement} --hash=sha256:${"0".repeat(64)}\n`, dest),
    ).rejects.toMatchObject({
      code: "ERR_DOWNLOAD",
      message: expect.stringMatching(
        /The download of tiny-wheel-for-tests==1\.0 with pip failed: .* does not match the pinned sha256/,
      ),
    });
    expect(await readdir(dest)).toEqual([]);
  });

  test("refuses a requirement without a hash", async () => {
    const wheel = await writeTinyWheel(links);
    await expect(pipDownload(`${wheel.requirement}\n`, dest)).rejects.toMatchObject({ code: "ERR_DOWNLOAD" });
    expect(await readdir(dest)).toEqual([]);
  });

  test("names what cannot be found, and where to look for the reason", async () => {
    await mkdir(links);
    await expect(pipDownload(`absent==1.0 --hash=sha256:${"0".repeat(64)}\n`, dest)).rejects.toMatchObject({
      code: "ERR_DOWNLOAD",
      message: expect.stringMatching(/The download of absent==1\.0 with pip failed: .*PIP_INDEX_URL/),
      cause: expect.objectContaining({ message: expect.stringContaining("No matching distribution") }),
    });
  });

  test("says how to get pip when Python has none", async () => {
    const bare = join(folder, "bare-python");
    // -S leaves out the folders where pip is installed; -I those that the user and the environment add.
    await writeFile(bare, '#!/bin/sh\nexec python3 -I -S "$@"\n');
    await chmod(bare, 0o755);
    vi.stubEnv("OPENVINO_LLM_PYTHON", bare);
    await expect(pipDownload("absent==1.0\n", dest)).rejects.toMatchObject({
      code: "ERR_DOWNLOAD",
      message: expect.stringMatching(/to have pip.*apt install python3-pip/),
    });
  });
});

describe("unzipWheel", () => {
  test("unpacks a wheel", async () => {
    const wheel = await writeTinyWheel(links);
    await unzipWheel(wheel.path, dest);
    expect(await readFile(join(dest, "tiny.txt"), "utf8")).toBe("hello\n");
  });

  test("names a file that is no wheel", async () => {
    const file = join(folder, "text.whl");
    await writeFile(file, "no zip file");
    await expect(unzipWheel(file, dest)).rejects.toMatchObject({
      code: "ERR_DOWNLOAD",
      message: expect.stringContaining(`${file} could not be unpacked`),
    });
  });
});

describe("what the system refuses pip", { timeout: 60_000 }, () => {
  const wanted = async () => {
    const { requirement, sha256 } = await writeTinyWheel(links);
    return `${requirement} --hash=sha256:${sha256}\n`;
  };

  test("a full disk is reported with its folder and what to set", given(mounts), async () => {
    const disk = mountTmpfs("size=64k");
    fillDisk(join(disk, "filling"));
    await expect(pipDownload(await wanted(), disk)).rejects.toMatchObject({
      code: "ERR_DISK_FULL",
      message: expect.stringMatching(
        /to download tiny-wheel-for-tests==1\.0 but its disk is full \(0 kB free\)\. .* OPENVINO_LLM_CACHE\.$/,
      ),
    });
  });

  test("a disk that pip itself fills is reported in the same way", given(mounts), async () => {
    const disk = mountTmpfs("size=4k"); // a page: room for the list of what is wanted, not for the wheel beside it
    await expect(pipDownload(await wanted(), disk)).rejects.toMatchObject({
      code: "ERR_DISK_FULL",
      message: expect.stringMatching(
        /The download of tiny-wheel-for-tests==1\.0 with pip failed: .*OPENVINO_LLM_CACHE\.$/,
      ),
    });
  });

  test("a read-only folder is reported", given(mounts), async () => {
    const disk = mountTmpfs("size=64k");
    makeReadOnly(disk);
    await expect(pipDownload(await wanted(), disk)).rejects.toMatchObject({
      code: "ERR_NOT_WRITABLE",
      message: expect.stringMatching(/its file system is read-only\. .* with OPENVINO_LLM_CACHE\.$/),
    });
    const wheel = await writeTinyWheel(links);
    await expect(unzipWheel(wheel.path, join(disk, "unpacked"))).rejects.toMatchObject({
      code: "ERR_NOT_WRITABLE",
      message: expect.stringMatching(/could not be unpacked .*Read-only file system/),
    });
  });

  test("an index that cannot be reached is the network's", async () => {
    const requirements = await wanted();
    vi.stubEnv("PIP_NO_INDEX", "");
    vi.stubEnv("PIP_FIND_LINKS", "");
    vi.stubEnv("PIP_RETRIES", "1");
    vi.stubEnv("PIP_INDEX_URL", "http://127.0.0.1:9/simple");
    await expect(pipDownload(requirements, dest)).rejects.toMatchObject({
      code: "ERR_DOWNLOAD",
      message: expect.stringMatching(
        /The package index cannot be reached: .*Check the network and pip's settings/,
      ),
    });
  });

  test("an index without the version is reported", async () => {
    await mkdir(links);
    await expect(pipDownload(`absent==1.0 --hash=sha256:${"0".repeat(64)}\n`, dest)).rejects.toMatchObject({
      code: "ERR_DOWNLOAD",
      message: expect.stringMatching(/has no such version for 64-bit Linux, or does not answer/),
    });
  });
});
