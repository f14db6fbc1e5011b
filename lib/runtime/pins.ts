/** The one place that says which OpenVINO this package is built for, and what a runtime folder holds. */

import type { PinnedWheel } from "../download/wheels.js";

/** Version of OpenVINO and of the folder in the cache. */
export const RUNTIME_VERSION = "2026.4.1";

/**
 * Builds as the libraries name themselves (`ov::get_openvino_version().buildNumber` and GenAI's `get_version()`); a
 * branch name may follow, as in "2026.4.1-22982-e213a147257-releases/2026/4". The C++ layout of GenAI's types that the
 * addon is compiled against was measured on this build, so any other is refused.
 */
export const EXPECTED_BUILDS = {
  openvino: "2026.4.1-22982-e213a147257",
  genai: "2026.4.1.0-3408-ab01d1771e4",
} as const;

/** The npm package that can bring the runtime. */
export const RUNTIME_PACKAGE = "openvino-llm-runtime-linux-x64";

/** The command that gets the runtime, for messages. */
export const FETCH_COMMAND = "npx openvino-llm runtime fetch";

/** The published wheels. All binaries come from them, byte-identical. */
export const RUNTIME_WHEELS = {
  openvino: {
    requirement: "openvino==2026.4.1",
    file: "openvino-2026.4.1-22982-cp311-cp311-manylinux_2_28_x86_64.whl",
    sha256: "2d22b1da03f7caf74df30e9f6417d0ab2f637e4a38e08e1dcd294d2c37407aaf",
  },
  tokenizers: {
    requirement: "openvino-tokenizers==2026.4.1.0",
    file: "openvino_tokenizers-2026.4.1.0-py3-none-manylinux_2_28_x86_64.whl",
    sha256: "f30dc9d6dd9e485b10495bcf72fc257f33bf35938da783fbb8f17c98c5ab517f",
  },
  genai: {
    requirement: "openvino-genai==2026.4.1.0",
    file: "openvino_genai-2026.4.1.0-2636-cp311-cp311-manylinux_2_28_x86_64.whl",
    sha256: "445b96c75983847feb4543db49336f67b8eba7c20d00252ef6b930aa5d5d787d",
  },
} as const satisfies Record<string, PinnedWheel>;

/** Folders of a site-packages folder that hold libraries. */
const OPENVINO_LIBS = "openvino/libs";
const GENAI_LIBS = "openvino_genai";
const TOKENIZERS_LIBS = "openvino_tokenizers/lib";

/** A library: its file name in a flat folder, and its folder in a site-packages folder with the wheels. */
export interface RuntimeLibrary {
  name: string;
  sitePackages: string;
}

/** What must be opened before the addon's core, in this order: each needs those before it. */
export const LOAD_ORDER: readonly RuntimeLibrary[] = [
  { name: "libtbb.so.12", sitePackages: OPENVINO_LIBS },
  { name: "libopenvino.so.2641", sitePackages: OPENVINO_LIBS },
  { name: "libopenvino_genai.so.2641", sitePackages: GENAI_LIBS },
];

/** Opened by GenAI itself when it needs a tokenizer. */
export const TOKENIZERS_LIBRARY: RuntimeLibrary = {
  name: "libopenvino_tokenizers.so",
  sitePackages: TOKENIZERS_LIBS,
};

/**
 * All that the CPU needs: the above, the CPU plugin, the IR reader, the devices AUTO, BATCH and HETERO, and what
 * oneTBB opens by itself (its allocator, and its binding to cores through hwloc).
 */
export const RUNTIME_LIBRARIES: readonly RuntimeLibrary[] = [
  ...LOAD_ORDER,
  TOKENIZERS_LIBRARY,
  ...[
    "libhwloc.so.15",
    "libopenvino_auto_batch_plugin.so",
    "libopenvino_auto_plugin.so",
    "libopenvino_hetero_plugin.so",
    "libopenvino_intel_cpu_plugin.so",
    "libopenvino_ir_frontend.so.2641",
    "libtbbbind_2_5.so.3",
    "libtbbmalloc.so.2",
  ].map((name) => ({ name, sitePackages: OPENVINO_LIBS })),
];
