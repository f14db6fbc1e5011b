import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findBuild, readVersions } from "../../../lib/doctor/versions.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "openvino-llm-builds-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function file(...parts: (string | Buffer)[]): Promise<string> {
  const path = join(folder, "library.so");
  await writeFile(path, Buffer.concat(parts.map((part) => Buffer.from(part))));
  return path;
}

describe("findBuild", () => {
  test.each(["2026.4.1-22982-e213a147257-releases/2026/4", "2026.4.1.0-3408-ab01d1771e4"])(
    "finds %s between the bytes of a library",
    async (build) => {
      expect(await findBuild(await file("\x7fELF\0\0\xff", "2026.4.1\0", build, "\0\0more"))).toBe(build);
    },
  );

  test("finds a name across the border of two reads, whole", async () => {
    const build = "2026.4.1-22982-e213a147257-releases/2026/4";
    for (const before of [1, 10, 41]) {
      expect(await findBuild(await file(Buffer.alloc((1 << 20) - before), build, "\0"))).toBe(build);
    }
  });

  test("finds a name at the very end", async () => {
    expect(await findBuild(await file("\0", "2026.4.1.0-3408-ab01d1771e4"))).toBe(
      "2026.4.1.0-3408-ab01d1771e4",
    );
  });

  test("is null where there is none", async () => {
    expect(await findBuild(await file("\0 2026.4.1 \0"))).toBeNull();
  });
});

describe("readVersions", () => {
  test("reads the Python package that the tokenizers lie in, and null for what is missing", async () => {
    const libraryFolder = join(folder, "openvino_tokenizers", "lib");
    await mkdir(libraryFolder, { recursive: true });
    await writeFile(join(libraryFolder, "libopenvino_tokenizers.so"), "another build");
    await writeFile(
      join(folder, "openvino_tokenizers", "__version__.py"),
      '# comment\n__version__ = "2025.1.0.0-523-8b538be08b2"\n',
    );
    const versions = await readVersions({
      source: "env",
      layout: "site-packages",
      dir: folder,
      libraries: [join(folder, "openvino", "libs", "libopenvino.so.2641")],
      tokenizersLibrary: join(libraryFolder, "libopenvino_tokenizers.so"),
      sdkDir: null,
    });
    expect(versions).toEqual({
      package: expect.stringMatching(/^\d+\.\d+\.\d+/),
      node: process.versions.node,
      openvino: null,
      genai: null,
      tokenizers: "2025.1.0.0-523-8b538be08b2",
    });
  });

  test("has no library where there is no runtime", async () => {
    expect(await readVersions(null)).toMatchObject({ openvino: null, genai: null, tokenizers: null });
  });
});
