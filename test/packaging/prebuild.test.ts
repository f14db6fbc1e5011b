import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, readdir, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CHAIN_TEXT, writeChainModel } from "../../lib/models/gguf/chain-model.js";
import { locateRuntime } from "../../lib/runtime/locate.js";
import { RUNTIME_VERSION } from "../../lib/runtime/pins.js";

// What a user of the published package has: the tarball, Node, npm, and the runtime; no compiler, no CMake, no Python.

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const run = promisify(execFile);

let folder: string;
let app: string;
let installed: string;
let model: string;
let tarballFiles: string[];
/** PATH has only node and sh; the cache is empty. */
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "openvino-llm-packaging-")));
  const npm = await npmCli();
  await run(process.execPath, [npm, "run", "prebuild"], { cwd: root });

  // All dependencies are packed from node_modules, so that the installation needs no network.
  const dependencies = await runtimeDependencies();
  const args = [npm, "pack", "--json", "--ignore-scripts", "--pack-destination", folder];
  const { stdout } = await run(process.execPath, [...args, root, ...dependencies], {
    cwd: root,
    maxBuffer: 2 ** 26,
  });
  const [own, ...others] = JSON.parse(stdout) as Array<{ filename: string; files: Array<{ path: string }> }>;
  if (own === undefined) throw new Error(`npm pack said: ${stdout}`);
  tarballFiles = own.files.map((file) => file.path);
  const overrides: Overrides = {};
  for (const [index, { filename }] of others.entries()) {
    override(overrides, dependencies[index] ?? "", `file:${join(folder, filename)}`);
  }

  const bin = join(folder, "bin");
  await mkdir(bin);
  await symlink(process.execPath, join(bin, "node"));
  await symlink("/bin/sh", join(bin, "sh"));
  env = { PATH: bin, HOME: folder, OPENVINO_LLM_CACHE: join(folder, "cache") };

  app = join(folder, "an app");
  await mkdir(app);
  const manifest = { name: "app", version: "1.0.0", private: true, type: "module", overrides };
  await writeFile(join(app, "package.json"), JSON.stringify(manifest));
  const install = [npm, "install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund"];
  await run(process.execPath, [...install, join(folder, own.filename)], { cwd: app, env });
  model = join(folder, "chain.gguf");
  await writeChainModel(model);
  installed = join(app, "node_modules", "openvino-llm");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Folders below the root of what the lock file has for users. */
async function runtimeDependencies(): Promise<string[]> {
  const { packages } = JSON.parse(await readFile(join(root, "package-lock.json"), "utf8")) as {
    packages: Record<string, { dev?: boolean; optional?: boolean }>;
  };
  return Object.entries(packages)
    .filter(([folder, { dev, optional }]) => folder !== "" && dev !== true && optional !== true)
    .map(([folder]) => `./${folder}`);
}

/** npm's form: where a package comes from, by its name, and below that what it has for itself alone. */
interface Overrides {
  [name: string]: string | Overrides;
}

function override(overrides: Overrides, dependency: string, tarball: string): void {
  const names = dependency.split("node_modules/").slice(1);
  let level = overrides;
  for (const name of names) level = (level[name.replace(/\/$/, "")] ??= {}) as Overrides;
  level["."] = tarball;
}

async function npmCli(): Promise<string> {
  const path = process.env["npm_execpath"];
  return path?.endsWith(".js") ? path : realpath((await run("sh", ["-c", "command -v npm"])).stdout.trim());
}

async function runInApp(script: string, more: NodeJS.ProcessEnv = {}): Promise<unknown> {
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", script], {
    cwd: app,
    env: { ...env, ...more },
  });
  return JSON.parse(stdout);
}

test("the tarball holds what runs, what builds it and its licence, and nothing else", () => {
  const texts = ["CHANGELOG.md", "LICENSE", "NOTICE", "README.md", "SECURITY.md", "package.json"];
  const build = ["CMakeLists.txt", "binding.gyp", "native", "scripts"];
  const tops = new Set(tarballFiles.map((path) => path.split("/")[0]));
  expect(tops).toEqual(new Set([...texts, ...build, "dist", "docs", "lib", "prebuilds", "types"]));
  expect(tarballFiles.filter((path) => path.startsWith("docs/") && !/^docs\/[^/]+\.md$/.test(path))).toEqual(
    [],
  );
  expect(tarballFiles.filter((path) => path.startsWith("prebuilds/")).toSorted()).toEqual([
    "prebuilds/linux-x64/libopenvino_llm_core.so",
    "prebuilds/linux-x64/openvino-llm.node",
  ]);
  // What runs in Python: the exporter, and what ends it with its parent.
  const programs = /^lib\/(?:download|models\/prepare)\/python\/[^/]+\.(?:py|txt)$/;
  const sources = tarballFiles.filter((path) => path.startsWith("lib/"));
  expect(sources.filter((path) => !programs.test(path))).toEqual([]);
  expect(sources).toContain("lib/download/python/tether.py");
  expect(tarballFiles.filter((path) => path.startsWith("native/test/"))).toEqual([]);
  for (const file of ["dist/index.js", "dist/index.d.ts", "dist/cli/main.js"])
    expect(tarballFiles).toContain(file);
});

