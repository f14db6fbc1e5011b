// Sets everything up, each step only when it is needed: dependencies, dist/, the OpenVINO runtime, the addon, the default
// model; up to one of them where it is named: node scripts/setup.mjs dist. Needs Node and npm, Python 3 with pip, and a
// C++17 compiler; no package, because a bare clone has none.
// What each step was made from is kept as a content hash in .setup/.
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { buildNative } from "./build-native.mjs";
import { isMain } from "./is-main.mjs";
import { library } from "./library.mjs";
import { failWith, withProgress } from "./progress.mjs";
import { runNpm, runTool } from "./run-tool.mjs";
import { which } from "./tools.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const ADDON = ["build/Release/openvino_llm.node", "build/Release/libopenvino_llm_core.so"];

const STEPS = {
  dependencies: installDependencies,
  dist: compileTypeScript,
  runtime: fetchRuntime,
  addon: buildAddon,
  model: fetchDefaultModel,
};

/**
 * Runs the steps; a second call finds nothing to do and prints nothing.
 * @param {keyof typeof STEPS} [last] the last one that is wanted
 */
export async function setup(last = "model") {
  if (!(last in STEPS)) {
    throw new Error(`Expected one of ${Object.keys(STEPS).join(", ")} but received ${last}.`);
  }
  await checkMachine();
  for (const [name, step] of Object.entries(STEPS)) {
    await step();
    if (name === last) return;
  }
}

async function checkMachine() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new Error(
      `Expected Node.js 20.19 or newer but this is ${process.version}. Get it from https://nodejs.org`,
    );
  }
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error(
      `Expected 64-bit Linux on x86-64 (linux-x64) but this is ${process.platform}-${process.arch}. ` +
        "Use a container or a virtual machine of that platform.",
    );
  }
  // The rest is looked for only where nothing has been built yet: asking Python takes a third of a second.
  if (await exists(join(root, ADDON[0]))) return;
  const missing = [];
  const python = process.env.OPENVINO_LLM_PYTHON ?? (await which("python3")) ?? (await which("python"));
  if (!python || (await runTool(python, ["--version"])).code !== 0) {
    missing.push(
      "Python 3 with pip, which downloads the OpenVINO libraries. Debian and Ubuntu: apt install python3-pip",
    );
  } else if ((await runTool(python, ["-m", "pip", "--version"])).code !== 0) {
    missing.push(
      `pip for ${python}, which downloads the OpenVINO libraries. Debian and Ubuntu: apt install python3-pip`,
    );
  }
  if (!(await which(process.env.CXX ?? "c++")) || !(await which(process.env.CC ?? "cc"))) {
    missing.push("a C and C++17 compiler (commands cc and c++). Debian and Ubuntu: apt install g++");
  }
  if (missing.length > 0) throw new Error(["This machine lacks:", ...missing].join("\n  - "));
}

async function installDependencies() {
  const hash = await hashOf(["package-lock.json"]);
  const installed = ["node_modules/.package-lock.json"]; // npm's own, written last
  if ((await stampOf("dependencies")) === hash && (await allExist(installed))) return;
  await withProgress("Installing dependencies", async (detail) => {
    const args = ["ci", "--ignore-scripts", "--include=dev", "--no-audit", "--no-fund"];
    const env = { ...process.env };
    // `npm --prefix X run setup` hands its prefix down; ours is the folder of this checkout.
    for (const name of ["npm_config_prefix", "npm_config_global", "npm_config_location"]) delete env[name];
    const outcome = await runNpm(args, { env, onLine: detail });
    if (outcome.code !== 0) throw new Error(`npm ci failed.\n${outcome.output}`);
    await setStamp("dependencies", hash);
  });
}

/** The library first: the packages are compiled against what comes of it. */
async function compileTypeScript() {
  await compileProject(".", "dist", []);
  const library = (await filesUnder("dist")).filter((file) => file.endsWith(".d.ts"));
  for (const name of (await readdir(join(root, "packages"))).sort()) {
    // Some bring files and no code; a page for browsers has types of its own.
    for (const [folder, stamp] of [
      [join("packages", name), `dist-${name}`],
      [join("packages", name, "ui"), `dist-${name}-ui`],
    ]) {
      if (await exists(join(root, folder, "tsconfig.json"))) await compileProject(folder, stamp, library);
    }
  }
}

