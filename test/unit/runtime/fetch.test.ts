import { execFile } from "node:child_process";
import { lstat, mkdtemp, open, readFile, readdir, rm, stat, symlink, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { cacheDir } from "../../../lib/cache/cache.js";
import { fetchRuntime } from "../../../lib/runtime/fetch.js";
import { locateRuntime } from "../../../lib/runtime/locate.js";
import { readManifest, verifyManifest } from "../../../lib/runtime/manifest.js";
import { RUNTIME_VERSION, RUNTIME_WHEELS, SONAME_SUFFIX } from "../../../lib/runtime/pins.js";
import { fetchWheel } from "../../../lib/download/wheels.js";

// A cache of its own that shares the wheels kept in the real one: everything but the download is done afresh.
let folder: string;
let entry: string;
let wheels: string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "openvino-llm-fetch-"));
  wheels = await Promise.all(Object.values(RUNTIME_WHEELS).map((wheel) => fetchWheel(wheel)));
  await symlink(join(cacheDir(), "downloads"), join(folder, "downloads"));
  entry = join(folder, "runtime", RUNTIME_VERSION);
  useOwnCache();
  await fetchRuntime();
}, 120_000);
beforeEach(useOwnCache);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Stubs last until the next test begins. */
function useOwnCache(): void {
  vi.stubEnv("OPENVINO_LLM_CACHE", folder);
  vi.stubEnv("OPENVINO_LLM_RUNTIME", "");
}

test("the flat folder holds 12 libraries and nothing else, and the look-up finds it", async () => {
  expect((await readdir(join(entry, "lib"))).toSorted()).toEqual([
    "libhwloc.so.15",
    `libopenvino.so.${SONAME_SUFFIX}`,
    "libopenvino_auto_batch_plugin.so",
    "libopenvino_auto_plugin.so",
    `libopenvino_genai.so.${SONAME_SUFFIX}`,
    "libopenvino_hetero_plugin.so",
    "libopenvino_intel_cpu_plugin.so",
    `libopenvino_ir_frontend.so.${SONAME_SUFFIX}`,
    "libopenvino_tokenizers.so",
    "libtbb.so.12",
    "libtbbbind_2_5.so.3",
    "libtbbmalloc.so.2",
  ]);
  expect(locateRuntime()).toMatchObject({
    source: "cache",
    dir: join(entry, "lib"),
    sdkDir: join(entry, "sdk"),
  });
});

test("every library has the sha256 that its wheel's RECORD gives, in the manifest and on disk", async () => {
  // RECORD lines: path,sha256=<url-safe base64 without padding>,size
  const script =
    "import sys,zipfile\nfor w in sys.argv[1:]:\n z=zipfile.ZipFile(w)\n" +
    " [print(z.read(n).decode()) for n in z.namelist() if n.endswith('.dist-info/RECORD')]";
  const { stdout } = await promisify(execFile)("python3", ["-c", script, ...wheels], { maxBuffer: 1 << 26 });
  const recorded = new Map<string, string>();
  for (const [, path, hash] of stdout.matchAll(/^(\S+\.so[\d.]*),sha256=([\w-]+),\d+$/gm)) {
    if (path && hash)
      recorded.set(path.slice(path.lastIndexOf("/") + 1), Buffer.from(hash, "base64url").toString("hex"));
  }
  const manifest = await readManifest(entry);
  expect(manifest?.files).toHaveLength(12);
  for (const { path, sha256 } of manifest?.files ?? []) {
    expect([path, sha256]).toEqual([path, recorded.get(path.slice("lib/".length))]);
  }
  expect(manifest && (await verifyManifest(entry, manifest))).toEqual([]);
});

test("the licence texts of all three wheels come along", async () => {
  const texts = [
    `openvino-${RUNTIME_VERSION}/licenses/LICENSE`,
    `openvino-${RUNTIME_VERSION}/licenses/licensing/runtime-third-party-programs.txt`,
    `openvino-${RUNTIME_VERSION}/licenses/licensing/onednn_third-party-programs.txt`,
    `openvino-${RUNTIME_VERSION}/licenses/licensing/onetbb_third-party-programs.txt`,
    `openvino_genai-${RUNTIME_VERSION}.0/LICENSE`,
    `openvino_genai-${RUNTIME_VERSION}.0/third-party-programs.txt`,
    `openvino_tokenizers-${RUNTIME_VERSION}.0/LICENSE`,
    `openvino_tokenizers-${RUNTIME_VERSION}.0/third-party-programs.txt`,
  ];
  for (const text of texts)
    expect((await stat(join(entry, "licenses", text))).size, text).toBeGreaterThan(1000);
  expect(await readFile(join(entry, "licenses", texts[0] ?? ""), "utf8")).toContain("Apache License");
});

test("the SDK has headers, a CMake package and links to the libraries", async () => {
  const sdk = join(entry, "sdk");
  expect((await stat(join(sdk, "openvino/include/openvino/openvino.hpp"))).isFile()).toBe(true);
  expect((await stat(join(sdk, "openvino/cmake/OpenVINOConfig.cmake"))).isFile()).toBe(true);
  const library = join(sdk, `openvino_genai/libopenvino_genai.so.${SONAME_SUFFIX}`);
  expect((await lstat(library)).isSymbolicLink()).toBe(true);
  expect((await stat(library)).ino).toBe(
    (await stat(join(entry, `lib/libopenvino_genai.so.${SONAME_SUFFIX}`))).ino,
  );
  expect((await stat(join(sdk, `openvino/libs/libopenvino_onnx_frontend.so.${SONAME_SUFFIX}`))).size).toBe(0);
});

test("a second fetch does nothing", async () => {
  const before = await stat(join(entry, "manifest.json"));
  const steps: string[] = [];
  expect(await fetchRuntime({ onProgress: ({ step }) => steps.push(step) })).toBe(join(entry, "lib"));
  expect(steps).toEqual([]);
  expect((await stat(join(entry, "manifest.json"))).ino).toBe(before.ino);
});

/** Turns a byte in the middle around. */
async function damage(file: string): Promise<void> {
  const handle = await open(file, "r+");
  const position = Math.floor((await handle.stat()).size / 2);
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, position);
  await handle.write(Buffer.of(byte.readUInt8(0) ^ 0xff), 0, 1, position);
  await handle.close();
}

test.each([
  ["was cut short", (file: string) => truncate(file, 100)],
  ["has another byte", damage],
])("a fetch repairs a runtime whose library %s", { timeout: 120_000 }, async (_name, spoil) => {
  await spoil(join(entry, "lib", "libtbb.so.12"));
  const steps: string[] = [];
  await fetchRuntime({ onProgress: ({ step }) => steps.push(step) });
  // The test keeps the wheels, so nothing is downloaded.
  expect(steps.filter((step) => step.startsWith("download"))).toEqual([]);
  const manifest = await readManifest(entry);
  expect(manifest && (await verifyManifest(entry, manifest))).toEqual([]);
});
