import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";

import { cacheDir } from "../../cache/cache.js";
import { hashFile, type HashOptions } from "../../download/file-hash.js";
import { readManifest } from "../files/manifest.js";
import { findSnapshot, type Snapshot } from "../../hub/find-snapshot.js";
import { parseHubName } from "../../hub/model-name.js";
import { modelsDir, resolveModel } from "./resolve.js";
import { checkSnapshot } from "./verify-hub-model.js";

/** Options of {@link verifyModel}. */
export interface VerifyModelOptions {
  /**
   * Reads every file. By default a hash that is remembered counts as long as size, times and inode of the file are the same;
   * only a disk that loses what nobody changed is then not seen. Default false.
   */
  readonly rehash?: boolean | undefined;
}

/** What came of a look at the files of a model. */
export interface VerifiedModel {
  /** Its name. */
  readonly name: string;
  /** Its folder, or its file where it is one. */
  readonly path: string;
  /**
   * "intact": every file is as it was when the model was made, or as the hub has it. "damaged": `problems` says which
   * are not. "unknown": nothing says how they were, because the model has no manifest of this library, or one without
   * hashes.
   */
  readonly status: "intact" | "damaged" | "unknown";
  /** A line for each file that is missing or other than its manifest says. */
  readonly problems: readonly string[];
  /** Files that the manifest names. */
  readonly fileCount: number;
  /** Bytes that they have by the manifest. */
  readonly sizeBytes: number;
}

/**
 * Compares the files of a model with the SHA-256 that its manifest has of them.
 *
 * @param model - as `load()` takes it: a folder with OpenVINO IR, a GGUF file, or a name in the cache
 * @throws TypeError when the argument is not a string or empty.
 * @throws OpenVinoLlmError `ERR_MODEL_NOT_FOUND` when there is no such model.
 */
export async function verifyModel(model: string, options: VerifyModelOptions = {}): Promise<VerifiedModel> {
  // Whatever it lacks is reported below.
  const found = await resolveModel(model, process.env, []);
  const snapshot = await snapshotOf(model, found.kind === "ir" ? found.dir : found.path);
  if (snapshot !== null) {
    const checked = await checkSnapshot(snapshot, options);
    const status = checked.problems.length > 0 ? "damaged" : checked.fileCount > 0 ? "intact" : "unknown";
    return { name: model, path: snapshot.dir, status, ...checked };
  }
  if (found.kind === "ir") return verifyFolder(found.dir, options);
  const { name, path } = found;
  return { name, path, status: "unknown", problems: [], fileCount: 0, sizeBytes: 0 };
}

/** The snapshot of the hub's cache that a model was found in; null where it was found elsewhere. */
async function snapshotOf(model: string, path: string): Promise<Snapshot | null> {
  const name = parseHubName(model);
  const snapshot = name === null ? null : await findSnapshot(name);
  return snapshot !== null && snapshot !== "begun" && `${path}/`.startsWith(`${snapshot.dir}/`)
    ? snapshot
    : null;
}

/** {@link verifyModel} for every model in the cache, by name; converted GGUF files go by the name of the file. */
export async function verifyModels(options: VerifyModelOptions = {}): Promise<VerifiedModel[]> {
  const verified: VerifiedModel[] = [];
  for (const folder of [modelsDir(), join(cacheDir(), "gguf")]) {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    const names = entries.filter((entry) => !entry.isFile()).map(({ name }) => name);
    for (const name of names.filter((entry) => !entry.endsWith(".tmp")).sort()) {
      verified.push(await verifyFolder(join(folder, name), options));
    }
  }
  return verified;
}

/** {@link verifyModel} for a folder. */
export async function verifyFolder(dir: string, options: HashOptions = {}): Promise<VerifiedModel> {
  const about = { name: basename(dir), path: dir };
  const manifest = await readManifest(dir).catch((error: unknown) => {
    if (!(error instanceof Error)) throw error;
    return error;
  });
  if (manifest instanceof Error) {
    return { ...about, status: "damaged", problems: [manifest.message], fileCount: 0, sizeBytes: 0 };
  }
  const { files = [], name = about.name } = manifest ?? {};
  const problems: string[] = [];
  for (const file of files) {
    const path = join(dir, file.name);
    const found = await stat(path).catch(() => null);
    if (found === null) problems.push(`${file.name} is missing`);
    else if (found.size !== file.sizeBytes)
      problems.push(`${file.name} has ${found.size} bytes, expected ${file.sizeBytes}`);
    else if ((await hashFile(path, options)) !== file.sha256)
      problems.push(`${file.name} has another sha256 than expected`);
  }
  return {
    ...about,
    // A conversion's folder is named by a hash.
    name: /^[0-9a-f]{64}$/.test(about.name) ? name : about.name,
    status: problems.length > 0 ? "damaged" : files.length > 0 ? "intact" : "unknown",
    problems,
    fileCount: files.length,
    sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  };
}
