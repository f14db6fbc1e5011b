import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { comesFrom, readManifest, verifyManifest, writeManifest } from "../../../lib/runtime/manifest.js";

const wheel = { requirement: "some==1", file: "some.whl", sha256: "11" };
const other = { requirement: "other==1", file: "other.whl", sha256: "22" };

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "openvino-llm-manifest-"));
  await writeFile(join(dir, "a.so"), "abc");
  await writeFile(join(dir, "b.so"), "");
});
afterEach(() => rm(dir, { recursive: true, force: true }));

test("a manifest holds the sha256 and the size of every file, and is read back as written", async () => {
  const written = await writeManifest(dir, "1.0", [wheel], ["a.so", "b.so"]);
  expect(written.files).toEqual([
    // The test vector of FIPS 180-4 for "abc", and the hash of nothing.
    {
      path: "a.so",
      sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      sizeBytes: 3,
    },
    {
      path: "b.so",
      sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      sizeBytes: 0,
    },
  ]);
  expect(await readManifest(dir)).toEqual(written);
  expect(await verifyManifest(dir, written)).toEqual([]);
});

test("the wheels are compared by hash, whatever their order", async () => {
  const manifest = await writeManifest(dir, "1.0", [wheel, other], []);
  expect(comesFrom(manifest, [other, wheel])).toBe(true);
  expect(comesFrom(manifest, [wheel])).toBe(false);
  expect(comesFrom(manifest, [wheel, { ...other, sha256: "33" }])).toBe(false);
});

test("a missing, a shortened and a changed file are each named", async () => {
  await writeFile(join(dir, "c.so"), "xyz");
  const manifest = await writeManifest(dir, "1.0", [wheel], ["a.so", "b.so", "c.so"]);
  await writeFile(join(dir, "a.so"), "abd");
  await writeFile(join(dir, "b.so"), "longer");
  await rm(join(dir, "c.so"));
  expect(await verifyManifest(dir, manifest)).toEqual([
    "a.so has another sha256 than expected",
    "b.so has 6 bytes, expected 0",
    "c.so is missing",
  ]);
});

test("what is no manifest reads as none", async () => {
  expect(await readManifest(dir)).toBeNull();
  for (const text of [
    "",
    "{",
    "null",
    "[]",
    '{"schema":2,"version":"1","wheels":[],"files":[]}',
    '{"schema":1}',
  ]) {
    await writeFile(join(dir, "manifest.json"), text);
    expect(await readManifest(dir)).toBeNull();
  }
  await writeManifest(dir, "1.0", [wheel], ["a.so"]);
  const text = await readFile(join(dir, "manifest.json"), "utf8");
  await writeFile(join(dir, "manifest.json"), text.replace('"sizeBytes": 3', '"sizeBytes": "3"'));
  expect(await readManifest(dir)).toBeNull();
});
