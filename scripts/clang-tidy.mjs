// clang-tidy over our C and C++, for scripts/lint.mjs: each source as the normal build compiles it, and again only when
// it, a header of ours that it includes, or the checks have changed. What was clean is kept as hashes in .setup/.
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { runTool } from "./run-tool.mjs";
import { clangTidy } from "./tools.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const STAMPS = join(root, ".setup", "clang-tidy.json");
const COMMANDS = join(root, "build", "cmake", "compile_commands.json");

/**
 * @param {{ fix?: boolean, onLine?: (line: string) => void }} [options]
 * @returns {Promise<{ code: number, output: string }>} what it found; code 0 where that is nothing
 */
export async function tidy({ fix = false, onLine } = {}) {
  const commands = await compileCommands();
  const missing = (await nativeSources()).filter((file) => !commands.has(file));
  if (missing.length > 0) {
    const output = `Not in the build that build/cmake knows (npm run setup): ${missing.join(", ")}`;
    return { code: 1, output };
  }
  const stamps = JSON.parse(await readFile(STAMPS, "utf8").catch(() => "{}"));
  const hashes = new Map();
  for (const [file, entry] of commands) hashes.set(file, await hashOf(file, entry));
  const changed = [...hashes.keys()].filter((file) => stamps[file] !== hashes.get(file));
  if (changed.length === 0) return { code: 0, output: "" };

  const tool = await clangTidy(onLine);
  const folder = await writeCommands(commands);
  const found = [];
  const queue = [...changed];
  const work = async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      // The analyzer follows every path: in C, where memory is managed by hand, that is worth it; in C++ it takes three
      // quarters of all the time.
      const checks = file.endsWith(".c") ? [] : ["--checks=-clang-analyzer-*"];
      const args = ["-p", folder, "--quiet", ...checks, ...(fix ? ["--fix"] : []), file];
      const { code, output } = await runTool(tool, args);
      if (code === 0) stamps[file] = hashes.get(file);
      else found.push(output);
    }
  };
  // With --fix one at a time: two may fix the same header.
  await Promise.all(Array.from({ length: fix ? 1 : availableParallelism() }, work));
  await mkdir(dirname(STAMPS), { recursive: true });
  const kept = Object.entries(stamps).filter(([file]) => commands.has(file));
  await writeFile(STAMPS, JSON.stringify(Object.fromEntries(kept)));
  return { code: found.length > 0 ? 1 : 0, output: found.join("\n") };
}

/** How the build compiles each source of ours: relative path to entry, the first where several targets have it. */
async function compileCommands() {
  const text = await readFile(COMMANDS, "utf8").catch((cause) => {
    throw new Error("clang-tidy needs to know how the addon is built. Run: npm run setup", { cause });
  });
  const commands = new Map();
  for (const entry of JSON.parse(text)) {
    const file = relative(root, entry.file);
    if (!file.startsWith("..") && !commands.has(file)) commands.set(file, entry);
  }
  return commands;
}

/** A compilation database with one entry per source: clang-tidy would check a source once for each target that has it. */
async function writeCommands(commands) {
  const folder = join(root, "build", "clang-tidy");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "compile_commands.json"), JSON.stringify([...commands.values()]));
  return folder;
}

async function nativeSources() {
  const entries = await readdir(join(root, "native"), { recursive: true });
  return entries.filter((file) => /\.(c|cpp)$/.test(file)).map((file) => join("native", file));
}

/** Of all that the outcome for a source depends on, but for other people's headers, which the versions below stand for. */
async function hashOf(file, { command, arguments: args }) {
  const hash = createHash("sha256").update(JSON.stringify([command, args]));
  const inputs = [".clang-tidy", "scripts/tools.mjs", "scripts/clang-tidy.mjs", "package-lock.json"];
  for (const input of [...inputs, ...(await withIncludes(file))]) {
    hash.update(`\0${input}\0`).update(await readFile(join(root, input)));
  }
  return hash.digest("hex");
}

/** A source and the headers of ours that it includes, also through others. */
async function withIncludes(source) {
  const files = new Set([source]);
  for (const file of files) {
    const text = await readFile(join(root, file), "utf8");
    for (const [, name] of text.matchAll(/^\s*#\s*include\s+"(.+)"/gm)) {
      const header = join("native", name);
      const isOurs = await readFile(join(root, header)).then(
        () => true,
        () => false,
      );
      if (isOurs) files.add(header);
    }
  }
  return files;
}
