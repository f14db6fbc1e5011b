/** The manifest of a fetched runtime: from which wheels it came, and the hash of every library. */

import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hashFile } from "../download/file-hash.js";
import type { PinnedWheel } from "../download/wheels.js";
import { sha256OfFile } from "../download/sha256.js";

/** Name of the file, beside the folders that it describes. */
export const MANIFEST_FILE = "manifest.json";

/** One file of the runtime, as it was in its wheel. */
export interface ManifestFile {
  /** Relative to the manifest's folder. */
  path: string;
  /** Lower-case hex. */
  sha256: string;
  sizeBytes: number;
}

/** What `manifest.json` holds. */
export interface RuntimeManifest {
  schema: 1;
  version: string;
  wheels: PinnedWheel[];
  files: ManifestFile[];
}

/** Hashes `paths` (relative to `dir`) and writes the manifest into `dir`. */
export async function writeManifest(
  dir: string,
  version: string,
  wheels: readonly PinnedWheel[],
  paths: readonly string[],
): Promise<RuntimeManifest> {
  const files: ManifestFile[] = [];
  for (const path of paths) {
    const file = join(dir, path);
    files.push({ path, sha256: await sha256OfFile(file), sizeBytes: (await stat(file)).size });
  }
  const manifest: RuntimeManifest = {
    schema: 1,
    version,
    wheels: wheels.map((wheel) => ({ ...wheel })),
    files,
  };
  await writeFile(join(dir, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

/** The manifest in `dir`, or null when there is none that can be read. */
export async function readManifest(dir: string): Promise<RuntimeManifest | null> {
  const text = await readFile(join(dir, MANIFEST_FILE), "utf8").catch(() => null);
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isManifest(value) ? value : null;
  } catch {
    return null;
  }
}

/** Whether `manifest` is of exactly these wheels. */
export function comesFrom(manifest: RuntimeManifest, wheels: readonly PinnedWheel[]): boolean {
  const hashes = (list: readonly PinnedWheel[]) =>
    list
      .map((wheel) => wheel.sha256)
      .toSorted()
      .join();
  return hashes(manifest.wheels) === hashes(wheels);
}

/**
 * Compares the files in `dir` with the manifest. Hashes are remembered, so that only the first time takes a moment.
 *
 * @returns one line for each file that differs; none when all is as it should be
 */
export async function verifyManifest(dir: string, manifest: RuntimeManifest): Promise<string[]> {
  const problems: string[] = [];
  for (const { path, sha256, sizeBytes } of manifest.files) {
    const file = join(dir, path);
    const found = await stat(file).catch(() => null);
    if (found === null) problems.push(`${path} is missing`);
    else if (found.size !== sizeBytes)
      problems.push(`${path} has ${found.size} bytes, expected ${sizeBytes}`);
    else if ((await hashFile(file)) !== sha256) {
      problems.push(`${path} has another sha256 than expected`);
    }
  }
  return problems;
}

function isManifest(value: unknown): value is RuntimeManifest {
  if (typeof value !== "object" || value === null) return false;
  const { schema, version, wheels, files } = value as Partial<Record<keyof RuntimeManifest, unknown>>;
  return (
    schema === 1 &&
    typeof version === "string" &&
    Array.isArray(wheels) &&
    wheels.every((wheel: Partial<PinnedWheel> | null) => typeof wheel?.sha256 === "string") &&
    Array.isArray(files) &&
    files.every(
      (file: Partial<ManifestFile> | null) =>
        typeof file?.path === "string" &&
        typeof file.sha256 === "string" &&
        typeof file.sizeBytes === "number",
    )
  );
}
