/** Where the OpenVINO libraries are: looked up, never downloaded. */

import { existsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { cacheDir } from "../cache/cache.js";
import { OpenVinoLlmError } from "../errors/errors.js";
import { requireAt } from "./node-require.js";
import {
  FETCH_COMMAND,
  INSTALL_COMMANDS,
  LOAD_ORDER,
  RUNTIME_PACKAGE,
  RUNTIME_VERSION,
  TOKENIZERS_LIBRARY,
  type RuntimeLibrary,
} from "./pins.js";

/** How a runtime folder is laid out: all libraries side by side, or as pip installs the three wheels. */
export type RuntimeLayout = "flat" | "site-packages";

/** A runtime that was found. All paths are absolute. */
export interface RuntimeLocation {
  /** Which rule found it. */
  source: "env" | "package" | "cache";
  layout: RuntimeLayout;
  /** The flat folder, or the site-packages folder. */
  dir: string;
  /** What to open before the addon's core, in this order: libtbb, libopenvino, libopenvino_genai. */
  libraries: string[];
  tokenizersLibrary: string;
  /** Headers and CMake package for a build of the addon, where they came along. */
  sdkDir: string | null;
}

/** Finds the file of a module, as `require.resolve` does. */
export type ResolveModule = (specifier: string) => string;

/**
 * Finds the runtime: `OPENVINO_LLM_RUNTIME` (a flat folder, or a site-packages folder with the wheels openvino,
 * openvino-genai and openvino-tokenizers), then the installed package `openvino-llm-runtime-linux-x64`, then the cache.
 * A set variable is the only place looked at. That the libraries are of the right version is checked when they are
 * opened.
 *
 * @param resolveModule how the package is found; default: from this file
 * @throws OpenVinoLlmError ERR_RUNTIME_NOT_FOUND naming every place tried and the command that gets the runtime
 */
export function locateRuntime(
  env: Readonly<Record<string, string | undefined>> = process.env,
  resolveModule: ResolveModule = resolveFromHere,
): RuntimeLocation {
  const given = env["OPENVINO_LLM_RUNTIME"];
  if (given) return fromEnvironment(resolve(given));

  const tried = ["OPENVINO_LLM_RUNTIME is not set"];
  const installed = packageFolder(resolveModule);
  if (installed === null) tried.push(`the package ${RUNTIME_PACKAGE} is not installed`);
  else {
    const dir = join(installed, "lib");
    const problem = whatIsWrong(dir, "flat");
    if (problem === null) return location("package", "flat", dir, null);
    tried.push(`${dir}: ${problem}`);
  }

  const entry = join(cacheDir(env), "runtime", RUNTIME_VERSION);
  const dir = join(entry, "lib");
  const problem = whatIsWrong(dir, "flat");
  const sdk = join(entry, "sdk");
  if (problem === null) return location("cache", "flat", dir, existsSync(sdk) ? sdk : null);
  tried.push(`${dir}: ${problem}`);

  throw new OpenVinoLlmError(
    "ERR_RUNTIME_NOT_FOUND",
    `Expected the OpenVINO runtime ${RUNTIME_VERSION} but found it in none of these places:\n` +
      `${tried.map((line) => `  - ${line}\n`).join("")}Get it with: ${commandsToGetRuntime(resolveModule)}`,
  );
}

/** The commands that get the runtime where {@link locateRuntime} found none, for messages. */
export function commandsToGetRuntime(resolveModule: ResolveModule = resolveFromHere): string {
  // A package that is there without libraries is the workspace of a checkout, which npm does not fill.
  return packageFolder(resolveModule) === null ? INSTALL_COMMANDS : FETCH_COMMAND;
}

function fromEnvironment(dir: string): RuntimeLocation {
  const flatProblem = whatIsWrong(dir, "flat");
  if (flatProblem === null) return location("env", "flat", dir, null);
  const siteProblem = whatIsWrong(dir, "site-packages");
  if (siteProblem === null) return location("env", "site-packages", dir, dir);
  throw new OpenVinoLlmError(
    "ERR_RUNTIME_NOT_FOUND",
    `Expected OPENVINO_LLM_RUNTIME to name a folder with the OpenVINO runtime ${RUNTIME_VERSION} but ${dir} is not one:\n` +
      `  - as a flat folder: ${flatProblem}\n  - as a site-packages folder: ${siteProblem}\n` +
      `Correct the variable, or unset it and get the runtime with: ${FETCH_COMMAND}`,
  );
}

/** Throws where the package is not found, and in a bundle of CommonJS, which has no import.meta.url. */
function resolveFromHere(specifier: string): string {
  return requireAt(import.meta.url).resolve(specifier);
}

function packageFolder(resolveModule: ResolveModule): string | null {
  try {
    return dirname(resolveModule(`${RUNTIME_PACKAGE}/package.json`));
  } catch {
    return null;
  }
}

/** Null when `dir` holds every library that has to be opened; otherwise what it lacks. */
function whatIsWrong(dir: string, layout: RuntimeLayout): string | null {
  if (!statSync(dir, { throwIfNoEntry: false })?.isDirectory()) return "no such folder";
  const missing = [...LOAD_ORDER, TOKENIZERS_LIBRARY]
    .map((library) => relativePath(library, layout))
    .filter((path) => !existsSync(join(dir, path)));
  return missing.length === 0 ? null : `lacks ${missing.join(", ")}`;
}

function location(
  source: RuntimeLocation["source"],
  layout: RuntimeLayout,
  dir: string,
  sdkDir: string | null,
): RuntimeLocation {
  return {
    source,
    layout,
    dir,
    libraries: LOAD_ORDER.map((library) => join(dir, relativePath(library, layout))),
    tokenizersLibrary: join(dir, relativePath(TOKENIZERS_LIBRARY, layout)),
    sdkDir,
  };
}

function relativePath(library: RuntimeLibrary, layout: RuntimeLayout): string {
  return layout === "flat" ? library.name : join(library.sitePackages, library.name);
}
