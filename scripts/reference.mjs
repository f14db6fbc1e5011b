// `npm run reference`: builds the API reference into docs/reference/html; any warning fails it. typedoc has a project of
// its own there, because it needs another TypeScript than the library.
import { spawn } from "node:child_process";
import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const project = join(dirname(dirname(fileURLToPath(import.meta.url))), "docs", "reference");
const typedoc = join(project, "node_modules", "typedoc", "bin", "typedoc");

function run(command, args) {
  return new Promise((done, failed) => {
    const child = spawn(command, args, { cwd: project, stdio: ["ignore", "inherit", "inherit"] });
    child.once("error", failed).once("close", (code) => done(code ?? 1));
  });
}

const isInstalled = await stat(typedoc).then(
  () => true,
  () => false,
);
process.exitCode = isInstalled ? 0 : await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
if (process.exitCode === 0) process.exitCode = await run(process.execPath, [typedoc]);
