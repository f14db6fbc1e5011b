// Python's openvino_genai of the version that we load.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheDir } from "../../dist/cache/cache.js";
import { RUNTIME_VERSION } from "../../dist/runtime/pins.js";

const run = promisify(execFile);

/**
 * The Python to start and the environment in which `import openvino_genai` works, or why there is none.
 * @returns {Promise<{ python: string, env: NodeJS.ProcessEnv } | { missing: string }>}
 */
export async function findPythonGenai() {
  const site = join(cacheDir(), "oracle", RUNTIME_VERSION);
  if (!existsSync(site)) {
    return {
      missing: `its wheels are not in ${site}; this unpacks them: npx vitest run test/native/oracle.test.ts`,
    };
  }
  const python = await findPython311();
  if (python === null) return { missing: "there is no Python 3.11 on PATH" };
  const env = { ...process.env, PYTHONPATH: site, PYTHONNOUSERSITE: "1", PYTHONDONTWRITEBYTECODE: "1" };
  return { python, env };
}

/** The wheels are built for it. */
async function findPython311() {
  for (const command of ["python3.11", "python3", "python"]) {
    const answer = await run(command, ["-c", "import sys; print(*sys.version_info[:2])"]).catch(() => null);
    if (answer?.stdout.trim() === "3 11") return command;
  }
  return null;
}