/** Compiles `lib/` of a folder to its `dist/`; `before`: files that it depends on beside its own. */
async function compileProject(folder, stampName, before) {
  const sources = (await filesUnder(join(folder, "lib"))).filter((file) => file.endsWith(".ts"));
  const config = join(folder, "tsconfig.json");
  const compiler = "node_modules/typescript/package.json";
  const hash = await hashOf([...sources, ...new Set([config, "tsconfig.json"]), compiler, ...before]);
  const [from, to] = [join(folder, "lib/"), join(folder, "dist/")];
  const outputs = sources.map((file) => `${to}${file.slice(from.length, -".ts".length)}`);
  if ((await stampOf(stampName)) === hash && (await allExist(outputs.map((file) => `${file}.js`)))) return;
  await withProgress(`Compiling TypeScript (${folder === "." ? "lib" : folder})`, async () => {
    const tsc = ["node_modules/typescript/bin/tsc", "-p", config];
    const outcome = await runTool(process.execPath, tsc);
    if (outcome.code !== 0) throw new Error(`tsc failed.\n${outcome.output}`);
    // What a source that is gone has left.
    const current = new Set(outputs.flatMap((file) => [`${file}.js`, `${file}.d.ts`]));
    for (const file of await filesUnder(to)) if (!current.has(file)) await rm(join(root, file));
    await setStamp(stampName, hash);
  });
}

async function fetchRuntime() {
  const runtime = await library("runtime/fetch");
  await withProgress("Fetching the OpenVINO runtime", (detail) =>
    runtime.fetchRuntime({ onProgress: (event) => detail(event.detail ?? event.step) }),
  );
}

async function buildAddon() {
  const hash = await addonHash();
  if ((await stampOf("native")) === hash && (await allExist(ADDON))) return;
  await withProgress("Building the addon", (onLine) => buildNative({ onLine }));
  await setStamp("native", hash);
}

/**
 * What an addon is made from.
 * @param {string[]} [more] files that count too
 */
export async function addonHash(more = []) {
  const { cacheDir } = await library("cache/cache");
  const { RUNTIME_VERSION } = await library("runtime/pins");
  const sources = (await filesUnder("native")).filter((file) => !file.startsWith("native/test/"));
  return hashOf(
    [
      ...sources,
      "CMakeLists.txt",
      "scripts/build-native.mjs",
      "node_modules/node-addon-api/package.json",
      "node_modules/node-api-headers/package.json",
      join(cacheDir(), "runtime", RUNTIME_VERSION, "manifest.json"),
      ...more,
    ],
    [process.env.OV_SITE, process.env.OPENVINO_GENAI_INCLUDE_DIR],
  );
}

async function fetchDefaultModel() {
  const { fetchModel } = await library("models/store/fetch");
  const { DEFAULT_MODEL } = await library("cli/default-model");
  const convert = async (gguf) => {
    const { convertGgufNative } = await library("native/native-convert");
    return convertGgufNative(gguf);
  };
  await withProgress(`Fetching the model ${DEFAULT_MODEL}`, (detail) =>
    fetchModel(DEFAULT_MODEL, { convert, onProgress: (event) => detail(event.detail ?? event.step) }),
  );
}

/** Files below a folder of the repository, relative to the root, in a fixed order. */
async function filesUnder(folder) {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length + 1))
    .sort();
}

async function hashOf(files, values = []) {
  const hash = createHash("sha256").update(JSON.stringify(values));
  for (const file of files) hash.update(`\0${file}\0`).update(await readFile(resolve(root, file)));
  return hash.digest("hex");
}

const stampFile = (name) => join(root, ".setup", `${name}.sha256`);

/** The hash of what a thing was made from last; "" where it never was. */
export async function stampOf(name) {
  return readFile(stampFile(name), "utf8").catch(() => "");
}

export async function setStamp(name, hash) {
  await mkdir(dirname(stampFile(name)), { recursive: true });
  await writeFile(stampFile(name), hash);
}

async function allExist(files) {
  return (await Promise.all(files.map((file) => exists(join(root, file))))).every(Boolean);
}

function exists(path) {
  return stat(path).then(
    () => true,
    () => false,
  );
}

if (isMain(import.meta.url)) {
  try {
    await setup(process.argv[2]);
  } catch (error) {
    failWith(error);
  }
}
