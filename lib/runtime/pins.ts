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

/** The npm package that brings the runtime: an optional dependency of this one, which npm leaves out under `--omit=optional`. */
export const RUNTIME_PACKAGE = "openvino-llm-runtime-linux-x64";

/** The command that gets the runtime from PyPI, for messages. */
export const FETCH_COMMAND = "npx openvino-llm runtime fetch";

/** The commands that get it in an app, for messages; the first brings {@link RUNTIME_PACKAGE}, the second needs Python. */
export const INSTALL_COMMANDS = `npm install --include=optional (or, with Python and pip: ${FETCH_COMMAND})`;

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

/** A library of the runtime. */
export interface RuntimeLibrary {
  /** Its file name, and its place in a flat folder. */
  name: string;
  /** Its folder in a site-packages folder with the wheels. */
  sitePackages: string;
  /** Of the file in its wheel, lower-case hex. */
  sha256: string;
}

/** What must be opened before the addon's core, in this order: each needs those before it. */
export const LOAD_ORDER: readonly RuntimeLibrary[] = [
  {
    name: "libtbb.so.12",
    sitePackages: OPENVINO_LIBS,
    sha256: "ac9518497a4f2cb6729792730f145ee58367316031511923fef263c9ac81ca61",
  },
  {
    name: "libopenvino.so.2641",
    sitePackages: OPENVINO_LIBS,
    sha256: "9b9a80ac1f18e07b13ed54459d9a865bcfe9dc170dbf8fe740c2974b85ecedc1",
  },
  {
    name: "libopenvino_genai.so.2641",
    sitePackages: GENAI_LIBS,
    sha256: "35ff9d1cdb9b509ce4e9dd05415fb0fa4265c849f4a63d4fb2ca500b4d9b5f4d",
  },
];

/** Opened by GenAI itself when it needs a tokenizer. */
export const TOKENIZERS_LIBRARY: RuntimeLibrary = {
  name: "libopenvino_tokenizers.so",
  sitePackages: TOKENIZERS_LIBS,
  sha256: "fb26c5e5ec0beb1949bd2f7a09dc613541d217984e7af5130fef7d42b10a7e78",
};

/** The CPU plugin, the IR reader, the devices AUTO, BATCH and HETERO, and what oneTBB opens by itself. */
const FURTHER_LIBRARIES: Readonly<Record<string, string>> = {
  "libhwloc.so.15": "e91be9f5bc1c87aadb08f2e19ebcb742979adda0a5434f72650a154e317e7fb1",
  "libopenvino_auto_batch_plugin.so": "1e7102276dd42ef917078a09be4f1838c41c3611ca2e10c34fb7ea31f1fef561",
  "libopenvino_auto_plugin.so": "3971fe197490e31479727aa761e8abc972f7967f67eaa39cac75859f1e19e017",
  "libopenvino_hetero_plugin.so": "387eec6f2341230ceb13e1cca0476fcee87ca0e9e2386e2a9db00e6cea8378a9",
  "libopenvino_intel_cpu_plugin.so": "6599e3dd300d047b5ed72f8e48101c5f312c25321f35f57f803641ff8372900b",
  "libopenvino_ir_frontend.so.2641": "554e9fd3d4a0fbc587c14379464b2324e24b8ea736cfb749ad2cd9e74dfc09e0",
  "libtbbbind_2_5.so.3": "179ebd1223abd20a461dc978f24090d7ef7c1308b8dff14e4adfe4a21d75543f",
  "libtbbmalloc.so.2": "0cccbdb4783bf190da19b34540fb7f749b0955ec1982d7ac8e5f398365399895",
};

/** All that the CPU needs: the above. oneTBB opens its allocator, and its binding to cores through hwloc. */
export const RUNTIME_LIBRARIES: readonly RuntimeLibrary[] = [
  ...LOAD_ORDER,
  TOKENIZERS_LIBRARY,
  ...Object.entries(FURTHER_LIBRARIES).map(([name, sha256]) => ({
    name,
    sitePackages: OPENVINO_LIBS,
    sha256,
  })),
];
