import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { codeOf } from "../../lib/errors/errors.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

it("a code is read of errors of every realm, and of nothing else", () => {
  expect(codeOf(Object.assign(new Error(), { code: "ENOENT" }))).toBe("ENOENT");
  expect(codeOf({ code: "ENOENT" })).toBe("ENOENT");
  for (const nothing of [null, undefined, "ENOENT", {}, { code: 1 }, new Error()])
    expect(codeOf(nothing)).toBe(undefined);
});

it("a model is found and answers where Node's own errors are of another realm", async () => {
  // vitest's own pool of node:vm contexts, as Jest has them.
  const vitest = join(ROOT, "node_modules", "vitest", "vitest.mjs");
  const args = ["run", "--pool", "vmThreads", "--project", "native", "--reporter", "json"];
  const tests = ["test/native/text-generator.test.ts", "-t", "wait in order"];
  const { stdout } = await promisify(execFile)(process.execPath, [vitest, ...args, ...tests], { cwd: ROOT });
  expect(JSON.parse(stdout)).toMatchObject({ success: true, numPassedTests: 2, numFailedTests: 0 });
});
