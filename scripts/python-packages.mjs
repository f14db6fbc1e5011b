// Python programs for tests and trials: what a requirements file pins by hash, installed with pip into the cache, once
// for each Python. No virtual environment is needed, which not every Python can make.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheDir, makeEntry } from "../dist/cache/cache.js";
import { findPython } from "../dist/download/python.js";

const run = promisify(execFile);
/** Those that the requirements files have hashes for. */
const VERSIONS = new Set(["3.11", "3.12", "3.13"]);

/** The Python to start and the environment in which it finds the packages; rejects with why they cannot be had. */
export async function pythonPackages(requirements) {
  const python = await findPython();
  const asked = await run(python, ["-I", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]);
  const version = asked.stdout.trim();
  if (!VERSIONS.has(version)) throw new Error(`Expected Python ${[...VERSIONS].join(", ")}, not ${version}.`);
  const hash = createHash("sha256").update(await readFile(requirements));
  const folder = join(cacheDir(), "tools", `python-${version}-${hash.digest("hex").slice(0, 16)}`);
  await makeEntry(folder, async (tmp) => {
    const pip = "-m pip install --quiet --no-input --disable-pip-version-check --no-compile".split(" ");
    const exactly = "--require-hashes --no-deps --only-binary :all:".split(" ");
    await run(python, [...pip, ...exactly, "--target", tmp, "--requirement", requirements], { cwd: tmp });
  });
  const env = { PYTHONPATH: folder, PYTHONNOUSERSITE: "1", PYTHONDONTWRITEBYTECODE: "1" };
  return { python, env };
}
