// The project that builds the site: docs/site, with packages of its own.
import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { showTool } from "../run-tool.mjs";

/** The repository. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** Where the site's project is. */
export const SITE = join(ROOT, "docs", "site");

/** Installs the project's packages where they are not there. */
export async function installSite() {
  const isInstalled = await stat(join(SITE, "node_modules")).then(
    () => true,
    () => false,
  );
  if (isInstalled) return;
  const code = await showTool("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: SITE });
  if (code !== 0) throw new Error(`npm ci in ${SITE} ended with ${code}.`);
}
