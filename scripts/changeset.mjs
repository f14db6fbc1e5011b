// `npm run changeset` asks what changed for a user and writes it to .changeset/; `npm run changeset -- version` makes the
// versions and the changelogs of what lies there, and the lock file of them. All words are those of changesets' command line.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { failWith, withProgress } from "./progress.mjs";
import { runNpm, runTool, showTool } from "./run-tool.mjs";
import { npmTools } from "./tools.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
// The folder that npm runs scripts in; a test has a copy.
const cwd = process.cwd();
const words = process.argv.slice(2);

try {
  const folder = await withProgress("Fetching the tools of packages", (detail) =>
    npmTools(join(root, "scripts", "package-tools"), detail),
  );
  const bin = join(folder, "node_modules", "@changesets", "cli", "bin.js");
  process.exitCode = await showTool(process.execPath, [bin, ...words], { cwd });
  if (process.exitCode === 0 && words[0] === "version") {
    // Versions of workspaces alone, so no registry is asked.
    const lock = [
      "install",
      "--package-lock-only",
      "--offline",
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
    ];
    await expectSuccess("npm install --package-lock-only", runNpm(lock, { cwd }));
    const prettier = join(root, "node_modules", "prettier", "bin", "prettier.cjs");
    const texts = ["CHANGELOG.md", "packages/*/CHANGELOG.md"];
    const write = [prettier, "--write", "--no-error-on-unmatched-pattern", ...texts];
    await expectSuccess("prettier", runTool(process.execPath, write, { cwd }));
  }
} catch (error) {
  failWith(error);
}

async function expectSuccess(what, running) {
  const { code, output } = await running;
  if (code !== 0) throw new Error(`${what} failed.\n${output}`);
}
