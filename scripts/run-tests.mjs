// Runs vitest and ends with lines of our own: the CPU, what was skipped for want of what, and as the last one how many
// tests passed, failed and were skipped.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { showTool } from "./run-tool.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const VITEST = join(root, "node_modules", "vitest", "vitest.mjs");
const REPORTERS = ["default", join(root, "test", "reporter", "closing-reporter.ts")];

/** What stands at the end where no test was run. */
export const NO_TESTS = "No test was run.\n0 passed, 0 failed, 0 skipped\n";

/**
 * Runs `vitest run`.
 * @param {string[]} args vitest's
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<number>} its exit code
 */
export async function runTests(args, env = process.env) {
  const folder = await mkdtemp(join(tmpdir(), "openvino-llm-tests-"));
  const lines = join(folder, "closing-lines");
  try {
    const reporters = REPORTERS.map((reporter) => `--reporter=${reporter}`);
    const code = await showTool(process.execPath, [VITEST, "run", ...reporters, ...args], {
      env: { ...env, OPENVINO_LLM_CLOSING_LINES: lines },
    });
    process.stdout.write(await readFile(lines, "utf8").catch(() => NO_TESTS));
    return code;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
