// `npm run prebuild`: builds the addon through binding.gyp and lays it down in prebuilds/linux-x64/, stripped, where
// lib/native/find-addon.ts looks for it. Run it through npm, which brings node-gyp. What is there and current stays, so that
// packages can be packed side by side.
//
// node-gyp starts by deleting build/ and prebuildify moves files out of it, so both work in a stage whose entries are
// links: the addon in build/Release stays, and what has been compiled for it is not compiled again.
import { mkdir, readFile, readdir, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { library } from "./library.mjs";
import { failWith, withProgress } from "./progress.mjs";
import { runTool } from "./run-tool.mjs";
import { addonHash, setStamp, setup, stampOf } from "./setup.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, "prebuilds", "linux-x64");
const stage = join(root, "build", "prebuild");
const EXPECTED = ["libopenvino_llm_core.so", "openvino-llm.node"];

try {
  await setup("runtime");
  const { lockEntry } = await library("cache/process-lock");
  const lock = await lockEntry(join(root, ".setup", "prebuild"));
  try {
    await build();
  } finally {
    await lock.release();
  }
  for (const name of EXPECTED) process.stdout.write(`${join(folder, name)}\n`);
} catch (error) {
  failWith(error);
}

async function build() {
  const hash = await addonHash([
    "binding.gyp",
    "scripts/prebuild.mjs",
    "node_modules/prebuildify/package.json",
  ]);
  if ((await stampOf("prebuild")) === hash && (await filesThere()).join() === EXPECTED.join()) return;
  await rm(folder, { recursive: true, force: true });
  await withProgress("Building for distribution", prebuildify);
  await check();
  await setStamp("prebuild", hash);
}

async function filesThere() {
  return (await readdir(folder).catch(() => [])).sort((a, b) => (a < b ? -1 : 1));
}

async function prebuildify(detail) {
  await rm(stage, { recursive: true, force: true });
  await mkdir(stage, { recursive: true });
  for (const name of ["package.json", "binding.gyp", "CMakeLists.txt", "native", "scripts"]) {
    await symlink(join(root, name), join(stage, name));
  }
  const bin = createRequire(import.meta.url).resolve("prebuildify/bin.js");
  const env = { ...process.env, npm_package_config_node_gyp_nodedir: join(root, "native", "nodedir") };
  const args = [bin, "--napi", "--strip", "--out", root];
  const { code, output } = await runTool(process.execPath, args, { cwd: stage, env, onLine: detail });
  if (code !== 0) throw new Error(`prebuildify failed (exit code ${code}).\n${output}`);
  await rm(stage, { recursive: true });
}

/** Exactly the two files, each a shared object that names no path of this machine to look for libraries. */
async function check() {
  const found = await filesThere();
  if (found.join() !== EXPECTED.join()) {
    throw new Error(`Expected ${EXPECTED.join(" and ")} in ${folder} but found ${found.join(", ")}.`);
  }
  for (const name of found) {
    const bytes = await readFile(join(folder, name));
    if (bytes.readUInt32BE(0) !== 0x7f454c46) throw new Error(`Expected ${name} to be an ELF file.`);
    for (const path of [root, homedir()]) {
      if (bytes.includes(`${path}/`)) throw new Error(`${name} holds a path of this machine, ${path}.`);
    }
  }
}
