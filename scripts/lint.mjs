// Lints everything: oxlint (type-aware), prettier, clang-format, tsc. A tool's output is shown when it finds something.
//   node scripts/lint.mjs [--fix]
import { spawn } from "node:child_process";
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { isMain } from "./is-main.mjs";
import { printFailure, withProgress } from "./progress.mjs";
import { clangFormat } from "./tools.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Throws when a tool finds something; with `fix`, what can be mended is mended first. */
export async function lint({ fix = false } = {}) {
  const prettierCache = "--cache --cache-strategy content --cache-location .setup/prettier".split(" ");
  /** @type {Array<[name: string, command: string | null, args: string[]]>} */
  const checks = [
    ["oxlint", "oxlint", ["--type-aware", "--deny-warnings", ...(fix ? ["--fix"] : [])]],
    ["prettier", "prettier", [fix ? "--write" : "--check", ...prettierCache, "--log-level", "warn", "."]],
    ["clang-format", null, [...(fix ? ["-i"] : ["--dry-run", "-Werror"]), ...(await nativeSources())]],
    ["tsc (library)", "tsc", ["-p", "tsconfig.json", "--noEmit"]],
    ["tsc (tests)", "tsc", ["-p", "test/tsconfig.json"]],
  ];
  const failed = [];
  const check = async ([name, command, args], detail) => {
    const file = command === null ? await clangFormat(detail) : join(root, "node_modules", ".bin", command);
    const { code, output } = await run(file, args);
    if (code !== 0) failed.push(`${name}:\n${command === null ? unformatted(output) : output.trim()}`);
  };
  await withProgress("Linting", async (detail) => {
    // One after the other where they write to the same files.
    if (fix) for (const one of checks) await check(one, detail);
    else await Promise.all(checks.map((one) => check(one, detail)));
  });
  if (failed.length > 0)
    throw new Error(`${failed.join("\n\n")}\n\nLint failed. What can be mended: npm run lint -- --fix`);
}

/** clang-format says where each character is wrong; the names of the files do. */
function unformatted(output) {
  const files = [
    ...new Set([...output.matchAll(/^(\S+):\d+:\d+: error: code should be/gm)].map((match) => match[1])),
  ];
  return files.length > 0 ? files.map((file) => `not formatted: ${file}`).join("\n") : output.trim();
}

async function nativeSources() {
  const entries = await readdir(join(root, "native"), { recursive: true });
  return entries.filter((file) => /\.(c|h|cpp|hpp)$/.test(file)).map((file) => join("native", file));
}

function run(command, args) {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => (output += text));
    }
    child.once("error", (error) => done({ code: -1, output: error.message }));
    child.once("close", (code) => done({ code, output: stripVTControlCharacters(output) }));
  });
}

if (isMain(import.meta.url)) {
  try {
    await lint({ fix: process.argv.includes("--fix") });
  } catch (error) {
    printFailure(error);
    process.exitCode = 1;
  }
}
