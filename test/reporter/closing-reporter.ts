import { readFileSync, writeFileSync } from "node:fs";
import type { Reporter, SerializedError, TestCase, TestModule, Vitest } from "vitest/node";
import { parseCpuInfo } from "../../lib/host/cpu-info.js";
import { flagsFromKernel } from "../../lib/host/kernels/instruction-sets.js";

import { closingLines } from "./closing-lines.js";
import { countTests, type FileSeen, type TestSeen } from "./count-tests.js";

/**
 * Writes the last lines of a run for scripts/run-tests.mjs, to the file that OPENVINO_LLM_CLOSING_LINES names; after each
 * file of tests, so that they are there when vitest itself does not come to its end.
 */
export default class ClosingReporter implements Reporter {
  readonly #path = process.env["OPENVINO_LLM_CLOSING_LINES"];
  #vitest: Vitest | null = null;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestModuleEnd(): void {
    this.#write(this.#vitest?.state.getTestModules() ?? [], 0, false);
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    this.#write(modules, unhandledErrors.length, true);
  }

  #write(modules: readonly TestModule[], unhandledErrors: number, isComplete: boolean): void {
    if (this.#path === undefined) return;
    const { model, flags } = parseCpuInfo(readFileSync("/proc/cpuinfo", "utf8"));
    const counts = countTests(modules.map(fileOf), unhandledErrors);
    const lines = closingLines(counts, { model, flags: flagsFromKernel(flags) }, isComplete);
    writeFileSync(this.#path, `${lines.join("\n")}\n`);
  }
}

function fileOf(file: TestModule): FileSeen {
  const suites = [...file.children.allSuites()];
  return {
    hasEnded: !["pending", "queued"].includes(file.state()),
    errors: [file, ...suites].reduce((sum, suite) => sum + suite.errors().length, 0),
    tests: [...file.children.allTests()].map(testOf),
  };
}

function testOf(test: TestCase): TestSeen {
  const result = test.result();
  return {
    state: result.state,
    isMeant: test.options.mode === "run" || test.options.mode === "only",
    missing: test.meta().missing ?? null,
    note: (result.state === "skipped" ? result.note : undefined) ?? null,
  };
}
