/** Where the addon's `.node` file is, and what is wrong where it is not there. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { OpenVinoLlmError } from "../errors/errors.js";
import { requireAt } from "../runtime/node-require.js";
import { RUNTIME_PACKAGE } from "../runtime/pins.js";

const PACKAGE = "openvino-llm";
/** Where it lies in the package: built here, and installed with npm. */
const PLACES = [
  "build/Release/openvino_llm.node",
  `prebuilds/${process.platform}-${process.arch}/${PACKAGE}.node`,
];
/** What a tracing of files does not see. */
const TRACED = `node_modules/${PACKAGE}/prebuilds/** and node_modules/${RUNTIME_PACKAGE}/lib/**`;

/**
 * The path of the addon's `.node` file: what `OPENVINO_LLM_ADDON` names, else built here, or brought by the package. A set
 * variable is the only place looked at.
 *
 * @throws {OpenVinoLlmError} ERR_ADDON_NOT_FOUND
 */
export function findAddon(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const given = env["OPENVINO_LLM_ADDON"];
  if (given) return fromEnvironment(resolve(given));
  const root = packageRoot();
  const found = PLACES.map((place) => join(root ?? "", place)).find((path) => existsSync(path));
  if (root === null || found === undefined) throw notFound(root);
  return found;
}

/** Loads a `.node` file by its absolute path. */
export function requireAddon(path: string): unknown {
  // Not from this file, which in a bundle of CommonJS has no import.meta.url.
  return requireAt(path)(path);
}

/** The folder above this file's folders; null in a bundle of CommonJS. */
function packageRoot(): string | null {
  try {
    // Not by new URL(), in which webpack sees a file to be bundled.
    return dirname(dirname(dirname(fileURLToPath(import.meta.url))));
  } catch {
    return null;
  }
}

function fromEnvironment(path: string): string {
  if (existsSync(path) && path.endsWith(".node")) return path;
  throw new OpenVinoLlmError(
    "ERR_ADDON_NOT_FOUND",
    `Expected OPENVINO_LLM_ADDON to name the package's file prebuilds/${process.platform}-${process.arch}/${PACKAGE}.node ` +
      `but ${path} ${existsSync(path) ? "is not a .node file" : "does not exist"}. Correct the variable, or unset it.`,
  );
}

function notFound(root: string | null): OpenVinoLlmError {
  const where = root === null ? "" : ` under ${root}`;
  const cure =
    root !== null && isOwnRoot(root)
      ? "In a checkout run: npm run setup. In an app install the package again: its prebuilds folder is missing. Where Next.js " +
        `left it out of a standalone server, name ${TRACED} in outputFileTracingIncludes.`
      : `This code stands outside its package, as in a bundle, which has no native files. Keep ${PACKAGE} out of the bundle: ` +
        'external (esbuild, Rollup), externals (webpack), ssr.external (Vite), serverExternalPackages (Next.js, with output "standalone" ' +
        `also outputFileTracingIncludes for ${TRACED}), or name the path of its file ` +
        `${PACKAGE}.node in the variable OPENVINO_LLM_ADDON.`;
  return new OpenVinoLlmError(
    "ERR_ADDON_NOT_FOUND",
    `No addon for ${process.platform}-${process.arch} was found${where}. ${cure}`,
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
