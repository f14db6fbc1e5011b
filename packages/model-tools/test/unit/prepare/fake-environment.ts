import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { PYTHON_FOLDER } from "../../../lib/prepare/python-folder.js";

const FAKE = fileURLToPath(new URL("fake-exporter.py", import.meta.url));

/** Puts a small program into the place of the environment that takes gigabytes, in a cache folder. */
export async function fakeEnvironment(cache: string): Promise<void> {
  const hash = createHash("sha256")
    .update(await readFile(`${PYTHON_FOLDER}requirements.txt`))
    .digest("hex");
  const environment = join(cache, "venv", hash.slice(0, 16));
  const python = join(environment, "bin", "python");
  await mkdir(dirname(python), { recursive: true });
  // Started as Python itself (-I), it is Python.
  const start = `case "$1" in -I) exec python3 "$@";; esac\nexec python3 ${FAKE} "$@"\n`;
  await writeFile(python, `#!/bin/sh\n${start}`);
  await chmod(python, 0o755);
  await writeFile(join(environment, "environment.json"), '{"tools":{"optimum-intel":"2.2.0"}}');
}

/** Where the fake exporter stops half way (`FAKE_GATE`): a named pipe. */
export async function makeGate(path: string): Promise<{ readonly path: string; open(): Promise<void> }> {
  await promisify(execFile)("mkfifo", [path]);
  return { path, open: () => writeFile(path, "go on") };
}
