import { execFile } from "node:child_process";
import { copyFile, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { RUNTIME_VERSION, SONAME_SUFFIX } from "../../lib/runtime/pins.js";

/** Libraries that OpenVINO, GenAI, oneTBB, Node or this package open, or might. */
const LIBRARIES = [
  ...["intel_cpu", "intel_gpu", "intel_npu", "auto", "auto_batch", "hetero", "template", "proxy"].map(
    (plugin) => `libopenvino_${plugin}_plugin.so`,
  ),
  ...["ir", "onnx", "paddle", "pytorch", "jax", "tensorflow", "tensorflow_lite", "gguf"].flatMap(
    (frontend) => [
      `libopenvino_${frontend}_frontend.so`,
      `libopenvino_${frontend}_frontend.so.${SONAME_SUFFIX}`,
    ],
  ),
  `libopenvino.so.${SONAME_SUFFIX}`,
  `libopenvino_genai.so.${SONAME_SUFFIX}`,
  "libopenvino_tokenizers.so",
  "libopenvino_llm_core.so",
  "libhwloc.so.15",
  "libiomp5.so",
  "libirml.so.1",
  "libittnotify.so",
  "libOpenCL.so.1",
  "libtbb.so.12",
  "libtbbbind.so.3",
  "libtbbbind_2_0.so.3",
  "libtbbbind_2_5.so.3",
  "libtbbmalloc.so.2",
  "libtcm.so.1",
  "libze_loader.so.1",
];
/** Addons where a look-up that starts in the working folder would find them. */
const ADDONS = ["build/Release/openvino_llm.node", "prebuilds/linux-x64/openvino-llm.node"];
/** Packages that this one imports, itself among them. */
const PACKAGES = [
  "@cfworker/json-schema",
  "commander",
  "eventsource-parser",
  "openvino-llm",
  "openvino-llm-model-smollm2-135m-instruct",
  "openvino-llm-runtime-linux-x64",
  "pure-rand",
  "vega",
  "vega-lite",
];
/** Programs that are started by name. */
const PROGRAMS = ["cc", "cmake", "node", "npm", "npx", "pip", "python", "python3", "sh", "unzip"];
/** Settings that would send npm or pip elsewhere, or bring OpenVINO other plugins, were they read here. */
const SETTINGS: Readonly<Record<string, string>> = {
  ".npmrc": "registry=https://planted.invalid/\nnode-options=--require ./planted.cjs\n",
  "pip.conf": "[global]\nindex-url = https://planted.invalid/simple\n",
  "pip.ini": "[global]\nindex-url = https://planted.invalid/simple\n",
  "setup.cfg": "[easy_install]\nindex_url = https://planted.invalid/simple\n",
  "pyproject.toml": '[build-system]\nrequires = ["planted"]\n',
  "package.json":
    '{ "name": "openvino-llm", "type": "module", "imports": { "#planted": "./planted.cjs" } }\n',
  "plugins.xml": `<ie><plugins>${["CPU", "GPU", "NPU", "AUTO"]
    .map((name) => `<plugin name="${name}" location="libopenvino_intel_gpu_plugin.so"/>`)
    .join("")}</plugins></ie>\n`,
};

/** A folder full of what somebody might leave there to be run, and what of it ran. */
export interface PlantedFolder {
  readonly dir: string;
  /** A child's variables: where what runs leaves its sign, and PATH with entries that name the working folder. */
  readonly env: NodeJS.ProcessEnv;
  /** What ran since the last call. */
  ran(): Promise<string[]>;
}

/** Fills the new folder `dir`, and keeps signs in another one beside it. */
export async function plantFolder(dir: string): Promise<PlantedFolder> {
  const signs = `${dir}-signs`;
  await mkdir(signs, { recursive: true });
  const library = await compileSign(dir);
  const place = async (name: string, content: string, mode = 0o644): Promise<void> => {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), content, { mode });
  };
  for (const name of [
    ...LIBRARIES,
    ...ADDONS,
    ...LIBRARIES.map((name) => `openvino-${RUNTIME_VERSION}/${name}`),
  ]) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await copyFile(library, join(dir, name));
  }
  const script = (name: string): string =>
    `require("node:fs").writeFileSync(${JSON.stringify(join(signs, name.replaceAll("/", "+")))}, "");\n`;
  for (const name of PACKAGES) {
    const folder = `node_modules/${name}`;
    await place(`${folder}/package.json`, JSON.stringify({ name, version: "9.9.9", main: "index.cjs" }));
    await place(`${folder}/index.cjs`, script(name));
  }
  await place("planted.cjs", script("planted.cjs"));
  for (const name of PROGRAMS) {
    await place(name, `#!/bin/sh\n: > '${join(signs, `program ${name}`)}'\nexit 1\n`, 0o755);
  }
  for (const name of ["pip", "json", "zipfile", "sitecustomize"]) {
    await place(`${name}.py`, `open(${JSON.stringify(join(signs, `${name}.py`))}, "w").close()\n`);
  }
  for (const [name, text] of Object.entries(SETTINGS)) await place(name, text);
  return {
    dir,
    // An empty entry of PATH is the working folder, as "." is. They come first.
    env: { PLANTED_SIGNS: signs, PATH: `:.:${process.env["PATH"]}` },
    ran: async () => {
      const names = await readdir(signs);
      await Promise.all(names.map(async (name) => rm(join(signs, name))));
      return names.toSorted();
    },
  };
}

/** A library that leaves a file with its own name as soon as it is loaded. */
async function compileSign(dir: string): Promise<string> {
  const [source, library] = [`${dir}-sign.c`, `${dir}-sign.so`];
  await writeFile(
    source,
    `#define _GNU_SOURCE
     #include <dlfcn.h>
     #include <stdio.h>
     #include <stdlib.h>
     #include <string.h>
     __attribute__((constructor)) static void leave_sign(void) {
       Dl_info self;
       char path[4096];
       const char *signs = getenv("PLANTED_SIGNS");
       if (!signs || !dladdr((void *)leave_sign, &self)) return;
       const char *slash = strrchr(self.dli_fname, '/');
       snprintf(path, sizeof path, "%s/%s", signs, slash ? slash + 1 : self.dli_fname);
       FILE *file = fopen(path, "w");
       if (file) fclose(file);
     }`,
  );
  await mkdir(dir, { recursive: true });
  await promisify(execFile)("cc", ["-shared", "-fPIC", "-o", library, source, "-ldl"]);
  return library;
}
