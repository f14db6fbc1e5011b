/** Python's own openvino_genai of the same wheels, to compare with. It needs Python 3.11: the wheels are built for it. */

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheDir, makeEntry } from "../../lib/cache/cache.js";
import { unzipWheel } from "../../lib/download/python.js";
import { RUNTIME_VERSION, RUNTIME_WHEELS } from "../../lib/runtime/pins.js";
import { fetchWheel } from "../../lib/download/wheels.js";
import { NUMPY } from "../../scripts/template-comparison/wheels.mjs";
import { need, type Need } from "./needs.js";

/** A Python in which `import openvino_genai` works. */
export interface Oracle {
  python: string;
  /** The folder on PYTHONPATH: the wheels, unpacked. */
  site: string;
  /** Runs a program and gives what it printed; rejects when it fails. */
  run(program: string, args?: string[]): Promise<string>;
}

/** Why there is none. */
export interface NoOracle {
  reason: string;
}

/** What the tests that ask it need. */
export function oracleNeed(oracle: Oracle | NoOracle): Need {
  return need("Python 3.11", !("reason" in oracle));
}

/** Finds Python 3.11 and unpacks the wheels to <cache>/oracle, once. */
export async function findOracle(): Promise<Oracle | NoOracle> {
  const python = await findPython311();
  if (python === null)
    return { reason: "the comparison with Python's openvino_genai needs Python 3.11 on PATH" };
  const site = join(cacheDir(), "oracle", RUNTIME_VERSION);
  await makeEntry(site, async (tmp) => {
    for (const wheel of [...Object.values(RUNTIME_WHEELS), NUMPY])
      await unzipWheel(await fetchWheel(wheel), tmp);
  });
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    PYTHONPATH: site,
    PYTHONNOUSERSITE: "1",
    PYTHONDONTWRITEBYTECODE: "1",
  };
  delete env["LD_PRELOAD"]; // a sanitizer is for our code, and some of these programs fail on purpose
  const run = async (program: string, args: string[] = []) => {
    const { stdout } = await promisify(execFile)(python, ["-c", program, ...args], {
      env,
      maxBuffer: 1 << 26,
    });
    return stdout;
  };
  return { python, site, run };
}

export async function findPython311(): Promise<string | null> {
  for (const command of ["python3.11", "python3", "python"]) {
    const program = "import sys; print(*sys.version_info[:2], sys.implementation.name)";
    const answer = await promisify(execFile)(command, ["-c", program]).catch(() => null);
    if (answer?.stdout.trim() === "3 11 cpython") return command;
  }
  return null;
}
