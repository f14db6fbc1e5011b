/** What the operating system refuses, as errors of this library: where, how much room there is, and what to do. */
import { accessSync, constants, statfsSync, statSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, sep } from "node:path";

import { codeOf, OpenVinoLlmError } from "./errors.js";

/** What was being written when the system refused. */
export interface WriteTask {
  /** The folder that it goes into, absolute; it need not exist. */
  readonly folder: string;
  /** How another place is chosen, as it follows "choose another folder". */
  readonly elsewhere: string;
  /** What for, as it follows "to": "convert model.gguf". Default: "write". */
  readonly purpose?: string | undefined;
  /** Room that it takes, as far as is known. */
  readonly neededBytes?: number | undefined;
}

/** A write into the cache, whichever folder of it. */
export function cacheTask(folder: string, more: Partial<WriteTask> = {}): WriteTask {
  return { folder, elsewhere: "with OPENVINO_LLM_CACHE", ...more };
}

/** Does what writes; what the system refuses of it becomes an error of this library. */
export async function writing<T>(task: WriteTask, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw systemError(error, task);
  }
}

/** A new folder for temporary files, whose name begins with the prefix. */
export function temporaryFolder(prefix: string): Promise<string> {
  return writing({ folder: tmpdir(), elsewhere: "with TMPDIR" }, () => mkdtemp(join(tmpdir(), prefix)));
}

/** More than what a buffered write of a full disk may have left over. */
const PROBE_BYTES = 1 << 20;

/**
 * Why nothing can be written into a folder that is there; null where it can. For what is written by code that does not
 * say why it failed.
 */
export async function whyNotWritable(task: WriteTask): Promise<OpenVinoLlmError | null> {
  const file = join(task.folder, `.${process.pid}.probe`);
  try {
    await writeFile(file, Buffer.alloc(PROBE_BYTES, 1));
    return null;
  } catch (error) {
    const known = systemError(error, task);
    return known instanceof OpenVinoLlmError ? known : null;
  } finally {
    await rm(file, { force: true }).catch(() => undefined);
  }
}

/** @throws OpenVinoLlmError `ERR_DISK_FULL` when the disk of the task's folder has less room than the task takes */
export function checkRoom(task: WriteTask & { readonly neededBytes: number }): void {
  const free = freeBytes(task.folder);
  if (free !== null && free < task.neededBytes) throw full(task, `its disk has ${bytesText(free)} free`);
}

const FULL: ReadonlySet<unknown> = new Set(["ENOSPC", "EDQUOT"]);
const NOT_WRITABLE: ReadonlySet<unknown> = new Set(["EROFS", "EACCES", "EPERM", "ENOTDIR", "EEXIST"]);

/**
 * An error of a call on the file system as one of ours, with the place, the room there and the cure, and that of a process
 * for which there was no room; every other value stays as it is.
 *
 * @param task what was being written; without one little is known beside the error itself
 */
export function systemError(error: unknown, task?: WriteTask): unknown {
  if (!isSystemError(error)) return error;
  if (error.syscall.startsWith("spawn")) return notStarted(error);
  if (OTHER_CALLS.test(error.syscall)) return error;
  const { path, message } = error;
  const code = error.syscall === "mkdir" && error.code === "ENOENT" ? whyNoFolder(error) : error.code;
  const isOfTask = task !== undefined && (path === undefined || areOnOneWay(path, task.folder));
  if (FULL.has(code))
    return full(isOfTask ? task : taskAt(path ?? task?.folder), whyFull(error, task?.folder), error);
  if (code === "EROFS" || (isOfTask && NOT_WRITABLE.has(code))) {
    const { folder, purpose = "write", elsewhere } = isOfTask ? task : taskAt(path);
    return new OpenVinoLlmError(
      "ERR_NOT_WRITABLE",
      `Expected to ${purpose} in ${folder} but ${whyNot(code, path ?? folder)}. Make it writable for this user, or ` +
        `choose another folder ${elsewhere}.`,
      { cause: error },
    );
  }
  const cure =
    code === "EMFILE" || code === "ENFILE"
      ? "Too many files are open: close some, or raise the limit (ulimit -n)."
      : "Check that the path is right and what this user may do there.";
  return new OpenVinoLlmError("ERR_FILE_SYSTEM", `The file system refused: ${message}. ${cure}`, {
    cause: error,
  });
}

