/** Where the addon's `.node` file is, and what is wrong where it is not there. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { OpenVinoLlmError } from "../errors/errors.js";

const PACKAGE = "openvino-llm";

/**
 * The path of the addon's `.node` file: built here, or brought by the package.
 *
 * @throws {OpenVinoLlmError} ERR_ADDON_NOT_FOUND
 */
export function findAddon(): string {
  let packageRoot: string | null = null;
  try {
    packageRoot = fileURLToPath(new URL("../..", import.meta.url));
    const nodeGypBuild = requireAddon("node-gyp-build") as { resolve(dir: string): string };
    return nodeGypBuild.resolve(packageRoot);
  } catch (cause) {
    throw notFound(packageRoot, cause);
  }
}

/** Loads a `.node` file, or a CommonJS module of this package. */
export function requireAddon(id: string): unknown {
  return createRequire(import.meta.url)(id);
}

function notFound(packageRoot: string | null, cause: unknown): OpenVinoLlmError {
  const where = packageRoot === null ? "" : ` under ${packageRoot}`;
  const cure =
    packageRoot !== null && isOwnRoot(packageRoot)
      ? "In a checkout run: npm run setup. In an app install the package anew: its prebuilds folder is missing. Where Next.js " +
        `left it out of a standalone server, name node_modules/${PACKAGE}/prebuilds/** in outputFileTracingIncludes.`
      : `This code stands outside its package, as in a bundle, which has no native files. Keep ${PACKAGE} out of the bundle: ` +
        'external (esbuild, Rollup), externals (webpack), ssr.external (Vite), serverExternalPackages (Next.js, with output "standalone" ' +
        `also outputFileTracingIncludes for node_modules/${PACKAGE}/prebuilds/**).`;
  return new OpenVinoLlmError(
    "ERR_ADDON_NOT_FOUND",
    `No addon for ${process.platform}-${process.arch} was found${where}. ${cure}`,
    { cause },
  );
}

/** Whether this file still stands in its own package. */
function isOwnRoot(folder: string): boolean {
  try {
    const file: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    return typeof file === "object" && file !== null && "name" in file && file.name === PACKAGE;
  } catch {
    return false;
  }
}
