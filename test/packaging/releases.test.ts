import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { RUNTIME_PACKAGE, RUNTIME_VERSION } from "../../lib/runtime/pins.js";
import { runNode } from "../helpers/run-node.js";
import { PACKAGE_FOLDERS, ROOT } from "./packed-app.js";

const run = promisify(execFile);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "openvino-llm-releases-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function json<T>(...path: string[]): Promise<T> {
  return JSON.parse(await readFile(join(...path), "utf8")) as T;
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

test("a changeset makes the versions, the changelogs in its words, and the lock file", async () => {
  // What changesets reads and writes, as a repository of its own.
  for (const path of [".changeset/config.json", "package.json", "package-lock.json", "CHANGELOG.md"]) {
    await cp(join(ROOT, path), join(folder, path));
  }
  for (const name of await readdir(join(ROOT, "packages"))) {
    for (const file of await readdir(join(ROOT, "packages", name))) {
      if (/^(?:package\.json|CHANGELOG\.md)$/.test(file)) {
        await cp(join(ROOT, "packages", name, file), join(folder, "packages", name, file));
      }
    }
  }
  const git = ["-c", "user.name=t", "-c", "user.email=t@example.com"];
  await run("git", ["init", "--quiet", "--initial-branch=main"], { cwd: folder });
  await run("git", ["add", "."], { cwd: folder });
  await run("git", [...git, "commit", "--quiet", "--message", "before"], { cwd: folder });
  const before = await json<Manifest>(folder, "package.json");

  const words = "`load()` says how long it took.";
  const changeset = '---\n"openvino-llm": minor\n"openvino-llm-model-smollm2-135m-instruct": patch\n---\n\n';
  await writeFile(join(folder, ".changeset", "load.md"), `${changeset}${words}\n`);
  const { code, stdout, stderr } = await runNode([join(ROOT, "scripts/changeset.mjs"), "version"], {
    cwd: folder,
  });
  expect(code, stdout + stderr).toBe(0);

  const [major = "", minor = ""] = before.version.split(".");
  const next = `${major}.${Number(minor) + 1}.0`;
  const library = await json<Manifest>(folder, "package.json");
  expect(library.version).toBe(next);
  expect((await readFile(join(folder, "CHANGELOG.md"), "utf8")).split("\n").slice(0, 7)).toEqual([
    "# Changelog",
    "",
    `## ${next}`,
    "",
    "### Minor Changes",
    "",
    `- ${words}`,
  ]);
  // The packages with code go together.
  for (const name of ["bench", "model-tools", "server"]) {
    const manifest = await json<Manifest>(folder, "packages", name, "package.json");
    expect(manifest).toMatchObject({ version: next, dependencies: { "openvino-llm": `^${next}` } });
    expect(await readFile(join(folder, "packages", name, "CHANGELOG.md"), "utf8")).toContain(`## ${next}`);
  }
  // What plugs into an app takes the library that the app has, and a new version is not another one's.
  for (const name of ["langchain", "ai-sdk"]) {
    const adapter = await json<Manifest>(folder, `packages/${name}/package.json`);
    expect(adapter).toMatchObject({ version: next, peerDependencies: { "openvino-llm": ">=0.1.0 <1" } });
  }
  // Those with files alone have versions of their own.
  const model = await json<Manifest>(folder, "packages/model-smollm2-135m-instruct/package.json");
  const { version } = await json<Manifest>(ROOT, "packages/model-smollm2-135m-instruct/package.json");
  expect(model.version).toBe(version.replace(/\d+$/, (patch) => String(Number(patch) + 1)));
  const runtime = await json<Manifest>(folder, "packages/runtime-linux-x64/package.json");
  expect(runtime.version).toBe(RUNTIME_VERSION);
  expect(library.optionalDependencies).toEqual({ [RUNTIME_PACKAGE]: RUNTIME_VERSION });
  const { packages } = await json<{ packages: Record<string, Manifest> }>(folder, "package-lock.json");
  for (const path of PACKAGE_FOLDERS) {
    const manifest = await json<Manifest>(folder, path, "package.json");
    expect(packages[path === "." ? "" : path]?.version).toBe(manifest.version);
  }
  expect(await readdir(join(folder, ".changeset"))).toEqual(["config.json"]);
});

test("nothing is published but what was packed for it, which has to know where the sources are", async () => {
  const env = { GITHUB_SERVER_URL: undefined, GITHUB_REPOSITORY: undefined };
  const pack = [join(ROOT, "scripts/pack-release.mjs"), "--pack-destination", folder];
  const refused = await runNode(pack, { env });
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toContain("Expected GITHUB_SERVER_URL and GITHUB_REPOSITORY");
  expect(await readdir(folder)).toEqual([]);
  for (const path of PACKAGE_FOLDERS) {
    const manifest = await json<Manifest>(ROOT, path, "package.json");
    expect(manifest.private, path).toBe(true);
    // No address that nobody knows stands in the repository.
    for (const key of ["repository", "homepage", "bugs"]) expect(manifest).not.toHaveProperty(key);
  }
});
