/** What the package of the runtime has to be, where npm has installed it. */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { sha256OfFile } from "../../lib/download/sha256.js";
import { comesFrom, readManifest, verifyManifest } from "../../lib/runtime/manifest.js";
import { RUNTIME_LIBRARIES, RUNTIME_VERSION, RUNTIME_WHEELS } from "../../lib/runtime/pins.js";

/** The pinned libraries, byte for byte, and no other; its manifest says from which wheels they are. */
export async function expectPinnedLibraries(dir: string): Promise<void> {
  const found: Record<string, string> = {};
  for (const name of await readdir(join(dir, "lib")))
    found[name] = await sha256OfFile(join(dir, "lib", name));
  expect(found).toEqual(Object.fromEntries(RUNTIME_LIBRARIES.map(({ name, sha256 }) => [name, sha256])));
  const manifest = await readManifest(dir);
  if (manifest === null) throw new Error("There is no manifest.");
  expect(comesFrom(manifest, Object.values(RUNTIME_WHEELS))).toBe(true);
  expect(manifest.files).toHaveLength(RUNTIME_LIBRARIES.length);
  expect(await verifyManifest(dir, manifest)).toEqual([]);
}

/** The licence texts and notices of all wheels. */
export async function expectLicences(dir: string): Promise<void> {
  const licences = await readdir(join(dir, "licenses"), { recursive: true });
  for (const [project, least] of [
    ["openvino-2", ["LICENSE", "onednn", "onetbb", "runtime-third-party"]],
    ["openvino_genai-2", ["LICENSE", "third-party"]],
    ["openvino_tokenizers-2", ["LICENSE", "third-party"]],
  ] as const) {
    const own = licences.filter((path) => path.startsWith(project));
    for (const text of least) {
      const [path = ""] = own.filter((name) => name.split("/").at(-1)?.startsWith(text));
      expect((await stat(join(dir, "licenses", path))).size, `${project} ${text}`).toBeGreaterThan(10_000);
    }
  }
  expect(await readFile(join(dir, "LICENSE"), "utf8")).toContain("Apache License");
}

/** Nothing of it runs at install, and npm installs it only where it can be opened. */
export async function expectInertManifest(dir: string): Promise<void> {
  const manifest = JSON.parse(await readFile(join(dir, "package.json"), "utf8")) as Record<string, unknown>;
  for (const key of ["scripts", "dependencies", "private", "bin", "main"]) {
    expect(manifest).not.toHaveProperty(key);
  }
  expect(manifest).toMatchObject({
    version: RUNTIME_VERSION,
    os: ["linux"],
    cpu: ["x64"],
    libc: ["glibc"],
  });
  const tops = await readdir(dir);
  expect(tops.toSorted()).toEqual(
    ["LICENSE", "README.md", "lib", "licenses", "manifest.json", "package.json"].toSorted(),
  );
}