/** Bytes of a disk for people: "12 MB". */
export function bytesText(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  return bytes >= 1e6 ? `${Math.floor(bytes / 1e6)} MB` : `${Math.floor(bytes / 1e3)} kB`;
}

/** Bytes that can be written at a path that need not exist yet; null where the system does not report it. */
export function freeBytes(path: string): number | null {
  for (let folder = path; ; folder = dirname(folder)) {
    try {
      const { bavail, bsize } = statfsSync(folder);
      return bavail * bsize;
    } catch {
      if (dirname(folder) === folder) return null;
    }
  }
}

function full(task: WriteTask, why: string, cause?: unknown): OpenVinoLlmError {
  const { folder, purpose = "write", elsewhere, neededBytes } = task;
  const needed = neededBytes === undefined ? "" : ` (about ${bytesText(neededBytes)})`;
  return new OpenVinoLlmError(
    "ERR_DISK_FULL",
    `Expected room in ${folder} to ${purpose}${needed} but ${why}. Free space there, or choose another folder ${elsewhere}.`,
    { cause },
  );
}

function whyFull({ code, path }: SystemError, folder: string | undefined): string {
  if (code === "EDQUOT") return "the quota of this user is used up";
  const place = path ?? folder;
  const free = place === undefined ? null : freeBytes(place);
  return `its disk is full${free === null ? "" : ` (${bytesText(free)} free)`}`;
}

function whyNot(code: string, path: string): string {
  if (code === "EROFS") return "its file system is read-only";
  if (code === "ENOTDIR" || code === "EEXIST") return `${fileOn(path)} is a file, not a folder`;
  return `this user may not write to ${path} (${code})`;
}

/** Node says ENOENT of every folder that it cannot make with those above it: asks of the nearest one that is there. */
function whyNoFolder({ path = "/", code }: SystemError): string {
  for (let at = dirname(path); ; at = dirname(at)) {
    try {
      accessSync(at, constants.W_OK);
      return code;
    } catch (error) {
      const found = codeOf(error) ?? code;
      if (found !== "ENOENT" || dirname(at) === at) return found;
    }
  }
}

/** The file that stands where a folder should, on the way to a path. */
function fileOn(path: string): string {
  for (let at = path; ; at = dirname(at)) {
    const isFile = isFileAt(at);
    if (isFile || dirname(at) === at) return isFile ? at : path;
  }
}

function isFileAt(path: string): boolean {
  try {
    return !statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Whether one is the other, or a folder above it. */
function areOnOneWay(a: string, b: string): boolean {
  return a === b || a.startsWith(below(b)) || b.startsWith(below(a));
}

function below(folder: string): string {
  return folder.endsWith(sep) ? folder : `${folder}${sep}`;
}

function taskAt(path: string | undefined): WriteTask {
  return { folder: path === undefined ? "the folder" : dirname(path), elsewhere: "for it" };
}

interface SystemError {
  readonly code: string;
  readonly message: string;
  readonly syscall: string;
  readonly path?: string;
}

/** Calls that are not on the file system. */
const OTHER_CALLS = /^(?:connect|listen|bind|accept|getaddrinfo|kill|uv_|send|recv|shutdown)/;

/** Whether a value is what Node makes of a call that the system refused. */
function isSystemError(error: unknown): error is SystemError {
  return (
    typeof error === "object" &&
    error !== null &&
    "syscall" in error &&
    typeof error.syscall === "string" &&
    /^E[A-Z0-9]+$/.test(codeOf(error) ?? "")
  );
}

/** A process that the system had no room for; whoever started it knows what it means that there is no such program. */
function notStarted(error: SystemError): unknown {
  if (error.code === "EAGAIN") {
    const cure =
      "Raise the limit of processes (ulimit -u, the container's pids.max), or close other programs of this user.";
    return new OpenVinoLlmError("ERR_OUT_OF_THREADS", `The system gave no more processes. ${cure}`, {
      cause: error,
    });
  }
  if (error.code === "ENOMEM") {
    const cure = "Close other programs, or raise the limit (the container's memory, ulimit -v).";
    return new OpenVinoLlmError("ERR_OUT_OF_MEMORY", `The system gave no memory for a process. ${cure}`, {
      cause: error,
    });
  }
  return error;
}
