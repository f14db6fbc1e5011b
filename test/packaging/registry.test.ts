import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DoctorReport } from "../../lib/doctor/report.js";
import { RUNTIME_PACKAGE } from "../../lib/runtime/pins.js";
import { npmTools } from "../../scripts/tools.mjs";
import { nodeBinary, NODE_VERSIONS } from "../helpers/node-versions.js";
import { npmCli } from "../helpers/npm.js";
import { startRegistry, type Registry } from "../helpers/registry.js";
import { runProgram } from "../helpers/run-node.js";
import { expectInertManifest, expectLicences, expectPinnedLibraries } from "./installed-runtime.js";
import { PACKAGE_FOLDERS, ROOT } from "./packed-app.js";

// What a user has who has Node and npm alone: an empty folder and an empty home, no Python, no compiler, no install scripts.
// The packages come from a real registry, each with its real files. BENCH_ON_EVERY_NODE=1 runs the benchmark on all versions.

const run = promisify(execFile);
const MODEL = "smollm2-135m-instruct";

let folder: string;
/** In the order in which they are to be published. */
let tarballs: string[];
let registry: Registry;
let readme: string;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "openvino-llm-registry-")));
  const destination = join(folder, "tarballs");
  await mkdir(destination);
  const pack = ["run", "--silent", "pack:release", "--", "--pack-destination", destination];
  const env = { ...process.env, GITHUB_SERVER_URL: "https://git.example", GITHUB_REPOSITORY: "owner/name" };
  const { stdout } = await run(process.execPath, [await npmCli(), ...pack], { cwd: ROOT, env });
  tarballs = stdout.trim().split("\n");
  await mkdir(join(folder, "registry"));
  registry = await startRegistry(join(folder, "registry"));
  expect(await publishNew()).toBe(0);
  readme = await readFile(join(ROOT, "README.md"), "utf8");
}, 600_000);
afterAll(async () => {
  await registry.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Runs the lines of the workflow that publish what is new, without what only its own place can give. */
async function publishNew(): Promise<number> {
  const workflow = await readFile(join(ROOT, ".github/workflows/publish.yml"), "utf8");
  const [, lines] = /name: Publish what is new.*?run: \|\n(.*)$/s.exec(workflow) ?? [];
  if (lines === undefined) throw new Error("The workflow has no step that publishes what is new");
  const { code, stdout, stderr } = await runProgram("sh", ["-e", "-c", lines.replace(" --provenance", "")], {
    cwd: dirname(tarballs[0] ?? ""),
    env: registry.env,
  });
  if (code !== 0) throw new Error(stdout + stderr);
  return stdout.split("\n").filter((line) => line.endsWith(" is there already")).length;
}

/** A machine with Node and npm. */
interface Machine {
  /** An empty folder at first. */
  readonly app: string;
  readonly home: string;
  /** Runs a line as a shell does. */
  readonly sh: (line: string, stdin?: string) => ReturnType<typeof runProgram>;
}

async function machine(name: string, node = process.execPath): Promise<Machine> {
  const [app, home, bin] = ["app", "home", "bin"].map((part) => join(folder, name, part)) as [
    string,
    string,
    string,
  ];
  for (const dir of [app, home, bin]) await mkdir(dir, { recursive: true });
  const npm = await npmCli();
  await symlink(node, join(bin, "node"));
  await symlink("/bin/sh", join(bin, "sh"));
  await symlink(npm, join(bin, "npm"));
  await symlink(join(dirname(npm), "npx-cli.js"), join(bin, "npx"));
  const env = {
    ...Object.fromEntries(Object.keys(process.env).map((key) => [key, undefined])),
    PATH: bin,
    HOME: home,
    npm_config_registry: registry.url,
    npm_config_ignore_scripts: "true",
    npm_config_audit: "false",
    npm_config_fund: "false",
    npm_config_update_notifier: "false",
  };
  return {
    app,
    home,
    sh: (line, stdin = "") => runProgram("/bin/sh", ["-c", line], { cwd: app, env, stdin }),
  };
}

/** The line of the README that begins so. */
function readmeLine(start: string): string {
  const line = readme.split("\n").find((text) => text.startsWith(start));
  if (line === undefined) throw new Error(`README.md has no line that begins with ${start}`);
  return line.replace(/\s+#.*/, "");
}

/** The program of "Ten lines". */
function tenLines(): string {
  const [, program] = /## Ten lines\n+```js\n(.*?)```/s.exec(readme) ?? [];
  if (program === undefined) throw new Error("README.md has no program under 'Ten lines'");
  return program;
}

/** Folders of the packages, in the order of {@link tarballs}. */
const PUBLISHED = [
  "packages/runtime-linux-x64",
  "packages/model-smollm2-135m-instruct",
  ".",
  "packages/bench",
  "packages/model-tools",
  "packages/server",
  "packages/langchain",
  "packages/ai-sdk",
];

/** The package.json in a tarball. */
async function manifestIn(tarball: string): Promise<Record<string, unknown>> {
  const { stdout } = await run("tar", ["-xzOf", tarball, "package/package.json"]);
  return JSON.parse(stdout) as Record<string, unknown>;
}

test("the workflow publishes a version once", async () => {
  expect(await publishNew()).toBe(tarballs.length);
});

describe("every tarball", () => {
  test("comes after those that it depends on, and has its checksum", async () => {
    const published = new Set<string>();
    for (const tarball of tarballs) {
      const { name, dependencies, optionalDependencies } = await manifestIn(tarball);
      const needed = Object.keys({ ...(dependencies as object), ...(optionalDependencies as object) });
      for (const other of needed.filter((key) => key.startsWith("openvino-llm"))) {
        expect(published).toContain(other);
      }
      published.add(name as string);
    }
    expect(published.size).toBe(PACKAGE_FOLDERS.length);
    const cwd = dirname(tarballs[0] ?? "");
    const { stdout } = await run("sha256sum", ["--check", "--strict", "SHA256SUMS"], { cwd });
    expect(stdout).toBe(tarballs.map((tarball) => `${basename(tarball)}: OK\n`).join(""));
  });

  test("says where its sources are, as provenance has to find it, and may be published", async () => {
    for (const [index, folder] of PUBLISHED.entries()) {
      const manifest = await manifestIn(tarballs[index] ?? "");
      expect(manifest).not.toHaveProperty("private");
      expect(manifest).toMatchObject({
        repository: { type: "git", url: "git+https://git.example/owner/name.git" },
        homepage: "https://git.example/owner/name#readme",
        bugs: { url: "https://git.example/owner/name/issues" },
        license: expect.any(String) as string,
      });
      expect(folder).toBe((manifest["repository"] as { directory?: string }).directory ?? ".");
      expect((manifest["keywords"] as string[]).length).toBeGreaterThan(3);
    }
  });

  test("passes publint, and are-the-types-wrong where it has types", async () => {
    const tools = join(await npmTools(join(ROOT, "scripts/package-tools")), "node_modules");
    const publint = join(tools, "publint/src/cli.js");
    const attw = join(tools, "@arethetypeswrong/cli/dist/index.js");
    for (const tarball of tarballs) {
      const linted = await runProgram(process.execPath, [publint, "run", tarball, "--strict"]);
      expect(linted, linted.stdout).toMatchObject({ code: 0 });
      if (!("types" in (await manifestIn(tarball)))) continue;
      // What our packages import of each other; they are ES modules.
      const own = ["--exclude-entrypoints", "internal", "command", "inspection-page"];
      const typed = await runProgram(process.execPath, [attw, tarball, "--format", "ascii", ...own]);
      expect(typed.stdout).toContain("No problems found");
    }
  });
});

describe.each(["running", ...Object.keys(NODE_VERSIONS)])("on Node %s", (major) => {
  test("the README's lines, the doctor and the benchmark work with npm alone", async () => {
    const node = major === "running" ? process.execPath : await nodeBinary(Number(major) as 22 | 24);
    const { app, home, sh } = await machine(`node-${major}`, node);
    expect(await sh(readmeLine("npm install openvino-llm "))).toMatchObject({ code: 0 });
    const runtime = join(app, "node_modules", RUNTIME_PACKAGE);
    const model = join(app, "node_modules", `openvino-llm-model-${MODEL}`);
    expect((await readdir(model)).toSorted()).toEqual([
      "LICENSE",
      "NOTICE",
      "README.md",
      "model",
      "package.json",
    ]);
    await writeFile(join(app, "hello.mjs"), tenLines());
    const before = (await readdir(join(app, "node_modules"), { recursive: true })).toSorted();
    const hello = await sh("node hello.mjs");
    expect(hello).toMatchObject({ code: 0, stderr: "", stdout: expect.stringContaining("Paris") as string });

    const doctor = await sh("npx openvino-llm doctor --json");
    const report = JSON.parse(doctor.stdout) as DoctorReport;
    expect(report.checks.filter(({ status }) => status === "fail")).toEqual([]);
    expect(report.runtime).toMatchObject({
      source: "package",
      dir: join(runtime, "lib"),
    });
    expect(report.cache.models).toMatchObject([{ name: MODEL, dir: join(model, "model") }]);
    // A model from npm is loaded where it lies: nothing is converted, and nothing is written beside it.
    expect((await readdir(join(app, "node_modules"), { recursive: true })).toSorted()).toEqual(before);
    const cached = await readdir(join(home, ".cache", "openvino-llm")).catch(() => []);
    expect(cached.filter((name) => name !== "hashes")).toEqual([]);

    if (major !== "running" && process.env["BENCH_ON_EVERY_NODE"] === undefined) return;
    expect(await sh("npm install openvino-llm-bench")).toMatchObject({ code: 0 });
    const bench = await sh(`npx openvino-llm-bench ${MODEL} --quick --out results`);
    expect(bench.code, bench.stderr).toBe(0);
    expect(await readFile(join(app, "results", "report.html"), "utf8")).toContain("<svg");
  });
});

test("the runtime's package has the pinned libraries and their licences, and runs nothing", async () => {
  const { app, sh } = await machine("runtime");
  expect(await sh(`npm install ${RUNTIME_PACKAGE}`)).toMatchObject({ code: 0 });
  const dir = join(app, "node_modules", RUNTIME_PACKAGE);
  await expectPinnedLibraries(dir);
  await expectLicences(dir);
  await expectInertManifest(dir);
});

test("npx chats with npm alone, in an empty folder", async () => {
  const { app, sh } = await machine("npx");
  const chat = await sh(
    readmeLine("npx -p openvino-llm ").replace("npx", "npx --yes"),
    "What is the capital of France?\n",
  );
  expect(chat.code, chat.stderr).toBe(0);
  expect(chat.stdout).toContain("Paris");
  expect(await readdir(app)).toEqual([]);
});

describe("what is missing is reported with the command that brings it", () => {
  /** The command in "Get it with: npm … (or, …)". */
  const cureIn = (text: string): string => /Get it with: (npm .*?) \(or, /.exec(text)?.[1] ?? "";

  test("where npm left the runtime out, and where there is no model", async () => {
    const { app, sh } = await machine("omitted");
    await writeFile(join(app, "hello.mjs"), tenLines());
    expect(await sh("npm install --omit=optional openvino-llm")).toMatchObject({ code: 0 });
    const withoutRuntime = await sh("node hello.mjs");
    expect(withoutRuntime.code).toBe(1);
    expect(withoutRuntime.stderr).toContain("code: 'ERR_RUNTIME_NOT_FOUND'");
    expect(withoutRuntime.stderr).toContain(`the package ${RUNTIME_PACKAGE} is not installed`);
    expect(cureIn(withoutRuntime.stderr)).toBe("npm install --include=optional");
    const doctor = JSON.parse((await sh("npx openvino-llm doctor --json")).stdout) as DoctorReport;
    const cureOf = (name: string) => doctor.checks.find((check) => check.name === name)?.cure;
    expect(cureOf("runtime")).toContain(cureIn(withoutRuntime.stderr));
    expect(await sh(cureIn(withoutRuntime.stderr))).toMatchObject({ code: 0 });

    const withoutModel = await sh("node hello.mjs");
    expect(withoutModel.code).toBe(1);
    expect(withoutModel.stderr).toContain("code: 'ERR_MODEL_NOT_FOUND'");
    expect(cureIn(withoutModel.stderr)).toBe(`npm install openvino-llm-model-${MODEL}`);
    expect(cureOf("model")).toContain(cureIn(withoutModel.stderr));
    expect(await sh(cureIn(withoutModel.stderr))).toMatchObject({ code: 0 });
    const stdout: unknown = expect.stringContaining(MODEL);
    expect(await sh("npx openvino-llm models list")).toMatchObject({ code: 0, stdout });
  });

  test("npm brings no runtime to another C library", async () => {
    const { app, sh } = await machine("musl");
    expect(await sh("npm install --libc=musl openvino-llm")).toMatchObject({ code: 0 });
    expect(await readdir(join(app, "node_modules"))).not.toContain(RUNTIME_PACKAGE);
  });

  test("another processor is refused by npm, and by the library where npm was forced", async () => {
    const { app, sh } = await machine("arm");
    const arm = join(folder, "arm.cjs");
    await writeFile(arm, 'Object.defineProperty(process, "arch", { value: "arm64" });');
    const asArm = `NODE_OPTIONS="--require ${arm}"`;
    const refused = await sh(`${asArm} npm install openvino-llm`);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toMatch(/EBADPLATFORM[^]*openvino-llm@/);
    expect(await sh(`${asArm} npm install --force openvino-llm`)).toMatchObject({ code: 0 });
    await writeFile(join(app, "hello.mjs"), tenLines());
    const { code, stderr } = await sh(`${asArm} node hello.mjs`);
    expect(code).toBe(1);
    expect(stderr).toContain("code: 'ERR_PLATFORM'");
    expect(stderr).toMatch(/this is linux-arm64 .* docker run .*--platform linux\/amd64 /);
  });
});
