import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { PinnedWheel } from "../../lib/download/wheels.js";

/** Writes a real wheel that pip accepts into `dir`, for tests that need pip but no network. */
export async function writeTinyWheel(dir: string): Promise<PinnedWheel & { path: string }> {
  const file = "tiny_wheel_for_tests-1.0-py3-none-any.whl";
  const info = "tiny_wheel_for_tests-1.0.dist-info";
  await mkdir(join(dir, info), { recursive: true });
  await writeFile(join(dir, "tiny.txt"), "hello\n");
  await writeFile(
    join(dir, info, "METADATA"),
    "Metadata-Version: 2.1\nName: tiny-wheel-for-tests\nVersion: 1.0\n",
  );
  await writeFile(join(dir, info, "WHEEL"), "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n");
  await writeFile(join(dir, info, "RECORD"), "");
  await promisify(execFile)("python3", ["-m", "zipfile", "-c", file, "tiny.txt", `${info}/`], { cwd: dir });
  const path = join(dir, file);
  const sha256 = createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
  return { requirement: "tiny-wheel-for-tests==1.0", file, sha256, path };
}
