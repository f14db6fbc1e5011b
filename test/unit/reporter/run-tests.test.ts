import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { beforeEach, expect, test, vi } from "vitest";
import { temporaryFolder } from "../../helpers/chain.js";
import { runNode, type Ended } from "../../helpers/run-node.js";

// vitest itself, on small files of tests: what it reports of those that were skipped, crashed and could not be loaded.

vi.setConfig({ testTimeout: 120_000 });

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const HELPERS = pathToFileURL(join(ROOT, "test", "helpers", "needs.ts")).href;

let folder: string;
beforeEach(async () => {
  folder = temporaryFolder();
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  await writeFile(join(folder, "vitest.config.mjs"), 'export default { test: { pool: "forks" } };');
});

/** Runs files of tests, which get what they need from vitest and from our helper. */
async function run(files: Readonly<Record<string, string>>, ...args: string[]): Promise<Ended> {
  const imports = `
    import { afterAll, beforeAll, describe, expect, test } from "vitest";
    import { demand, given, need } from ${JSON.stringify(HELPERS)};`;
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, `${name}.test.mjs`), imports + text);
  }
  const program = `
    import { runTests } from ${JSON.stringify(pathToFileURL(join(ROOT, "scripts", "run-tests.mjs")).href)};
    process.exitCode = await runTests(["--root", ${JSON.stringify(folder)}, ...${JSON.stringify(args)}]);`;
  return runNode(["--input-type=module", "-e", program]);
}

/** What comes behind the line about the CPU. */
function closing({ stdout }: Ended): string[] {
  const lines = stdout.trimEnd().split("\n");
  const cpu = lines.findLastIndex((line) => /^CPU: .+; AVX-512 (yes|no), .*AMX (yes|no)$/.test(line));
  expect(cpu, stdout).not.toBe(-1);
  return lines.slice(cpu + 1);
}

test("reasons of skipped tests come through, whichever way they are given", async () => {
  const ended = await run({
    skips: `
      const moon = need("the moon", false);
      test("passes", given(need("Node", true)), () => {});
      test("one", given(moon), () => {});
      test.each([1, 2])("%d", given(moon), () => {});
      describe("several", given(moon, need("the sun", false)), () => {
        test("a", () => {});
        test("b", { timeout: 5 }, () => {});
      });
      test("later", (context) => demand(context, moon));
      test("in vitest's own way", ({ skip }) => skip("not today"));
      test.skip("without a word", () => {});
      test.todo("some day");`,
  });
  expect(closing(ended)).toEqual([
    "Skipped for want of the moon: 4",
    "Skipped for want of the moon and the sun: 2",
    "Skipped, not today: 1",
    "Skipped without a reason: 2",
    "1 passed, 0 failed, 9 skipped",
  ]);
  expect(ended.code).toBe(0);
});

test("what could not run is a failure: files, crashed processes, hooks, errors outside of tests", async () => {
  const ended = await run({
    broken: 'import "./nothing.mjs"; test("never", () => {});',
    crashing: `
      test("ends the process", () => process.kill(process.pid, "SIGSEGV"));
      test("does not begin", () => {});`,
    dead: 'process.kill(process.pid, "SIGSEGV"); test("never", () => {});',
    hooks: `
      describe("before", () => {
        beforeAll(() => { throw new Error("before"); });
        test("a", () => {});
        test("b", () => {});
      });
      test("passes", () => {});`,
    afterwards: 'afterAll(() => { throw new Error("afterwards"); }); test("passes", () => {});',
    rejection: 'test("passes", () => void Promise.reject(new Error("nobody hears")));',
    good: 'test("passes", () => {}); test("fails", () => expect(1).toBe(2));',
  });
  expect(closing(ended)).toEqual(["4 passed, 9 failed, 0 skipped"]);
  expect(ended.code).toBe(1);
});

test("a run that vitest cannot begin has no counts and its exit code", async () => {
  const ended = await run({}, "--no-such-option");
  expect(ended.stdout).toMatch(/No test was run\.\n0 passed, 0 failed, 0 skipped\n$/);
  expect(ended.code).toBe(1);
});
