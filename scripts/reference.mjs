// `npm run reference`: builds the API reference into docs/reference/html; any warning fails it. typedoc has a project of
// its own there, because it needs another TypeScript than the library.
import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { showTool } from "./run-tool.mjs";

const project = join(dirname(dirname(fileURLToPath(import.meta.url))), "docs", "reference");
const typedoc = join(project, "node_modules", "typedoc", "bin", "typedoc");

const isInstalled = await stat(typedoc).then(
  () => true,
  () => false,
);
const install = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
process.exitCode = isInstalled ? 0 : await showTool("npm", install, { cwd: project });
if (process.exitCode === 0) process.exitCode = await showTool(process.execPath, [typedoc], { cwd: project });