test("the prebuilt binaries ask for no newer C and C++ library than the oldest supported system has", async () => {
  const newest = async (file: string, prefix: string) => {
    const text = await readFile(join(installed, "prebuilds", "linux-x64", file), "latin1");
    const versions = [...text.matchAll(new RegExp(`${prefix}_(\\d+)\\.(\\d+)(?:\\.(\\d+))?\\0`, "g"))];
    return Math.max(0, ...versions.map(([, a, b, c]) => Number(a) * 1e6 + Number(b) * 1e3 + Number(c ?? 0)));
  };
  for (const file of ["openvino-llm.node", "libopenvino_llm_core.so"]) {
    expect(await newest(file, "GLIBC"), file).toBeGreaterThan(0);
    expect(await newest(file, "GLIBC"), file).toBeLessThanOrEqual(2_034_000);
    // Ubuntu 22.04 has GCC 12's library.
    expect(await newest(file, "GLIBCXX"), file).toBeLessThanOrEqual(3_004_030);
  }
});

test("an installation without install scripts and without a compiler loads the prebuilt addon and generates", async () => {
  const script = `
    import { readFileSync } from "node:fs";
    import { LLMPipeline } from "openvino-llm";
    const llm = await LLMPipeline.load(${JSON.stringify(model)});
    const { text } = await llm.generate("hello");
    await llm.close();
    const mapped = readFileSync("/proc/self/maps", "utf8").split("\\n").map((line) => line.slice(73));
    process.stdout.write(JSON.stringify({ text, mapped: [...new Set(mapped)] }));
  `;
  const runtime = locateRuntime();
  const answer = (await runInApp(script, { OPENVINO_LLM_RUNTIME: runtime.dir })) as {
    text: string;
    mapped: string[];
  };
  expect(answer.text).toBe(CHAIN_TEXT);
  const ours = answer.mapped.filter((path) => /openvino[-_]llm[^/]*$/.test(path));
  expect(ours.toSorted()).toEqual([
    join(installed, "prebuilds/linux-x64/libopenvino_llm_core.so"),
    join(installed, "prebuilds/linux-x64/openvino-llm.node"),
  ]);
  for (const library of runtime.libraries) expect(answer.mapped).toContain(await realpath(library));
});

test("the install script finds the prebuilt addon and builds nothing", async () => {
  const script = JSON.parse(await readFile(join(installed, "package.json"), "utf8")) as {
    scripts: { install: string };
  };
  // npm puts the commands of the installed packages on PATH.
  const path = [join(app, "node_modules", ".bin"), env["PATH"]].join(":");
  await run("sh", ["-c", script.scripts.install], { cwd: installed, env: { ...env, PATH: path } });
  expect(await readdir(installed)).not.toContain("build");
});

test("CommonJS can require the package", async () => {
  const script = `
    import { createRequire } from "node:module";
    const { LLMPipeline } = createRequire(process.cwd() + "/x.js")("openvino-llm");
    process.stdout.write(JSON.stringify(typeof LLMPipeline.load));
  `;
  expect(await runInApp(script)).toBe("function");
});

test("without a runtime the error says where it was looked for and how to get it", async () => {
  const script = `
    import { LLMPipeline } from "openvino-llm";
    const error = await LLMPipeline.load(${JSON.stringify(model)}).catch((reason) => reason);
    process.stdout.write(JSON.stringify({ code: error.code, message: error.message }));
  `;
  expect(await runInApp(script)).toEqual({
    code: "ERR_RUNTIME_NOT_FOUND",
    message: expect.stringMatching(
      new RegExp(
        `cache/runtime/${RUNTIME_VERSION}/lib: no such folder\\nGet it with: npx openvino-llm runtime fetch$`,
      ),
    ),
  });
});

test("the command that the messages name is there", async () => {
  const command = join(app, "node_modules", ".bin", "openvino-llm");
  const { dir } = locateRuntime();
  // npm makes a link to the script, whose first line asks env(1) for node.
  const { stdout } = await run(command, ["runtime", "path"], { env: { ...env, OPENVINO_LLM_RUNTIME: dir } });
  expect(stdout).toBe(`${dir}\n`);
});
