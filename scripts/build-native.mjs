// Builds the addon with cmake-js, without downloading anything from nodejs.org: incremental, then copies the results.
//   node scripts/build-native.mjs [--out DIR] [--config Release|Debug] [--sanitize address|thread] [--target abi_probe]
// Used by `npm run build:native`, by binding.gyp (prebuildify) and by scripts/setup.mjs.
import { spawn } from "node:child_process";
import { copyFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { isMain } from "./is-main.mjs";
import { library } from "./library.mjs";
import { buildTools } from "./tools.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * @param {{ out?: string, config?: string, sanitize?: string, target?: string, onLine?: (line: string) => void }} options
 *   `out`: where the results go (default build/<config>; with a sanitizer build/sanitize/<sanitize>/build/<config>,
 *   which is loaded when OPENVINO_LLM_ADDON holds the path of its openvino_llm.node);
 *   `onLine`: takes the build's output line by line (default: straight to this process's stdout).
 * @returns {Promise<string[]>} the files made
 */
export async function buildNative(options = {}) {
  const config = options.config ?? "Release";
  const sanitize = options.sanitize ?? "";
  if (!["Release", "Debug"].includes(config)) {
    throw new Error(`Expected Release or Debug for --config but received ${config}.`);
  }
  const base = sanitize ? join(root, "build", "sanitize", sanitize) : root;
  const out = resolve(options.out ?? join(base, "build", config));
  // Not build/ itself: node-gyp owns build/Makefile and deletes the folder on `rebuild`.
  const work = join(
    root,
    "build",
    ["cmake", sanitize || (config === "Debug" ? "debug" : "")].filter(Boolean).join("-"),
  );
  const { cmake, ninja, path } = await buildTools(options.onLine);

  const cmakeJs = join(packageRoot("cmake-js"), "bin", "cmake-js");
  const common = [cmakeJs, "--log-level", "warn", "-d", root, "-O", work, "-B", config, "-c", cmake];
  const { sdk, version } = await openvino();
  const definitions = [
    `--CDOV_SITE=${sdk}`,
    `--CDOPENVINO_VERSION=${version}`,
    `--CDOPENVINO_LLM_SANITIZE=${sanitize}`,
    `--CDOPENVINO_GENAI_INCLUDE_DIR=${process.env.OPENVINO_GENAI_INCLUDE_DIR ?? ""}`,
  ];
  const env = { ...process.env, PATH: path };
  // Left by an outer make, they would reach ours.
  delete env.MAKEFLAGS;
  delete env.MAKELEVEL;

  const stampFile = join(work, "configured.json");
  const stamp = JSON.stringify([common.slice(1), definitions, ninja, process.env.CC, process.env.CXX]);
  if ((await readFile(stampFile, "utf8").catch(() => "")) !== stamp) {
    await rm(work, { recursive: true, force: true });
    await run([...common, "configure", ...definitions], env, options.onLine);
    await writeFile(stampFile, stamp);
  }
  const target = options.target ? ["--target", options.target] : [];
  await run([...common, "build", ...target], env, options.onLine);

  // cmake-js puts libraries into <work>/<config>, executables stay in <work>.
  const results = options.target
    ? [join(work, options.target)]
    : [join(work, config, "openvino_llm.node"), join(work, config, "libopenvino_llm_core.so")];
  await mkdir(out, { recursive: true });
  const made = [];
  for (const result of results) {
    const name = result.slice(dirname(result).length + 1);
    // By rename: a process that has the old file mapped keeps it whole.
    await copyFile(result, join(out, `.${name}.new`));
    await rename(join(out, `.${name}.new`), join(out, name));
    made.push(join(out, name));
  }
  return made;
}

/** The pinned version, and its SDK: OV_SITE, else what the runtime fetch has put into the cache. */
async function openvino() {
  try {
    const { cacheDir } = await library("cache/cache");
    const { RUNTIME_VERSION: version } = await library("runtime/pins");
    const cached = join(cacheDir(), "runtime", version, "sdk");
    return { sdk: process.env.OV_SITE ? resolve(process.env.OV_SITE) : cached, version };
  } catch (error) {
    if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new Error("Which OpenVINO is pinned is known only after set-up. Run: npm run setup", {
      cause: error,
    });
  }
}

function packageRoot(name) {
  try {
    return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  } catch (error) {
    throw new Error(
      `The package ${name} is not installed, so the addon cannot be built here. In a checkout run: npm run setup`,
      { cause: error },
    );
  }
}

/** Runs Node on `args`; the error of a failing build carries its output. */
async function run(args, env, onLine) {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env,
    stdio: ["ignore", onLine ? "pipe" : "inherit", onLine ? "pipe" : "inherit"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text) => {
      output += text;
      for (const line of text.split("\n")) if (line.trim()) onLine(line.trim());
    });
  }
  const code = await new Promise((done, failed) => child.once("error", failed).once("close", done));
  if (code !== 0) throw new Error(`The native build failed (exit code ${code}).\n${output}`.trimEnd());
}

if (isMain(import.meta.url)) {
  const text = { type: "string" };
  try {
    const { values } = parseArgs({ options: { out: text, config: text, sanitize: text, target: text } });
    for (const file of await buildNative(values)) process.stdout.write(`${file}\n`);
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
