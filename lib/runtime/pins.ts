/** What a runtime folder holds, and where its files come from. */

import type { PinnedWheel } from "../download/wheels.js";
import { OPENVINO_BUILD } from "./openvino-build.js";

/** Version of OpenVINO and of the folder in the cache. */
export const RUNTIME_VERSION: string = OPENVINO_BUILD.version;

/** How the names of its libraries end: "2641" for 2026.4.1. */
export const SONAME_SUFFIX = RUNTIME_VERSION.replace(/^20(\d+)\.(\d+)\.(\d+)$/, "$1$2$3");

/**
 * Builds as the libraries name themselves (`ov::get_openvino_version().buildNumber` and GenAI's `get_version()`); a
 * branch name may follow, as in "2026.4.1-22982-e213a147257-releases/2026/4". The C++ layout of GenAI's types that the
 * addon is compiled against was measured on this build, so any other is refused.
 */
export const EXPECTED_BUILDS: Readonly<Record<"openvino" | "genai", string>> = OPENVINO_BUILD.builds;

/** The npm package that brings the runtime: an optional dependency of this one, which npm leaves out under `--omit=optional`. */
export const RUNTIME_PACKAGE = "openvino-llm-runtime-linux-x64";

/** The command that gets the runtime from PyPI, for messages. */
export const FETCH_COMMAND = "npx openvino-llm runtime fetch";

/** The commands that get it in an app, for messages; the first brings {@link RUNTIME_PACKAGE}, the second needs Python. */
export const INSTALL_COMMANDS = `npm install --include=optional (or, with Python and pip: ${FETCH_COMMAND})`;

function wheel(project: string, pinned: { version: string; file: string; sha256: string }): PinnedWheel {
  return { requirement: `${project}==${pinned.version}`, file: pinned.file, sha256: pinned.sha256 };
}

/** The published wheels. All binaries come from them, byte-identical. */
export const RUNTIME_WHEELS = {
  openvino: wheel("openvino", OPENVINO_BUILD.wheels.openvino),
  tokenizers: wheel("openvino-tokenizers", OPENVINO_BUILD.wheels.tokenizers),
  genai: wheel("openvino-genai", OPENVINO_BUILD.wheels.genai),
};

/** A library of the runtime. */
export interface RuntimeLibrary {
  /** Its file name, and its place in a flat folder. */
  name: string;
  /** Its folder in a site-packages folder with the wheels. */
  sitePackages: string;
  /** Of the file in its wheel, lower-case hex. */
  sha256: string;
}

/** Folders of a site-packages folder that hold libraries, by what the names of these begin with. */
const FOLDERS = [
  ["libopenvino_genai.", "openvino_genai"],
  ["libopenvino_tokenizers.", "openvino_tokenizers/lib"],
  ["", "openvino/libs"],
] as const;

/**
 * All that the CPU needs: the libraries below, the CPU plugin, the IR reader, the devices AUTO, BATCH and HETERO, and what
 * oneTBB opens by itself: its allocator, and its binding to cores through hwloc.
 */
export const RUNTIME_LIBRARIES: readonly RuntimeLibrary[] = Object.entries(OPENVINO_BUILD.libraries).map(
  ([name, sha256]) => {
    const [, sitePackages = ""] = FOLDERS.find(([start]) => name.startsWith(start)) ?? [];
    return { name, sitePackages, sha256 };
  },
);

function library(start: string): RuntimeLibrary {
  const found = RUNTIME_LIBRARIES.find(({ name }) => name.startsWith(start));
  if (found === undefined) throw new Error(`No library of the runtime begins with ${start}`);
  return found;
}

/** What must be opened before the addon's core, in this order: each needs those before it. */
export const LOAD_ORDER: readonly RuntimeLibrary[] = [
  library("libtbb."),
  library("libopenvino."),
  library("libopenvino_genai."),
];

/** Opened by GenAI itself when it needs a tokenizer. */
export const TOKENIZERS_LIBRARY: RuntimeLibrary = library("libopenvino_tokenizers.");
