// Lints everything: oxlint (type-aware), prettier, clang-tidy, clang-format, tsc. A tool's output is shown when it finds
// something.
//   node scripts/lint.mjs [--fix]
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { tidy } from "./clang-tidy.mjs";
import { isMain } from "./is-main.mjs";
import { failWith, withProgress } from "./progress.mjs";
import { runTool } from "./run-tool.mjs";
import { clangFormat } from "./tools.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** By its path: node_modules/.bin has one tsc, and there is an older TypeScript too. */
const TSC = join(root, "node_modules", "typescript", "bin", "tsc");

/** Throws when a tool finds something; with `fix`, what can be fixed is fixed first. */
export async function lint({ fix = false } = {}) {
  const prettierCache = "--cache --cache-strategy content --cache-location .setup/prettier".split(" ");
  const tool = (name) => join(root, "node_modules", ".bin", name);
  /** @type {Array<[name: string, run: (detail: (text: string) => void) => Promise<{ code: number, output: string }>]>} */
  const checks = [
    ["oxlint", () => runTool(tool("oxlint"), ["--type-aware", "--deny-warnings", ...(fix ? ["--fix"] : [])])],
    [
      "prettier",
      () =>
        runTool(tool("prettier"), [
          fix ? "--write" : "--check",
          ...prettierCache,
          "--log-level",
          "warn",
          ".",
        ]),
    ],
    // Before clang-format, which lays out what it has fixed.
    ["clang-tidy", (onLine) => tidy({ fix, onLine })],
    ["clang-format", (onLine) => format({ fix, onLine })],
    ["tsc (library)", () => runTool(process.execPath, [TSC, "-p", "tsconfig.json", "--noEmit"])],
    ["tsc (chat page)", () => runTool(process.execPath, [TSC, "-p", "packages/server/ui", "--noEmit"])],
    ["tsc (tests)", () => runTool(process.execPath, [TSC, "-p", "test/tsconfig.json"])],
    [
      "tsc (LangChain)",
      () => runTool(process.execPath, [TSC, "-p", "packages/langchain/test/tsconfig.json"]),
    ],
  ];
  const failed = [];
  const check = async ([name, run], detail) => {
    const { code, output } = await run(detail);
    if (code !== 0) failed.push(`${name}:\n${output}`);
  };
  await withProgress("Linting", async (detail) => {
    // One after the other where they write to the same files.
    if (fix) for (const one of checks) await check(one, detail);
    else await Promise.all(checks.map((one) => check(one, detail)));
  });
  if (failed.length > 0)
    throw new Error(`${failed.join("\n\n")}\n\nLint failed. What can be fixed: npm run lint -- --fix`);
}

/** clang-format says where each character is wrong; the names of the files do. */
async function format({ fix, onLine }) {
  const args = [...(fix ? ["-i"] : ["--dry-run", "-Werror"]), ...(await nativeSources())];
  const { code, output } = await runTool(await clangFormat(onLine), args);
  const files = new Set(
    [...output.matchAll(/^(\S+):\d+:\d+: error: code should be/gm)].map((match) => match[1]),
  );
  return {
    code,
    output: files.size > 0 ? [...files].map((file) => `not formatted: ${file}`).join("\n") : output,
  };
}

/** All C and C++ of ours: the addon, the programs of its tests, those of the benchmarks and of the scripts, not of packages. */
async function nativeSources() {
  const folders = ["native", "benchmarks", "scripts"].map(async (folder) => {
    const entries = await readdir(join(root, folder), { recursive: true });
    return entries
      .filter((file) => /\.(c|h|cpp|hpp)$/.test(file) && !file.includes("node_modules"))
      .map((file) => join(folder, file));
  });
  return (await Promise.all(folders)).flat();
}

if (isMain(import.meta.url)) {
  try {
    await lint({ fix: process.argv.includes("--fix") });
  } catch (error) {
    failWith(error);
  }
}
