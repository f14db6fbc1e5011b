import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, readdir, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cacheDir } from "../../lib/cache/cache.js";
import { CHAIN_TEXT, writeChainModel } from "../../lib/models/gguf/chain-model.js";
import { locateRuntime } from "../../lib/runtime/locate.js";
import { RUNTIME_VERSION } from "../../lib/runtime/pins.js";
import { nodeBinary, NODE_VERSIONS } from "../helpers/node-versions.js";
import { npmCli } from "../helpers/npm.js";
import { installPacked, ROOT } from "./packed-app.js";

// What a user of the library alone has: its tarball, Node, npm, and the runtime; no compiler, no CMake, no Python.

const run = promisify(execFile);

let folder: string;
let app: string;
let installed: string;
let model: string;
let tarballFiles: readonly string[];
/** PATH has only node and sh; the cache is empty. */
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "openvino-llm-packaging-")));
  await packAsIn(join(folder, "clone"));
  const bin = join(folder, "bin");
  await mkdir(bin);
  await symlink(process.execPath, join(bin, "node"));
  await symlink("/bin/sh", join(bin, "sh"));
  env = { PATH: bin, HOME: folder, OPENVINO_LLM_CACHE: join(folder, "cache") };
  app = join(folder, "an app");
  tarballFiles = (await installPacked(["openvino-llm"], app, folder, env))["openvino-llm"] ?? [];
  model = join(folder, "chain.gguf");
  await writeChainModel(model);
  installed = join(app, "node_modules", "openvino-llm");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs `npm pack` as in a clone whose cache has what a build needs, and no model. */
async function packAsIn(clone: string): Promise<void> {
  await mkdir(clone);
  for (const name of ["runtime", "tools"]) await symlink(join(cacheDir(), name), join(clone, name));
  const sdk = join(cacheDir(), "runtime", RUNTIME_VERSION, "sdk");
  await run(process.execPath, [await npmCli(), "pack", "--pack-destination", clone], {
    cwd: ROOT,
    // Named, so that the build finds what it has compiled.
    env: { ...process.env, OPENVINO_LLM_CACHE: clone, OV_SITE: process.env["OV_SITE"] ?? sdk },
  });
}

async function runInApp(
  script: string,
  more: NodeJS.ProcessEnv = {},
  node = process.execPath,
): Promise<unknown> {
  const { stdout } = await run(node, ["--input-type=module", "-e", script], {
    cwd: app,
    env: { ...env, ...more },
  });
  return JSON.parse(stdout);
}

test("npm pack makes the binaries and the tarball, and fetches no model", async () => {
  const entries = await readdir(join(folder, "clone"));
  expect(entries.filter((name) => name.endsWith(".tgz"))).toHaveLength(1);
  for (const name of ["models", "gguf", "downloads"]) expect(entries).not.toContain(name);
});

test("the tarball holds what runs and its licence, and nothing else", () => {
  const texts = [
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "NOTICE",
    "README.md",
    "SECURITY.md",
    "profile.schema.json",
  ];
  const tops = new Set(tarballFiles.map((path) => path.split("/")[0]));
  expect(tops).toEqual(
    new Set([...texts, "package.json", "dist", "docs", "examples", "lib", "prebuilds", "require"]),
  );
  expect(tarballFiles.filter((path) => path.startsWith("docs/") && !/^docs\/[^/]+\.md$/.test(path))).toEqual(
    // The picture of README.
    ["docs/demo.svg"],
  );
  expect(tarballFiles.filter((path) => path.startsWith("prebuilds/")).toSorted()).toEqual([
    "prebuilds/linux-x64/libopenvino_llm_core.so",
    "prebuilds/linux-x64/openvino-llm.node",
  ]);
  // What ends Python with its parent runs in Python.
  expect(tarballFiles.filter((path) => path.startsWith("lib/"))).toEqual(["lib/download/python/tether.py"]);
  // npm adds "node-gyp rebuild" for a binding.gyp by itself.
  expect(tarballFiles.filter((path) => /binding\.gyp|CMakeLists|\.(?:cpp|hpp|c)$/.test(path))).toEqual([]);
  for (const file of ["dist/index.js", "dist/index.d.ts", "dist/cli/main.js"])
    expect(tarballFiles).toContain(file);
});

