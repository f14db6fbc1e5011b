/** Small, full and read-only file systems of their own, for what only those do. */
import { execFileSync } from "node:child_process";
import { chmodSync, closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { codeOf } from "../../lib/errors/errors.js";
import { need } from "./needs.js";

const root = mkdtempSync(join(tmpdir(), "openvino-llm-mounts-"));
const mounted: string[] = [];
afterAll(() => {
  for (const folder of mounted.splice(0)) execFileSync("umount", ["--lazy", folder]);
  rmSync(root, { recursive: true, force: true });
});

/** The folder of a new file system in memory, gone after the tests of this file. */
export function mountTmpfs(options: string): string {
  return mount("-t", "tmpfs", "-o", options, "tmpfs");
}

/** A folder again, at a place that every user may come to. */
export function mountAgain(folder: string): string {
  return mount("--bind", folder);
}

function mount(...what: readonly string[]): string {
  chmodSync(root, 0o755);
  const folder = mkdtempSync(join(root, "m-"));
  execFileSync("mount", [...what, folder]);
  mounted.push(folder);
  return folder;
}

/** Makes a mounted file system read-only. */
export function makeReadOnly(folder: string): void {
  execFileSync("mount", ["-o", "remount,bind,ro", folder]);
}

/** Fills the file system of a file with it, to the last byte. */
export function fillDisk(file: string): void {
  const handle = openSync(file, "w");
  try {
    for (let size = 1 << 20; size >= 1; size >>= 1) fillBy(handle, size);
  } finally {
    closeSync(handle);
  }
}

function fillBy(handle: number, size: number): void {
  const block = Buffer.alloc(size, 1);
  try {
    for (;;) writeSync(handle, block);
  } catch (error) {
    if (codeOf(error) !== "ENOSPC") throw error;
  }
}

function canMount(): boolean {
  if (process.getuid?.() !== 0) return false;
  try {
    // In a namespace of its own, which goes with the command.
    execFileSync("unshare", ["--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** What these need. */
export const mounts = need("leave to mount file systems (root)", canMount());
