/** Gets the OpenVINO runtime into the cache: three pinned wheels, unpacked to one flat folder. */

import { cp, mkdir, readFile, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { cacheDir, makeEntry } from "../cache/cache.js";
import { unzipWheel } from "../download/python.js";
import { fetchWheelInto, waitOptions, type FetchOptions } from "../download/wheels.js";
import { comesFrom, readManifest, verifyManifest, writeManifest } from "./manifest.js";
import { RUNTIME_LIBRARIES, RUNTIME_VERSION, RUNTIME_WHEELS } from "./pins.js";
import { assertPlatform } from "./platform.js";

const WHEELS = Object.values(RUNTIME_WHEELS);

/** What stays of it, at least. */
const UNPACKED_BYTES = 108_000_000;

/** Texts that have to go with the binaries, by their names in the wheels' dist-info folders. */
const LICENCE_TEXT = /^(licen[cs]e|notice|copying|third-party)/i;

/**
 * Downloads the pinned runtime into the cache, unless it is there: `runtime/<version>/` with
 * - `lib/`: the libraries, byte-identical to those in the wheels;
 * - `sdk/`: headers and CMake package for a build of the addon, its libraries linked to `lib/`;
 * - `licenses/`: the licence texts of all three wheels;
 * - `manifest.json`: see `RuntimeManifest`.
 *
 * Python 3 with pip does the download. About 70 MB come over the network and 115 MB stay unpacked;
 * the wheels do not stay.
 *
 * @returns the absolute path of the flat folder
 * @throws OpenVinoLlmError ERR_PLATFORM, ERR_DOWNLOAD
 * @throws AbortError when the signal is aborted
 */
export async function fetchRuntime(options: FetchOptions = {}): Promise<string> {
  assertPlatform();
  const entry = join(cacheDir(), "runtime", RUNTIME_VERSION);
  await makeEntry(entry, (tmp) => makeRuntime(tmp, options), {
    isValid: isComplete,
    ...waitOptions(options),
    purpose: "unpack the OpenVINO runtime",
    neededBytes: UNPACKED_BYTES,
  });
  return join(entry, "lib");
}

async function isComplete(entry: string): Promise<boolean> {
  const manifest = await readManifest(entry);
  return (
    manifest !== null && comesFrom(manifest, WHEELS) && (await verifyManifest(entry, manifest)).length === 0
  );
}

async function makeRuntime(tmp: string, options: FetchOptions): Promise<void> {
  const site = join(tmp, "unpacked");
  const wheels = join(tmp, "wheels");
  await mkdir(wheels);
  for (const wheel of WHEELS) {
    const file = await fetchWheelInto(wheel, wheels, options);
    options.onProgress?.({ step: `unpack ${wheel.requirement}` });
    await unzipWheel(file, site, options);
  }
  await collectLicences(site, join(tmp, "licenses"));
  await mkdir(join(tmp, "lib"));
  for (const { name, sitePackages } of RUNTIME_LIBRARIES) {
    await rename(join(site, sitePackages, name), join(tmp, "lib", name));
  }
  await makeSdk(site, tmp);
  for (const folder of [site, wheels]) await rm(folder, { recursive: true });
  options.onProgress?.({ step: "write the manifest" });
  const paths = RUNTIME_LIBRARIES.map(({ name }) => `lib/${name}`);
  await writeManifest(tmp, RUNTIME_VERSION, WHEELS, paths);
}

/** Copies LICENSE, NOTICE and third-party texts of each wheel to `dest/<project>-<version>/`. */
async function collectLicences(site: string, dest: string): Promise<void> {
  for (const folder of await readdir(site)) {
    if (!folder.endsWith(".dist-info")) continue;
    const target = join(dest, folder.slice(0, -".dist-info".length));
    await mkdir(target, { recursive: true });
    for (const name of await readdir(join(site, folder))) {
      if (LICENCE_TEXT.test(name))
        await cp(join(site, folder, name), join(target, name), { recursive: true });
    }
  }
}

/**
 * The layout of a site-packages folder, as the wheel's CMake package expects it. That package requires every library it
 * names to exist; zero-byte stand-ins do for those that nothing links to.
 */
async function makeSdk(site: string, tmp: string): Promise<void> {
  const sdk = join(tmp, "sdk");
  const openvino = join(sdk, "openvino");
  await mkdir(join(openvino, "libs"), { recursive: true });
  for (const folder of ["include", "cmake"])
    await rename(join(site, "openvino", folder), join(openvino, folder));
  for (const { name, sitePackages } of RUNTIME_LIBRARIES) {
    const link = join(sdk, sitePackages, name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(relative(dirname(link), join(tmp, "lib", name)), link);
  }
  const here = new Set(RUNTIME_LIBRARIES.map(({ name }) => name));
  for (const file of await readdir(join(openvino, "cmake"))) {
    const text = await readFile(join(openvino, "cmake", file), "utf8");
    for (const [, name] of text.matchAll(/\/libs\/([\w.]+\.so[\w.]*)/g)) {
      if (name !== undefined && !here.has(name)) await writeFile(join(openvino, "libs", name), "");
    }
  }
}