test("a user of the library installs it and at most six direct dependencies, none of them for reports", async () => {
  const packages = (await readdir(join(app, "node_modules"), { recursive: true })).filter((path) =>
    /(?:^|node_modules\/)(?:@[^/]+\/)?[^/@.][^/]*\/package\.json$/.test(path),
  );
  const { dependencies } = JSON.parse(await readFile(join(installed, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  expect(Object.keys(dependencies).length).toBeLessThanOrEqual(6);
  for (const range of Object.values(dependencies)) expect(range).toMatch(/^\^\d/);
  expect(packages.filter((path) => /vega|d3-/.test(path))).toEqual([]);
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

test("the prebuilt binaries are tied to no version of V8, and hand no memory of theirs to JavaScript", async () => {
  for (const file of ["openvino-llm.node", "libopenvino_llm_core.so"]) {
    const text = await readFile(join(installed, "prebuilds", "linux-x64", file), "latin1");
    const symbols = [...text.matchAll(/\0(napi_\w+|_ZNK?(?:2v8|4node)\w+)/g)].map(([, name]) => name);
    expect(symbols.join()).toContain("napi_get_");
    // Electron has another V8, and forbids external memory.
    expect(symbols.filter((name) => /^_Z|external_(?:array)?buffer/.test(name ?? ""))).toEqual([]);
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

test("nothing runs at install", async () => {
  const manifest = JSON.parse(await readFile(join(installed, "package.json"), "utf8")) as {
    gypfile: boolean;
    scripts: Record<string, string>;
  };
  expect(manifest.gypfile).toBe(false);
  for (const name of ["preinstall", "install", "postinstall"])
    expect(manifest.scripts).not.toHaveProperty(name);
  const lock = JSON.parse(await readFile(join(app, "package-lock.json"), "utf8")) as {
    packages: Record<string, { hasInstallScript?: boolean }>;
  };
  expect(Object.values(lock.packages).filter(({ hasInstallScript }) => hasInstallScript === true)).toEqual(
    [],
  );
  expect(await readdir(installed)).not.toContain("build");
});

test("CommonJS can require the package, without a warning", async () => {
  const file = join(app, "required.cjs");
  await writeFile(file, 'process.stdout.write(typeof require("openvino-llm").LLMPipeline.load);');
  expect(await run(process.execPath, [file], { cwd: app, env })).toEqual({ stdout: "function", stderr: "" });
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
        `cache/runtime/${RUNTIME_VERSION}/lib: no such folder\\nGet it with: npm install --include=optional \\(or, `,
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

test.each([
  ["bench", "openvino-llm-bench"],
  ["serve", "openvino-llm-server"],
  ["models prepare", "openvino-llm-model-tools"],
  ["models synth", "openvino-llm-model-tools"],
  ["models inspect --html x.html smollm2-135m-instruct", "openvino-llm-bench"],
])("`%s` says in one line how to get %s", async (words, name) => {
  const command = join(app, "node_modules", ".bin", "openvino-llm");
  // One in the working folder is none of the command's.
  const elsewhere = join(folder, "elsewhere");
  for (const place of [name, "openvino-llm"]) {
    const planted = join(elsewhere, "node_modules", place);
    await mkdir(planted, { recursive: true });
    await writeFile(
      join(planted, "package.json"),
      '{ "type": "module", "exports": { "./command": "./x.js" } }',
    );
    await writeFile(join(planted, "x.js"), 'throw new Error("the working folder was run")');
  }
  const args = words.replace("smollm2-135m-instruct", model).split(" ");
  const ended = await run(command, [...args], { env, cwd: elsewhere }).catch((error: unknown) => error);
  expect(ended).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringMatching(
      new RegExp(`^openvino-llm: .* Get it with: npm install ${name} \\[ERR_PACKAGE_NOT_FOUND\\]\n$`),
    ),
  });
});

describe.each([22, 24] as const)("on Node %d", (major) => {
  test("it loads, generates, streams, aborts and closes, by import and by require, and in a worker thread", async () => {
    const node = await nodeBinary(major);
    const script = `
      import { createRequire } from "node:module";
      import { Worker } from "node:worker_threads";
      const { LLMPipeline } = await import("openvino-llm");
      const required = createRequire(process.cwd() + "/x.js")("openvino-llm");
      const model = ${JSON.stringify(model)};
      const llm = await LLMPipeline.load(model);
      const { text } = await llm.generate("hello");
      let streamed = "";
      for await (const chunk of llm.stream("hello")) streamed += chunk.text;
      const abort = new AbortController();
      const endless = { ignoreEos: true, maxNewTokens: 100000, signal: abort.signal };
      const stream = llm.stream("hello", endless);
      let aborted = null;
      try {
        for await (const chunk of stream) if (chunk.index === 3) abort.abort();
      } catch (error) {
        aborted = error.code;
      }
      await llm.close();
      const closed = await llm.generate("hello").catch((error) => error.code);
      const inWorker = await new Promise((resolve, reject) => {
        const worker = new Worker(\`
          const { parentPort } = require("node:worker_threads");
          const { LLMPipeline } = require("openvino-llm");
          LLMPipeline.load(${JSON.stringify(model)}).then(async (llm) => {
            const { text } = await llm.generate("hello");
            await llm.close();
            parentPort.postMessage(text);
          });
        \`, { eval: true, execArgv: [] });
        worker.once("message", resolve).once("error", reject);
      });
      const version = process.versions.node;
      const isSame = required.LLMPipeline === LLMPipeline;
      process.stdout.write(JSON.stringify({ version, isSame, text, streamed, aborted, closed, inWorker }));
    `;
    expect(await runInApp(script, { OPENVINO_LLM_RUNTIME: locateRuntime().dir }, node)).toEqual({
      version: NODE_VERSIONS[major].version,
      isSame: true,
      text: CHAIN_TEXT,
      streamed: CHAIN_TEXT,
      aborted: "ERR_ABORTED",
      closed: "ERR_CLOSED",
      inWorker: CHAIN_TEXT,
    });
  });
});
